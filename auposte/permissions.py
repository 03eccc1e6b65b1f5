"""Who may do what: three groups, made and kept by each deployment.

*Éditeur·ice* writes the site (people, broadcasts, series, tags, mottoes, old addresses), runs the
errands to the video platforms, has the last word on what is live and sees the campaigns' budget.
The outlet's own pages are theirs, the messages to the newsroom, and the newsletter's list, since
they send it. Deleting a redirect, which would break a link, stays with superusers.

*Trésorier·e* sees all that concerns money (ledger, gifts, donors, Stripe's events, letters),
records gifts that never saw Stripe and takes them back, changes campaigns and their lines, opens
and closes the till, has an event replayed and a letter sent again. The ledger, the events
and the progress have no form for anybody.

*Modérateur·ice* reads broadcasts and takes care of what donors show in public: a gift's name and
message, nothing else of it; during a live they mark moments. They see neither e-mail addresses nor
Stripe's references.

Nobody but a superuser manages accounts. A group's rights are these at every `migrate`: for other
rights make another group.
"""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps

if TYPE_CHECKING:
    from django.db.models import QuerySet

EDITOR, TREASURER, MODERATOR = "Éditeur·ice", "Trésorier·e", "Modérateur·ice"

VIEW, WRITE, ALL = ("view",), ("view", "add", "change"), ("view", "add", "change", "delete")

# The others' permissions mean nothing here: their models have no page, or superusers only.
APPS = ("guests", "broadcasts", "outlet", "donations")

# group → app → model → verbs
RIGHTS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    EDITOR: {
        "guests": {"guest": ALL},
        "broadcasts": {
            "broadcast": ALL,
            "appearance": ALL,
            "audio": ALL,
            "chapter": ALL,
            "correction": ALL,
            "videosource": ALL,
            "series": ALL,
            "tag": ALL,
            "tagalias": ALL,
            "motto": ALL,
            "redirect": WRITE,
            "syncjob": ("view", "change"),
            "syncrun": VIEW,
            "outgoinglink": VIEW,
            "apiusage": VIEW,
            "videoproposal": ("view", "change"),
            "transcript": ALL,
            "quote": ("view", "change"),
            "cue": VIEW,
            "airing": ("view", "change"),
            "airingchange": VIEW,
            "mark": ALL,
        },
        "outlet": {
            "page": WRITE,
            "subscriber": ("view", "delete"),
            "contactmessage": ("view", "change", "delete"),
            "outgoingletter": VIEW,
        },
        "donations": {"campaign": VIEW, "budgetline": VIEW, "progress": VIEW},
    },
    TREASURER: {
        "guests": {"guest": VIEW},
        "broadcasts": {"broadcast": VIEW, "series": VIEW},
        "donations": {
            "campaign": ALL,
            "budgetline": ALL,
            "progress": VIEW,
            # "delete" erases the person: the row stays, empty.
            "donor": ("view", "change", "delete"),
            "stripecustomer": VIEW,
            "gift": ("view", "add"),
            "ledgerentry": VIEW,
            "stripeevent": ("view", "change"),
            "outgoingemail": ("view", "change"),
            "givingsettings": ("view", "change"),
            "budgetchange": VIEW,
            "subscription": ("view", "change"),
            "refundorder": ("view", "add"),
            "dispute": VIEW,
            "fraudwarning": VIEW,
            "donoraction": VIEW,
            "giftimport": ("view", "add"),
            "giftimportrow": VIEW,
            "reconciliationrun": ("view", "add"),
            "discrepancy": VIEW,
            "payout": VIEW,
            "payoutline": VIEW,
            "receiptissuer": WRITE,
            "receipt": ("view", "add", "change"),
            "receiptitem": VIEW,
            "receiptidentity": VIEW,
            "receiptrun": ("view", "add", "change"),
            "crossing": VIEW,
        },
    },
    MODERATOR: {
        "guests": {"guest": VIEW},
        "broadcasts": {"broadcast": VIEW, "series": VIEW, "tag": VIEW, "mark": WRITE},
        "donations": {"gift": ("view", "change")},
    },
}

FRENCH_VERBS = {
    "add": "Ajouter",
    "change": "Modifier",
    "delete": "Supprimer",
    "view": "Voir",
}


def keep_groups(app_config: AppConfig, using: str, apps: Apps = installed, **_: Any) -> None:
    """After an app's migration: its permissions speak French, and the groups have theirs.

    A `post_migrate` receiver, since a data migration sees no permission on a fresh database and
    what it makes vanishes at the first flush. Running it again changes nothing.
    """
    if app_config.label not in APPS:
        return
    try:
        groups = apps.get_model("auth", "Group")._default_manager.using(using)
        permissions = apps.get_model("auth", "Permission")._default_manager.using(using)
    except LookupError:  # a partial migration: the accounts have no tables yet
        return
    of_app = permissions.filter(content_type__app_label=app_config.label)
    _translate(app_config, of_app)
    for name, rights in RIGHTS.items():
        models = rights.get(app_config.label, {})
        codenames = {f"{verb}_{model}" for model, verbs in models.items() for verb in verbs}
        group, _created = groups.get_or_create(name=name)
        group.permissions.remove(*of_app.filter(group=group).exclude(codename__in=codenames))
        group.permissions.add(*of_app.filter(codename__in=codenames))


def _translate(app_config: AppConfig, permissions: "QuerySet[Any]") -> None:
    """Django names permissions in English, whatever the language: « Can add émission »."""
    changed = []
    for permission in permissions.filter(name__startswith="Can ").select_related("content_type"):
        verb = FRENCH_VERBS.get(permission.codename.partition("_")[0])
        model = app_config.models.get(permission.content_type.model)
        if verb is not None and model is not None:
            permission.name = f"{verb} : {model._meta.verbose_name}"
            changed.append(permission)
    permissions.bulk_update(changed, ["name"])
