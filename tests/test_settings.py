"""Wrong or missing settings stop every process at start, each with one clear line.

Each test starts a process of its own, with an environment in which nothing else is set.
"""

import ast
import json
import os
import re
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import pytest

from tests.environment import ROOT

EXAMPLE = ROOT / ".env.example"
SETTINGS = ROOT / "auposte" / "settings.py"

PUBLIC = {
    "SITE_URL": "https://auposte.test",
    "SECRET_KEY": "kT5vR8xW2yB4nM7qL0pD9sF3gH6jC1zA-production-like-0123",
    "DATABASE_URL": "postgres://auposte:secret@db.invalid/auposte",
    "REDIS_URL": "redis://valkey.invalid:6379/0",
    "EMAIL_URL": "smtp+tls://auposte:secret@smtp.invalid:587",
    "DEFAULT_FROM_EMAIL": "Au Poste <bonjour@auposte.test>",
    "STRIPE_SECRET_KEY": "sk_live_0123456789",
    "STRIPE_WEBHOOK_SECRET": "whsec_0123456789",
    "YOUTUBE_CHANNEL_ID": "UCauposte-0123456789_-az",
    "YOUTUBE_API_KEY": "AIza-0123456789",
    "PEERTUBE_CHANNEL": "auposte@video.auposte.test",
    "TRUST_PROXY": "true",
    "STATIC_ROOT": str(ROOT / "tests" / "payloads" / "collected"),
}

LOCAL = PUBLIC | {
    "SITE_URL": "http://127.0.0.1:8000",
    "STRIPE_SECRET_KEY": "sk_test_0123456789",
    "EMAIL_URL": "memorymail://",
}

ABSENT = "manque : voir .env.example."
UNREADABLE = "est illisible : voir .env.example."
NO_POSTGRES = "doit désigner un PostgreSQL : postgres://compte:secret@hote/base."
NO_SITE = "doit ressembler à https://exemple.fr, sans chemin."

# Variable → wrong values, each with the line that tells it (after the variable's name).
WRONG: dict[str, list[tuple[str, str]]] = {
    "SECRET_KEY": [
        ("", ABSENT),
        ("changeme", "est trop faible : 50 caractères au hasard."),
        ("a" * 60, "est trop faible : 50 caractères au hasard."),
        (f"django-insecure-{PUBLIC['SECRET_KEY']}", "est trop faible : 50 caractères au hasard."),
    ],
    "DATABASE_URL": [
        ("", ABSENT),
        ("auposte", NO_POSTGRES),
        ("sqlite:///db.sqlite3", NO_POSTGRES),
        ("mysql://u:secret@db/auposte", NO_POSTGRES),
        ("postgres://u:se%cret@db/auposte", UNREADABLE),
        ("postgres://u:secret@[db/auposte", UNREADABLE),
        (
            "postgres://u:sec/ret@db/auposte",
            "a un port ou un mot de passe illisible : voir .env.example.",
        ),
        (
            "postgres://u:secret@db",
            "ne nomme pas de base : postgres://compte:secret@hote/base.",
        ),
    ],
    "REDIS_URL": [
        ("", ABSENT),
        ("http://valkey:6379", "doit commencer par redis://, rediss:// ou unix://."),
        ("redis+socket:///run/v.sock", "doit commencer par redis://, rediss:// ou unix://."),
        ("redis://[valkey", UNREADABLE),
        ("redis://", "doit nommer un serveur : redis://hote:6379/0."),
        ("redis://valkey:6379/cache", "doit finir par un numéro de base : redis://hote:6379/0."),
        (
            "unix://valkey.sock",
            "doit nommer une socket : unix:///chemin/valkey.sock?db=0.",
        ),
    ],
    "EMAIL_URL": [
        ("smtp.example.org", "doit commencer par smtp://, smtp+tls:// ou smtp+ssl://."),
        ("smtp://host:secret", UNREADABLE),
        ("smtp://", "doit nommer un serveur : smtp+tls://compte:secret@hote:587."),
        ("filemail:///", "doit nommer un dossier : filemail:///chemin."),
        ("memorymail://", "doit nommer un serveur SMTP sur un site public."),
    ],
    "DEFAULT_FROM_EMAIL": [
        ("", "doit nommer votre adresse d’envoi."),
        ("Au Poste", "doit ressembler à Au Poste <bonjour@exemple.fr>."),
    ],
    "CONTACT_EMAIL": [
        (
            "Au Poste <dons@auposte.test>",
            "doit être une adresse seule : bonjour@exemple.fr.",
        ),
        ("dons", "doit être une adresse seule : bonjour@exemple.fr."),
    ],
    "TREASURER_EMAIL": [("foo", "doit être une adresse seule : bonjour@exemple.fr.")],
    "SECURITY_CONTACTS": [
        ("foo", "nomme des adresses : bonjour@exemple.fr ou https://…"),
        ("https:///x", "nomme des adresses : bonjour@exemple.fr ou https://…"),
    ],
    "ROBOTS_REFUSED": [
        ("CCBot, GPT Bot", "nomme des robots, sans espace ni accent : GPTBot."),
        ("Écho", "nomme des robots, sans espace ni accent : GPTBot."),
        ("*", "nomme des robots, sans espace ni accent : GPTBot."),
    ],
    "TWITCH_CHANNEL": [("a b/c?d", "doit être le nom d’une chaîne, sans adresse.")],
    "MEDIA_ROOT": [("/dev/null/media", "nomme un dossier où ce compte ne peut pas écrire.")],
    "NGINX_CACHE": [
        ("/nonexistent/cache", "doit être un dossier que ce compte peut vider."),
        ("/dev/null", "doit être un dossier que ce compte peut vider."),
    ],
    "STATIC_ROOT": [("/nonexistent", "est vide : lancez d’abord manage.py collectstatic.")],
    "STRIPE_SECRET_KEY": [
        ("", ABSENT),
        ("pk_live_0123", "doit être une clé secrète Stripe."),
    ],
    "STRIPE_WEBHOOK_SECRET": [
        ("", ABSENT),
        ("sk_live_0123", "doit commencer par whsec_."),
    ],
    # Read as SITE_URL is.
    "PEERTUBE_URL": [
        ("video.example.org", NO_SITE),
        ("https://video.example.org:port", UNREADABLE),
        ("https://me@video.example.org", NO_SITE),
        ("https://video.example.org/w", NO_SITE),
        (
            "https://vidéo.example.org",
            "doit ressembler à https://exemple.fr, sans accent ni signe.",
        ),
        ("http://video.example.org", "doit être en https sur un site public."),
    ],
    "YOUTUBE_API_KEY": [("", "manque : YOUTUBE_CHANNEL_ID la demande.")],
    "YOUTUBE_CHANNEL_ID": [
        ("@auposte", "doit avoir 24 signes et commencer par UC."),
        ("UCdemo", "doit avoir 24 signes et commencer par UC."),
    ],
    "YOUTUBE_API_BASE": [("http://127.0.0.1:8002", "ne va pas avec un site public.")],
    "PEERTUBE_CHANNEL": [
        (
            "https://video.example.org/c/auposte",
            "doit être le nom d’une chaîne, sans adresse ni espace.",
        ),
        ("au poste", "doit être le nom d’une chaîne, sans adresse ni espace."),
    ],
    "GIFT_MINIMUM_CENTS": [
        ("abc", "doit être un nombre entier, pas « abc »."),
        ("1", "doit valoir au moins 50, pas 1."),
        ("12.50", "doit être un nombre entier, pas « 12.50 »."),
    ],
    "GIFT_MAXIMUM_CENTS": [("100", "doit dépasser GIFT_MINIMUM_CENTS.")],
    "GIFT_PRESETS_CENTS": [
        ("5 €, 10 €", "doit être une liste de centimes, comme 500,1000,2000."),
        ("0,500", "doit être une liste de centimes, comme 500,1000,2000."),
        (",", "doit être une liste de centimes, comme 500,1000,2000."),
        ("500,2000000", "doit finir entre GIFT_MINIMUM_CENTS et le maximum."),
    ],
    "GIFT_SESSION_MINUTES": [
        ("30", "doit valoir au moins 31, pas 30."),
        ("1440", "doit valoir au plus 1439."),
    ],
    "STRIPE_STATEMENT_PREFIX": [
        ("ÉMISSIONS", "doit avoir une lettre, sans accent ni < > \\ ' \" *."),
        ("1312", "doit avoir une lettre, sans accent ni < > \\ ' \" *."),
    ],
    "GIVING_IBAN": [
        ("FR76 3000 6000 0112 3456 7890 188", "est faux : vérifiez chaque signe."),
        ("FR76", "est faux : vérifiez chaque signe."),
    ],
    "GIVING_BIC": [("AGRIFRP", "doit avoir 8 ou 11 signes.")],
    "DEBUG": [
        ("maybe", "doit valoir true ou false, pas « maybe »."),
        ("true", "ne va pas avec un site public."),
    ],
    "TRUST_PROXY": [("2", "doit valoir true ou false, pas « 2 ».")],
    "ALLOWED_HOSTS": [
        ("*", "doit nommer les hôtes du site."),
        ("auposte.test,*", "doit nommer les hôtes du site."),
        (
            "https://auposte.test",
            "nomme des hôtes, sans port : pas « https://auposte.test ».",
        ),
        ("auposte.test:443", "nomme des hôtes, sans port : pas « auposte.test:443 »."),
        ("www.auposte.test", "doit comprendre l’hôte de SITE_URL, auposte.test."),
    ],
}

# All variables together, once with the first wrong value of each, once with the second, …
SETS = [
    {name: case for name, case in zip(WRONG, cases, strict=True) if case}
    for cases in zip_longest(*WRONG.values())
]

# What depends on more than one variable, with all the lines that it gives.
TOGETHER: list[tuple[dict[str, str], dict[str, str], list[str]]] = [
    (PUBLIC, {"SITE_URL": ""}, [f"SITE_URL {ABSENT}"]),
    (PUBLIC, {"SITE_URL": "https://[auposte"}, [f"SITE_URL {UNREADABLE}"]),
    (
        PUBLIC,
        {"SITE_URL": "http://auposte.test"},
        ["SITE_URL doit être en https hors de cette machine."],
    ),
    (
        LOCAL,
        {"STRIPE_SECRET_KEY": "rk_live_0123", "STRIPE_API_BASE": "https://stripe.example.org"},
        [
            "STRIPE_API_BASE est réservé aux clés de test : pas de clé live.",
            "STRIPE_API_BASE ne peut être que sur cette machine.",
            "STRIPE_SECRET_KEY est une clé live, mais SITE_URL est local.",
        ],
    ),
    (
        LOCAL,
        {
            "YOUTUBE_API_BASE": "https://youtube.example.org",
            "EMAIL_URL": "filemail:////dev/null/mail",
        },
        [
            "EMAIL_URL nomme un dossier où ce compte ne peut pas écrire.",
            "YOUTUBE_API_BASE ne peut être que sur cette machine.",
        ],
    ),
    (
        PUBLIC,
        {
            "STRIPE_API_BASE": "http://127.0.0.1:8001",
            "STRIPE_STATEMENT_PREFIX": "AU POSTE MEDIA",
            "STRIPE_STATEMENT_SUFFIX": "SOUTIEN",
        },
        [
            "STRIPE_API_BASE est réservé aux clés de test : pas de clé live.",
            "STRIPE_STATEMENT_PREFIX et STRIPE_STATEMENT_SUFFIX sont trop longs : "
            "« AU POSTE MEDIA* SOUTIEN » dépasse 22 caractères.",
        ],
    ),
]

WSGI = ("-c", "import auposte.wsgi")


def start(
    *command: str, environment: dict[str, str], timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run Python with these settings and no others."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def lines_of(process: subprocess.CompletedProcess[str]) -> list[str]:
    """What was said on standard error, with plain spaces and without the checks' numbers."""
    plain = process.stderr.replace("\u00a0", " ").replace("\u202f", " ")
    said = [line.removeprefix("auposte : ") for line in plain.splitlines()]
    return sorted(re.sub(r" \(auposte\.E\d{3}\)$", "", line) for line in said)


@pytest.mark.parametrize("wrong", SETS)
def test_each_wrong_setting_is_told_in_one_line(wrong: dict[str, tuple[str, str]]) -> None:
    values = {name: value for name, (value, _line) in wrong.items()}
    process = start(*WSGI, environment=PUBLIC | values)

    assert process.returncode == 1
    assert lines_of(process) == sorted(f"{name} {line}" for name, (_value, line) in wrong.items())
    for secret in ("secret", "0123"):
        assert secret not in process.stderr.replace("compte:secret@", "")


@pytest.mark.parametrize(("good", "wrong", "lines"), TOGETHER)
def test_settings_that_do_not_go_together_are_told(
    good: dict[str, str], wrong: dict[str, str], lines: list[str]
) -> None:
    process = start(*WSGI, environment=good | wrong)

    assert (process.returncode, lines_of(process)) == (1, lines)


def test_lines_are_typeset() -> None:
    process = start(*WSGI, environment=PUBLIC | {"DEBUG": "maybe", "SECRET_KEY": ""})

    assert process.stderr.splitlines() == [
        "auposte\u00a0: DEBUG doit valoir true ou false, pas «\u00a0maybe\u00a0». (auposte.E001)",
        "auposte\u00a0: SECRET_KEY manque\u00a0: voir .env.example. (auposte.E001)",
    ]


@pytest.mark.parametrize(
    "command",
    [
        ("manage.py", "check"),
        ("manage.py", "migrate"),
        ("-m", "celery", "-A", "auposte", "worker"),
        ("-m", "celery", "-A", "auposte", "beat", "--schedule", "{folder}/beat"),
        ("-m", "granian", "--interface", "wsgi", "--port", "0", "auposte.wsgi:application"),
    ],
    ids=lambda command: " ".join(command[:6]),
)
def test_no_process_starts_with_wrong_settings(command: tuple[str, ...], tmp_path: Path) -> None:
    process = start(
        *(part.format(folder=tmp_path) for part in command),
        environment=PUBLIC | {"DEBUG": "maybe", "DATABASE_URL": "sqlite:///db.sqlite3"},
    )

    assert process.returncode == 1
    for line in ("DEBUG doit valoir true ou false", "DATABASE_URL doit désigner un PostgreSQL"):
        assert process.stderr.count(line) == 1
    assert "Traceback" not in process.stdout + process.stderr


def test_production_settings_pass_the_deployment_checks_without_a_warning() -> None:
    process = start("manage.py", "check", "--deploy", environment=PUBLIC)

    assert process.returncode == 0
    assert "no issues" in process.stdout
    assert process.stderr == ""


def test_the_example_passes_the_deployment_checks() -> None:
    """`make check` runs the same script: whatever the shell has set stays out of it."""
    process = subprocess.run(
        ["sh", ROOT / "deploy" / "manage-as-example.sh", "check", "--deploy"],
        env=os.environ | {"PYTHON": sys.executable, "DEBUG": "maybe"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (process.returncode, process.stderr) == (0, "")
    assert "no issues" in process.stdout


def test_the_example_as_it_stands_is_refused() -> None:
    given = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    process = start(*WSGI, environment=dict(given))

    assert process.returncode == 1
    assert f"SECRET_KEY {ABSENT}" in lines_of(process)


def test_values_are_read_as_they_were_meant() -> None:
    given = {
        # A library that we used took it for the name of another variable.
        "SECRET_KEY": f"$X{{{PUBLIC['SECRET_KEY']}",
        "DATABASE_URL": "postgres://me:p%40%2F+$@%2FSrv%2FPg:5433/site?sslmode=require&options=-c%20a%3Db",
        "REDIS_URL": "unix:///run/Au Poste/v.sock?db=3",
        "EMAIL_URL": "smtp+ssl://me:a+b%2B%40@smtp.invalid",
        "SITE_URL": "https://AuPoste.test/",
        "ALLOWED_HOSTS": "",
        "GIFT_MINIMUM_CENTS": "",
        "GIFT_PRESETS_CENTS": "2000, 700",
        "STAFF_TOTP_REQUIRED": "oui",
        "CONTACT_EMAIL": "",
    }
    read = {
        "SECRET_KEY": given["SECRET_KEY"],
        "DATABASES": {
            "HOST": "/Srv/Pg",
            "PORT": "5433",
            "NAME": "site",
            "USER": "me",
            "PASSWORD": "p@/+$",
            "OPTIONS": {
                "connect_timeout": 2,
                "prepare_threshold": 0,
                "sslmode": "require",
                "options": "-c a=b",
            },
        },
        "REDIS_URL": given["REDIS_URL"],
        "CELERY_BROKER_URL": "redis+socket:///run/Au Poste/v.sock?virtual_host=3",
        "EMAIL_HOST_PASSWORD": "a+b+@",
        "EMAIL_PORT": 465,
        "EMAIL_USE_SSL": True,
        "CONTACT_EMAIL": "bonjour@auposte.test",
        "SITE_URL": "https://auposte.test",
        "ALLOWED_HOSTS": ["auposte.test"],
        "GIFT_MINIMUM_CENTS": 100,
        "GIFT_PRESETS_CENTS": [700, 2000],
        "STAFF_TOTP_REQUIRED": True,
    }
    script = (
        "import auposte.wsgi, json\n"
        "from django.conf import settings\n"
        f"found = {{name: getattr(settings, name) for name in {list(read)}}}\n"
        "found['DATABASES'] = found['DATABASES']['default']\n"
        "print(json.dumps(found))"
    )
    process = start("-c", script, environment=PUBLIC | given)

    assert process.stderr == ""
    found = json.loads(process.stdout)
    found["DATABASES"] = {name: found["DATABASES"][name] for name in read["DATABASES"]}
    assert found == read


def test_giving_is_limited_as_promised_where_nothing_is_set() -> None:
    script = (
        "import auposte.wsgi\n"
        "from django.conf import settings as s\n"
        "print(s.GIFT_SESSIONS_PER_TEN_MINUTES, s.GIFT_FORM_MINIMUM_SECONDS)"
    )
    process = start("-c", script, environment=PUBLIC)

    assert (process.stderr, process.stdout.split()) == ("", ["40", "3"])


def read_by_settings() -> dict[str, str | None]:
    """Each variable that settings.py reads, with its default: None where computed or required."""
    found: dict[str, str | None] = {}
    for node in ast.walk(ast.parse(SETTINGS.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if ast.unparse(node.func.value) != "environment":
            continue
        name = ast.literal_eval(node.args[0])
        named = {keyword.arg: keyword.value for keyword in node.keywords}
        positional = node.args[1:2] if node.func.attr != "parsed" else []
        defaults = [*positional, *([named["default"]] if "default" in named else [])]
        constant = defaults[0] if defaults else None
        value = constant.value if isinstance(constant, ast.Constant) else None
        found[name] = str(value).lower() if isinstance(value, bool) else value and str(value)
        if value == "":
            found[name] = ""
    return found


def example_entries() -> dict[str, tuple[str, bool]]:
    """The example's variables: the value, and whether a comment stands before it."""
    entries: dict[str, tuple[str, bool]] = {}
    commented = False
    for line in EXAMPLE.read_text().splitlines():
        if match := re.fullmatch(r"#?([A-Z_]+)=(.*)", line):
            assert match[1] not in entries, f"{match[1]} is there twice"
            entries[match[1]] = (match[2].strip('"'), commented)
        else:
            commented = line.startswith("# ") and not line.startswith("# ---")
    return entries


def test_the_example_names_every_variable_with_its_default() -> None:
    variables, entries = read_by_settings(), example_entries()
    compose = (ROOT / "docker-compose.yml").read_text()
    for_compose = set(re.findall(r"\$\{([A-Z_]+)", compose))

    assert len(variables) > 20
    assert set(variables) | for_compose == set(entries)
    assert [name for name, (_value, commented) in entries.items() if not commented] == []
    stated = {name: entries[name][0] for name, default in variables.items() if default is not None}
    defaults = {name: default for name, default in variables.items() if default is not None}
    assert stated == defaults


def test_only_the_frame_reads_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for app in ("auposte", "guests", "broadcasts", "donations")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"os\.(environ|getenv)(?!\.setdefault)", path.read_text())
    ]

    assert readers == ["auposte/env.py"]
