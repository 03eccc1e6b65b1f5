"""The whole site on one machine, from one command: `python -m sandbox.supervisor --port 8000`.

One process owns all the others: PostgreSQL and Valkey (unless `DATABASE_URL` and `REDIS_URL`
name servers), the stand-ins for Stripe and the video platforms, the web server, the worker and
beat. When it ends, however it ends, they end.
"""

import argparse
import os
import re
import sys
import time
from pathlib import Path

from sandbox import programs, survivors
from sandbox.console import complain, prepare, say, seconds_since
from sandbox.folders import private_folder, state_folder
from sandbox.guardian import Guardian
from sandbox.postgres import Postgres
from sandbox.preparation import Notes, ask_broker, code_digest, inspect_database, static_digest
from sandbox.processes import Service, ServiceError, stop_with_parent
from sandbox.site_environment import keep_secrets, site_environment, write_env
from sandbox.stack import Stack, StopRequested, Task
from sandbox.valkey import Valkey

ROOT = Path(__file__).resolve().parent.parent
LIVE_KEYS = ("sk_live_", "rk_live_")


class Supervisor:
    """One run of the site. Hold the lock of its state folder while it lasts."""

    def __init__(self, root: Path, *, state: Path, port: int) -> None:
        self.root = root
        self.state = state
        self.port = port
        self.stack = Stack()
        self.storage: list[Service] = []
        self.own_database = not os.environ.get("DATABASE_URL")
        self.notes = Notes(state / "prepared.json")

    def run(self) -> None:
        """Start everything, say where it is, and look after it.

        Ends by StopRequested, or by ServiceError when a part fails; all is stopped by then.
        """
        begun = time.monotonic()
        if count := survivors.end_marked(self.state):
            say(f"  Arrêté : {count} processus d'un lancement interrompu")
        programs.require_free(self.port)
        self.stack.trap_signals()
        guardian = Guardian()
        try:
            site = self._site()
            outside = [site.stripe(), site.videos()]
            collection, static_files = self._static_files(site)
            self.stack.start(*self.storage, *outside, *collection)
            self.stack.wait(*self.storage)
            if os.environ.get("REDIS_URL"):
                ask_broker(site.environment["REDIS_URL"])
            self._prepare_database(site)
            self.stack.wait(*collection)
            self.notes.keep("static", static_files)
            served = [site.web(), site.worker(), site.beat()]
            self.stack.start(*served)
            self.stack.wait(*outside, *served)
            say(self._welcome(site, begun))
            self.stack.watch()
        finally:
            say("Arrêt…")
            self.stack.stop(last=self.storage)
            guardian.dismiss()

    def _site(self) -> programs.Site:
        """Settle which servers the site uses (ours go to `storage`) and write its settings."""
        database_url = os.environ.get("DATABASE_URL")
        redis_url = os.environ.get("REDIS_URL")
        if not redis_url:
            valkey = Valkey(self.state)
            redis_url = valkey.redis_url
            self.storage.append(valkey)
        if not database_url:
            postgres = Postgres(self.state, durable=True)
            database_url = postgres.url
            self.storage.append(postgres)
            if not postgres.data.exists():
                say(f"  PostgreSQL : création des données dans {postgres.folder}…")
        kept = keep_secrets(self.state)
        settings = site_environment(
            shell=os.environ,
            state=self.state,
            site_url=programs.url(self.port),
            stripe_url=programs.url(self.port + programs.STRIPE),
            youtube_url=programs.url(self.port + programs.YOUTUBE),
            peertube_url=programs.url(self.port + programs.PEERTUBE),
            database_url=database_url,
            redis_url=redis_url,
            kept=kept,
        )
        for name in ("mail", "media", "static"):
            private_folder(self.state / name)
        write_env(self.state / "env", settings)
        return programs.Site(
            root=self.root,
            state=self.state,
            logs=private_folder(self.state / "logs"),
            port=self.port,
            kept=kept,
            environment={
                **os.environ,
                **settings,
                "DJANGO_SETTINGS_MODULE": "auposte.settings",
                "PYTHONUNBUFFERED": "1",
            },
        )

    def _static_files(self, site: programs.Site) -> tuple[list[Task], str]:
        """What collects and compresses them, if they or the code have changed; their state."""
        folder = Path(site.environment["STATIC_ROOT"])
        state = f"{static_digest(self.root)} {folder}"
        if (folder / "staticfiles.json").exists() and self.notes.has("static", state):
            return [], state
        return [site.manage("Fichiers statiques", "collectstatic", "--noinput")], state

    def _prepare_database(self, site: programs.Site) -> None:
        """Bring the database up to the code; load the demo the first time.

        On our own database, notes tell what was done for which code. On one that the shell
        names, migrations always run, and no demo is loaded where broadcasts already are.
        """
        url = site.environment["DATABASE_URL"]
        database = inspect_database(url)
        code = code_digest(self.root)
        if not self.own_database or not self.notes.has("migrate", f"{database.state} {code}"):
            self._run(site.manage("Migration de la base", "migrate", "--noinput"))
            database = inspect_database(url)
            self.notes.keep("migrate", f"{database.state} {code}")

        first = []
        if not database.has_superuser:
            first.append(site.manage("Compte d'administration", "createsuperuser", "--noinput"))
        demo_is_there = (
            self.notes.has("demo", database.identity)
            if self.own_database
            else database.has_broadcasts
        )
        if not demo_is_there:
            first.append(site.manage("Démonstration", "seed_demo"))
        if first:
            self._run(*first)
            self.notes.keep("demo", database.identity)

    def _run(self, *tasks: Task) -> None:
        self.stack.start(*tasks)
        self.stack.wait(*tasks)

    def _welcome(self, site: programs.Site, begun: float) -> str:
        """Where everything is, how to pay, and how to publish a video."""
        listed = re.search(
            r'href="(/emissions/[^"?#]+)"', programs.get(self.port, "/emissions") or ""
        )
        episode = f"{site.url}{listed[1] if listed else '/emissions'}"
        mail = os.environ.get("EMAIL_URL") or self.state / "mail"
        return f"""
Le site est prêt ({seconds_since(begun)}).

  Site             {site.url}/
  Une émission     {episode}
  Administration   {site.url}/admin/
                   identifiant {programs.ADMIN}, mot de passe {site.kept.admin_password}
  Payer            ouvrez l'émission, « Adonnez-vous ! », puis une carte d'essai :
                   4242 4242 4242 4242 (acceptée), 4000 0000 0000 0002 (refusée),
                   4000 0027 6000 3184 (authentification) ; date et code au choix.
                   C'est un Stripe de démonstration : aucun argent ne bouge.
  Vidéos           un YouTube et un PeerTube de démonstration ; pour y publier :
                   curl -d "title=Essai" {programs.url(self.port + programs.YOUTUBE)}/_/add
  Courriels        {mail}
  Journaux         {site.logs}

Ctrl-C arrête tout.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the site until told to stop (0); 1 with the reason when it cannot or no longer runs."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument(
        "--port", default="8000", help="the site's; the stand-ins take the next three"
    )
    parser.add_argument(
        "--stop-with-parent", action="store_true", help="end when the starting process does"
    )
    options = parser.parse_args(arguments)
    prepare()
    os.umask(0o077)  # the state holds names, addresses and secrets
    if options.stop_with_parent:
        stop_with_parent()
    try:
        last = 65535 - max(programs.NEIGHBOURS)
        port = int(options.port) if options.port.isdecimal() else 0
        if not 1 <= port <= last:
            raise ServiceError(f"Le port doit être entre 1 et {last}, pas {options.port}.")
        if os.environ.get("STRIPE_SECRET_KEY", "").startswith(LIVE_KEYS):
            raise ServiceError(
                "STRIPE_SECRET_KEY est une clé live : retirez-la de l'environnement, "
                "ce site d'essai ne parle qu'à un Stripe de démonstration."
            )
        state = state_folder(ROOT / ".local")
        holder = f"{programs.url(port)} (processus {os.getpid()})"
        say(f"Au Poste : démarrage sur {programs.url(port)}")
        with survivors.hold(state / "lock", holder=holder):
            Supervisor(ROOT, state=state, port=port).run()
    except survivors.AlreadyRunningError as error:
        complain(
            f"Le site tourne déjà dans ce dossier : {error.holder or 'processus inconnu'}.\n"
            "Arrêtez-le d'abord (Ctrl-C dans son terminal)."
        )
        return 1
    except ServiceError as error:
        complain(f"\n{error}")
        return 1
    except StopRequested:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
