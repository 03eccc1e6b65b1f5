"""The command: trying out, files of every kind, one at a time."""

import contextlib
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from broadcasts.models import (
    Broadcast,
    Tag,
)
from broadcasts.wordpress.importing import LOCK
from tests.broadcasts.wordpress.conftest import Import
from tests.broadcasts.wordpress.exports import PAYLOADS, item, write
from tests.broadcasts.wordpress.tables import all_rows
from tests.factories import BroadcastFactory

pytestmark = pytest.mark.django_db

ARCHIVE, OLD = PAYLOADS / "archive.xml", PAYLOADS / "ancienne.xml"


class TestDryRun:
    @pytest.mark.django_db(transaction=True)
    def test_it_writes_nothing_at_all(self, run: Import) -> None:
        BroadcastFactory(wp_legacy_id=4101, dek="")
        before = all_rows()
        ran = run(ARCHIVE, OLD, "--dry-run", "--overwrite")
        assert all_rows() == before
        assert (ran.total("imported"), ran.total("updated")) == (10, 1)
        assert ran.report["dry_run"] is True
        Tag.objects.create(name="Écrire", slug="ecrire")  # and afterwards writing works again

    def test_it_says_what_the_import_then_does(self, run: Import) -> None:
        told = run(ARCHIVE, OLD, "--dry-run").report
        done = run(ARCHIVE, OLD).report
        for report in (told, done):
            report["seconds"] = report["made_at"] = report["dry_run"] = None
            for listed in [*report["posts"].values(), *report.values()]:
                for row in listed.get("rows", ()) if isinstance(listed, dict) else ():
                    row["broadcast"] = None
        assert told == done


class TestTheCommand:
    def test_a_missing_file_stops_it_before_anything(self, run: Import) -> None:
        ran = run(ARCHIVE, "/nulle/part.xml")
        assert "/nulle/part.xml" in ran.error
        assert not Broadcast.objects.exists()

    def test_a_broken_file_gives_what_it_can_and_the_others_all(
        self, run: Import, tmp_path: Path
    ) -> None:
        broken = write(tmp_path / "casse.xml", item(1, "Un"), item(2, "Deux"))
        broken.write_text(
            broken.read_text().replace("<title><![CDATA[Deux", "<title>&<![CDATA[Deux")
        )
        refused = write(tmp_path / "doctype.xml", item(3, "Trois"))
        refused.write_text(refused.read_text().replace("<rss", "<!DOCTYPE rss><rss"))
        whole = write(tmp_path / "entier.xml", item(4, "Quatre"))
        ran = run(broken, refused, whole)
        assert sorted(Broadcast.objects.values_list("wp_legacy_id", flat=True)) == [1, 4]
        assert "pas complet" in ran.error
        assert [(Path(e["file"]).name, e["line"] > 0) for e in ran.report["errors"]] == [
            ("casse.xml", True),
            ("doctype.xml", False),
        ]
        assert "casse.xml, ligne" in ran.told
        assert "DOCTYPE" in ran.told

    def test_two_at_a_time_are_one_too_many(self, run: Import) -> None:
        other = connections["default"].copy()
        with contextlib.closing(other), other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            assert "déjà en cours" in run(ARCHIVE).error
            assert not Broadcast.objects.exists()
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        assert run(ARCHIVE).error == ""

    def test_queries_do_not_grow_with_the_posts_before(self, run: Import, tmp_path: Path) -> None:
        def cost(number: int) -> int:
            posts = [item(n, f"Post {n}", "Texte.", name=f"post-{n}") for n in range(1, number + 1)]
            file = write(tmp_path / f"{number}.xml", *posts)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                call_command("import_wordpress", str(file), verbosity=0)
            return len(queries)

        costs = [(cost(number), cost(number))[1] for number in (5, 25, 45)]
        assert costs[2] - costs[1] == costs[1] - costs[0]
