"""The three groups are what the code says, however often and from wherever it is said."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.test import Client

from auposte.permissions import APPS, EDITOR, MODERATOR, RIGHTS, TREASURER

pytestmark = pytest.mark.django_db


def rights() -> dict[str, set[str]]:
    return {
        group.name: {permission.codename for permission in group.permissions.all()}
        for group in Group.objects.all()
    }


def migrate_again() -> None:
    for config in apps.get_app_configs():
        post_migrate.send(sender=config, app_config=config, using="default", apps=apps)


def test_groups_have_the_rights_that_are_written() -> None:
    written = {
        name: {
            f"{verb}_{model}"
            for models in of_apps.values()
            for model, verbs in models.items()
            for verb in verbs
        }
        for name, of_apps in RIGHTS.items()
    }
    assert rights() == written  # a misspelt model would be missing on the left
    assert set(written) == {EDITOR, TREASURER, MODERATOR}


def test_doing_it_again_changes_nothing() -> None:
    before = rights()
    names = list(Permission.objects.order_by("pk").values_list("pk", "name"))
    migrate_again()
    assert rights() == before
    assert list(Permission.objects.order_by("pk").values_list("pk", "name")) == names


def test_rights_that_drifted_come_back_and_other_groups_are_left_alone() -> None:
    before = rights()
    own = Group.objects.create(name="Stagiaires")
    own.permissions.add(Permission.objects.get(codename="view_motto"))
    editor = Group.objects.get(name=EDITOR)
    editor.permissions.add(Permission.objects.get(codename="view_donor"))
    editor.permissions.remove(Permission.objects.get(codename="change_broadcast"))
    Group.objects.get(name=MODERATOR).delete()
    migrate_again()
    assert rights() == {**before, "Stagiaires": {"view_motto"}}


@pytest.mark.django_db(transaction=True)
def test_groups_survive_a_flush() -> None:
    before = rights()
    assert before[EDITOR]
    call_command("flush", interactive=False, verbosity=0)
    assert rights() == before


def test_permissions_speak_french() -> None:
    ours = Permission.objects.filter(content_type__app_label__in=APPS)
    assert not ours.filter(name__startswith="Can ").exists()
    assert ours.get(codename="change_broadcast").name == "Modifier : émission"


def test_an_account_begins_with_a_name_and_a_password(owner: Client) -> None:
    typed = {"username": "nouvelle", "password1": "une-longue-nuit-42"}
    address = "/admin/auth/user/add/"
    assert owner.post(address, typed).status_code == 200
    made = owner.post(address, {**typed, "password2": typed["password1"]})
    account = User.objects.get(username="nouvelle")
    assert made["Location"] == f"/admin/auth/user/{account.pk}/change/"
    assert account.check_password(typed["password1"])
    assert not account.is_staff


def test_only_superusers_manage_accounts(client: Client) -> None:
    from tests.admin.world import person

    user = person("editor")
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for address in (
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        f"/admin/auth/user/{user.pk}/change/",
        f"/admin/auth/user/{user.pk}/password/",
        "/admin/auth/group/",
    ):
        assert client.get(address).status_code == 403, address
        assert client.post(address, {"is_superuser": "on"}).status_code == 403, address
    user.refresh_from_db()
    assert not user.is_superuser
