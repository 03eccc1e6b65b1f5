"""What the operator is told: while it runs, at its end, and on paper."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from broadcasts.wordpress.progress import Progress
from broadcasts.wordpress.report import LONGEST_LIST, LONGEST_ON_PAGE
from tests.broadcasts.wordpress.conftest import Import, of
from tests.broadcasts.wordpress.exports import PAYLOADS, item, write


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.django_db
class TestReport:
    def test_json_says_what_where_and_why(self, run: Import) -> None:
        ran = run(PAYLOADS / "archive.xml", PAYLOADS / "ancienne.xml")
        [row] = ran.rows("unknown_shortcodes")
        assert row == {
            "wp_post_id": 4101,
            "title": of(4101).title,
            "file": "archive.xml",
            "line": row["line"],
            "broadcast": of(4101).pk,
            "path": of(4101).get_absolute_url(),
            "what": "sondage_maison",
            "detail": '[sondage_maison id="12" titre="Et vous ?"]',
        }
        lines = (PAYLOADS / "archive.xml").read_text().split("\n")
        assert "<item>" in lines[row["line"] - 1]
        assert {r["what"]: r["detail"] for r in ran.rows("links_rewritten")} == {
            "http://auposte.example/la-nuit-des-batons/?utm_source=lettre#suite": (
                "/emissions/la-nuit-des-batons#suite"
            ),
            "/?p=4104": "/emissions/l-oeil-l-ouie-ete-a-nimes",
            "https://www.auposte.example/le-prefet-la-place-et-les-barrieres/": (
                of(4101).get_absolute_url()
            ),
        }
        assert {r["what"]: r["detail"] for r in ran.rows("links_kept")} == {
            "https://www.auposte.example/note-du-bureau/": "texte qui n’est pas public",
            "https://www.auposte.example/qui-sommes-nous/": "page inconnue ici",
        }
        assert ran.what("unknown_blocks") == ["latest-posts"]
        assert len(ran.rows("videos")) == 4
        assert "signature qui n’est pas une personne" in ran.what("to_look_at")

    def test_the_page_can_be_printed_and_has_no_script(self, run: Import, tmp_path: Path) -> None:
        run(
            PAYLOADS / "archive.xml",
            write(tmp_path / "x.xml", item(1, "<script>alert(1)</script>")),
        )
        page = (tmp_path / "rapport" / "report.html").read_text()
        assert "<script" not in page
        assert "sondage_maison" in page
        assert "Codes courts inconnus" in page
        assert "@media print" in page
        assert "Essai à blanc" not in page

    def test_long_lists_are_cut_and_say_so(self, run: Import, tmp_path: Path) -> None:
        links = "".join(f'<a href="/rien-{n}/">{n}</a> ' for n in range(LONGEST_LIST + 7))
        ran = run(write(tmp_path / "e.xml", item(1, "Un", links)))
        assert ran.report["links_kept"]["total"] == LONGEST_LIST + 7
        assert len(ran.rows("links_kept")) == LONGEST_LIST
        page = (tmp_path / "rapport" / "report.html").read_text()
        assert f"Et {LONGEST_LIST + 7 - LONGEST_ON_PAGE} autres" in page

    def test_what_is_true_of_many_posts_is_said_once(self, run: Import, tmp_path: Path) -> None:
        terms = [("author", "r", "La rédaction"), ("invite", "g", "Garcia Marquez Gabriel")]
        posts = [item(n, f"Post {n}", terms=terms) for n in range(1, 6)]
        ran = run(write(tmp_path / "e.xml", *posts))
        assert len(ran.rows("to_look_at")) == 2

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "fichier").write_text("")
        with pytest.raises(CommandError, match="ne peut pas y être écrit"):
            call_command(
                "import_wordpress", str(PAYLOADS / "ancienne.xml"), stdout=io.StringIO(),
                report=tmp_path / "fichier",
            )  # fmt: skip

    def test_a_post_that_fails_leaves_the_others_alone(self, run: Import, tmp_path: Path) -> None:
        """A season that the database has no room for, say."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE broadcasts_broadcast ADD CONSTRAINT no_two CHECK (title <> 'Deux')"
            )
        terms = [("serie", "c", "C")]  # which the undone transaction of the second one made
        posts = [item(1, "Un"), item(2, "Deux", terms=terms), item(3, "Trois", terms=terms)]
        ran = run(write(tmp_path / "e.xml", *posts))
        assert ran.total("imported") == 2
        assert "pas complet" in ran.error
        assert [row["title"] for row in ran.report["failed"]["rows"]] == ["Deux"]
        assert "Échec, article 2" in ran.told
        assert of(3).title == "Trois"
        assert str(of(3).series) == "C"


class TestProgress:
    def test_a_terminal_gets_a_bar(self) -> None:
        screen = Terminal()
        progress = Progress(screen, total_bytes=1000)
        progress.begin("Import")
        progress._last -= 1
        progress.update(500, 12)
        progress.update(510, 13)  # too soon to draw again
        progress.end()
        assert "███" in screen.getvalue()
        assert "Import :  50 %, 12 éléments" in screen.getvalue()
        assert "13" not in screen.getvalue()
        assert screen.getvalue().endswith("\r\033[K")

    def test_a_log_gets_a_line_now_and_then(self) -> None:
        log = io.StringIO()
        progress = Progress(log, total_bytes=1000)
        progress.begin("Import")
        progress.update(500, 12)
        assert log.getvalue() == ""
        progress._last -= 6
        progress.update(2000, 13)
        progress.end()
        assert log.getvalue() == "Import : 100 %, 13 éléments\n"

    def test_quiet_is_quiet(self) -> None:
        screen = Terminal()
        progress = Progress(screen, total_bytes=0, quiet=True)
        progress.begin("Import")
        progress._last -= 60
        progress.update(5, 1)
        progress.end()
        assert screen.getvalue() == ""
