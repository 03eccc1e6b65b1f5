"""Coming in: the password, too many passwords, the second factor, and the cookies of the staff."""

import re
import time
from binascii import unhexlify
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from auposte import second_factor
from auposte.staff_views import LOGINS_PER_ADDRESS
from tests.admin.html import text_of
from tests.admin.world import PASSWORD, person

LOGIN, CODE, FACTOR, INDEX = (
    "/admin/login/",
    "/admin/login/code/",
    "/admin/second-facteur/",
    "/admin/",
)
SignIn = Callable[[str], Client]


def give_password(client: Client, name: str = "editor", password: str = PASSWORD, **more: str):
    return client.post(LOGIN, {"username": name, "password": password, **more})


def code_of(key: str, steps: int = 0) -> str:
    """What the telephone's app shows, `steps` half minutes from now."""
    return f"{totp(unhexlify(key), t0=-30 * steps):06d}"


@pytest.fixture
def factor(db: None) -> str:
    """The key of the editor's second factor."""
    key = second_factor.new_key()
    second_factor.enrol(user=person("editor"), key=key, code=code_of(key, -1))
    return key


def inside(client: Client) -> bool:
    return client.get(INDEX).status_code == 200


def test_a_password_opens(client: Client, db: None) -> None:
    person("editor")
    response = give_password(client, next="/admin/broadcasts/broadcast/")
    assert response["Location"] == "/admin/broadcasts/broadcast/"
    assert inside(client)
    assert client.get(LOGIN)["Location"] == INDEX
    client.post("/admin/logout/")
    assert not inside(client)


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "javascript:x"])
def test_the_login_sends_nobody_elsewhere(elsewhere: str, client: Client, db: None) -> None:
    person("editor")
    assert give_password(client, next=elsewhere)["Location"] == INDEX


def test_readers_do_not_come_in(client: Client, db: None) -> None:
    person("reader")
    assert give_password(client, "reader").status_code == 200
    assert not inside(client)


def test_cookies_live_under_the_admin(client: Client, db: None) -> None:
    person("editor")
    client.get(LOGIN)
    give_password(client)
    assert set(client.cookies) == {"sessionid", "csrftoken"}
    for cookie in client.cookies.values():
        assert cookie["path"] == "/admin/"
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_no_form_works_without_its_token(db: None) -> None:
    person("editor")
    strict = Client(enforce_csrf_checks=True)
    refused = give_password(strict)
    assert refused.status_code == 403
    assert "Ce formulaire a vieilli" in text_of(refused)
    assert b"<style" not in refused.content
    assert strict.post(FACTOR).status_code in {302, 403}


def test_ten_wrong_passwords_close_the_account_to_that_address(db: None) -> None:
    person("editor")
    attacker = Client(REMOTE_ADDR="203.0.113.7")
    answers = [give_password(attacker, password=f"essai-{n}").status_code for n in range(10)]
    assert answers == [200] * 9 + [429]
    locked = give_password(attacker)
    assert locked.status_code == 429
    assert locked["Retry-After"] == "900"
    assert "Trop d’essais de connexion." in text_of(locked)
    assert "pendant 15 minutes" in text_of(locked)
    assert b"admin_extra/auposte" in locked.content
    assert not inside(attacker)
    # The person comes in from home, and the attacker's address to another account as before.
    assert give_password(Client(REMOTE_ADDR="198.51.100.9")).status_code == 302
    assert give_password(attacker, "owner").status_code == 200


def test_a_superuser_lifts_the_lockout(owner: Client) -> None:
    person("editor")
    stranger = Client(REMOTE_ADDR="203.0.113.7")
    for attempt in range(10):
        give_password(stranger, password=f"essai-{attempt}")
    pk = User.objects.get(username="editor").pk
    owner.post("/admin/auth/user/", {"action": "lift_lockout", "_selected_action": [pk]})
    assert give_password(stranger).status_code == 302


def test_one_address_does_not_try_every_account(db: None) -> None:
    sprayer = Client(REMOTE_ADDR="203.0.113.8")
    for attempt in range(LOGINS_PER_ADDRESS):
        assert give_password(sprayer, f"compte{attempt}", "azerty").status_code == 200
    assert give_password(sprayer, "encore-un", "azerty").status_code == 429


def test_a_second_factor_is_set_up(editor: Client) -> None:
    page = editor.get(FACTOR)
    assert page.status_code == 200
    assert "<svg" in page.content.decode()
    key = editor.session["second_factor_key"]
    assert second_factor.key_for_typing(key) in page.content.decode()
    assert not TOTPDevice.objects.exists()
    refused = editor.post(FACTOR, {"code": "abc"})
    assert "Ce code n’est pas le bon" in text_of(refused)
    assert editor.session["second_factor_key"] == key
    done = editor.post(FACTOR, {"code": code_of(key)})
    codes = re.findall(r"<code>(\w{4} \w{4})</code>", done.content.decode())
    assert len(set(codes)) == 8
    assert "On ne vous les montrera plus" in text_of(done)
    assert inside(editor)
    assert codes[0] not in editor.get(FACTOR).content.decode()


def test_other_sessions_of_the_account_must_show_it_too(staff: SignIn) -> None:
    here, elsewhere = staff("editor"), staff("editor")
    assert inside(elsewhere)
    here.get(FACTOR)
    here.post(FACTOR, {"code": code_of(here.session["second_factor_key"])})
    assert inside(here)
    assert not inside(elsewhere)
    assert elsewhere.get(FACTOR)["Location"].startswith(LOGIN)
    elsewhere.post(FACTOR, {"code": "123456", "remove": "x"})
    assert TOTPDevice.objects.count() == 1


def test_the_password_alone_opens_nothing(factor: str, client: Client) -> None:
    response = give_password(client, next="/admin/guests/guest/")
    assert response["Location"] == CODE
    assert not inside(client)
    assert "_auth_user_id" not in client.session
    wrong = client.post(CODE, {"code": "000000"})
    assert "Ce code n’est pas le bon" in text_of(wrong)
    assert not inside(client)


def test_the_code_opens_once(factor: str, client: Client) -> None:
    give_password(client, next="/admin/guests/guest/")
    code = code_of(factor)
    response = client.post(CODE, {"code": f"{code[:3]} {code[3:]}"})
    assert response["Location"] == "/admin/guests/guest/"
    assert inside(client)
    other = Client()
    give_password(other)
    assert "il a déjà servi" in text_of(other.post(CODE, {"code": code}))
    assert not inside(other)


def test_a_colleagues_code_does_not_open(factor: str, client: Client) -> None:
    key = second_factor.new_key()
    colleague = person("treasurer")
    enrolment = second_factor.enrol(user=colleague, key=key, code=code_of(key, -1))
    give_password(client)
    for code in (code_of(key), enrolment.recovery_codes[0]):
        client.post(CODE, {"code": code})
        assert "_auth_user_id" not in client.session


def test_guessing_codes_is_slowed(factor: str, client: Client) -> None:
    give_password(client)
    for guess in ("111111", "222222", "333333"):
        page = client.post(CODE, {"code": guess})
    assert "Trop d’essais" in text_of(page)
    page = client.post(CODE, {"code": code_of(factor)})
    assert "Trop d’essais" in text_of(page)
    assert not inside(client)


def test_a_recovery_code_opens_once(factor: str, client: Client) -> None:
    codes = second_factor.new_recovery_codes(user=User.objects.get(username="editor"))
    for browser, works in ((client, True), (Client(), False)):
        give_password(browser)
        browser.post(CODE, {"code": codes[0].upper()})
        assert inside(browser) is works


@pytest.mark.parametrize("change", ["late", "password", "inactive", "nothing asked"])
def test_the_page_of_the_code_waits_for_one_person_only(
    change: str, factor: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = User.objects.get(username="editor")
    if change != "nothing asked":
        give_password(client)
    if change == "late":
        later = time.time() + 301
        monkeypatch.setattr("auposte.staff_views.time.time", lambda: later)
    elif change == "password":
        user.set_password("un-autre-secret")
        user.save()
    elif change == "inactive":
        User.objects.update(is_active=False)
    for response in (client.get(CODE), client.post(CODE, {"code": code_of(factor)})):
        assert (response.status_code, response["Location"]) == (302, LOGIN)
    monkeypatch.undo()
    assert not inside(client)


def test_the_factor_is_removed_with_a_code_only(factor: str, client: Client) -> None:
    give_password(client)
    client.post(CODE, {"code": code_of(factor)})
    client.post(FACTOR, {"code": "000000", "remove": "x"})
    assert TOTPDevice.objects.exists()
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    client.post(FACTOR, {"code": code_of(factor, 1), "remove": "x"})
    assert not TOTPDevice.objects.exists()
    assert inside(client)


def test_new_recovery_codes_replace_the_old_and_keep_the_session(
    factor: str, client: Client
) -> None:
    user = User.objects.get(username="editor")
    codes = second_factor.new_recovery_codes(user=user)
    give_password(client)
    client.post(CODE, {"code": codes[0]})
    page = client.post(FACTOR, {"code": codes[1], "renew": "x"}).content.decode()
    fresh = re.findall(r"<code>(\w{4} \w{4})</code>", page)
    assert len(fresh) == 8
    assert inside(client)
    with pytest.raises(second_factor.CodeError):
        second_factor.check_code(user=user, code=codes[2])


def test_a_superuser_helps_who_lost_the_telephone(factor: str, owner: Client) -> None:
    pk = User.objects.get(username="editor").pk
    owner.post("/admin/auth/user/", {"action": "remove_second_factor", "_selected_action": [pk]})
    client = Client()
    assert give_password(client)["Location"] == INDEX
    assert inside(client)


def test_where_it_is_compulsory_nothing_comes_before_it(settings: object, staff: SignIn) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    client = staff("owner")
    for address in (INDEX, "/admin/auth/user/", "/admin/password_change/", "/admin/jsi18n/"):
        assert client.get(address)["Location"] == FACTOR, address
        assert client.post(address)["Location"] == FACTOR, address
    page = client.get(FACTOR)
    assert "chaque compte a un second facteur" in text_of(page)
    client.post(FACTOR, {"code": code_of(client.session["second_factor_key"])})
    assert inside(client)
    other = staff("treasurer")
    other.post("/admin/logout/")
    assert "_auth_user_id" not in other.session
