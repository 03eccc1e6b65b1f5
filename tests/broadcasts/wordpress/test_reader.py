"""Files as servers give them: of any version, in any state."""

from pathlib import Path

import pytest

from broadcasts.wordpress.documents import Entry, ExportError, Item, Site, Term
from broadcasts.wordpress.reader import LONGEST_TEXT, read_export
from tests.broadcasts.wordpress.exports import PAYLOADS, export, head, item, write


def read(path: Path) -> tuple[list[Entry], ExportError | None]:
    """What a file gives, and the fault that it ends with."""
    found: list[Entry] = []
    try:
        for entry in read_export(path):
            found.append(entry)  # noqa: PERF402  # what stands before a fault counts
    except ExportError as error:
        return found, error
    return found, None


def items(path: Path) -> list[Item]:
    found, error = read(path)
    assert error is None, error
    return [entry for entry in found if isinstance(entry, Item)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_every_version_is_read_by_its_own_namespace(file: Path, version: str) -> None:
    write(
        file,
        item(7, "Un titre", "Un corps", excerpt="Un chapô", name="un-titre", status="draft"),
        version=version,
    )
    [post] = items(file)
    assert (post.post_id, post.title, post.name, post.status) == (
        7,
        "Un titre",
        "un-titre",
        "draft",
    )
    assert (post.content, post.excerpt) == ("Un corps", "Un chapô")
    assert post.guid == "https://www.auposte.example/?p=7"
    assert post.date_gmt == "2024-03-05 19:00:00"


def test_the_prefix_is_the_files_own_and_version_1_0_says_tags_otherwise() -> None:
    found, error = read(PAYLOADS / "ancienne.xml")
    assert error is None
    [post] = [entry for entry in found if isinstance(entry, Item)]
    assert [(use.taxonomy, use.nicename, use.name) for use in post.terms] == [
        ("category", "libertes", "Libertés"),
        ("post_tag", "radio", "Radio"),
    ]
    assert post.meta == {"_wp_old_slug": ["emission-un"]}
    assert post.title == "Première émission"
    terms = [entry for entry in found if isinstance(entry, Term)]
    assert [(term.taxonomy, term.description) for term in terms] == [
        ("category", "Ce qu'il en reste."),
        ("post_tag", ""),
    ]


def test_site_addresses_and_lines_are_told(file: Path) -> None:
    write(file, item(1), item(2))
    found, _ = read(file)
    assert Site(urls=("https://www.auposte.example",)) in found
    lines = file.read_text().split("\n")
    for post in items(file):
        assert lines[post.line - 1].startswith("<item>")


def test_cdata_splits_emoji_and_serialised_meta(file: Path) -> None:
    body = "if (a[b[0]]>1) 🚨 & <b>c</b> ]]> fin"
    write(
        file,
        item(
            1,
            "🔥",
            body,
            meta=(("greffon", 'a:1:{i:0;s:9:"[b x=\\"1\\"]";}'), ("_thumbnail_id", "9")),
        ),
    )
    [post] = items(file)
    assert (post.title, post.content) == ("🔥", body)
    assert post.meta == {"_thumbnail_id": ["9"]}


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("cp1252", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
        ("utf-8", ""),
    ],
)
def test_encodings(file: Path, encoding: str, declared: str) -> None:
    text = export(item(1, "L’été « à Nîmes » – 5 €", "œil"))
    text = text.replace(' encoding="UTF-8"', f' encoding="{declared}"' if declared else "")
    file.write_bytes(text.encode(encoding))
    [post] = items(file)
    assert (post.title, post.content) == ("L’été « à Nîmes » – 5 €", "œil")


def test_an_unknown_encoding_is_refused_in_words(file: Path) -> None:
    file.write_text(export(item(1)).replace("UTF-8", "martien"))
    found, error = read(file)
    assert not found
    assert "martien" in str(error)


def test_what_xml_forbids_is_left_out(file: Path) -> None:
    text = export(item(1, "a\x08b\x0bc\ufffe&#8;&#x1F;d", "e\x00f&#xD800;g"))
    file.write_text(text, encoding="utf-8")
    [post] = items(file)
    assert (post.title, post.content) == ("abcd", "efg")


def test_broken_bytes_do_not_stop_the_reading(file: Path) -> None:
    file.write_bytes(
        export(item(1, "avant"), item(2, "apres")).encode().replace(b"avant", b"av\xe9\xffnt")
    )
    assert [post.title for post in items(file)] == ["av\ufffd\ufffdnt", "apres"]


def test_named_entities_outside_cdata(file: Path) -> None:
    text = export(item(1)).replace(
        "<![CDATA[]]></title>", "L&rsquo;&eacute;t&eacute;&nbsp;&amp; &lt;b&gt;</title>"
    )
    file.write_text(text)
    [post] = items(file)
    assert post.title == "L’été\u00a0& <b>"


def test_references_cut_by_the_reading_are_whole(file: Path) -> None:
    body = "&eacute;&#233;&amp;" * 40_000
    write(file, item(1, content=body))
    [post] = items(file)
    assert post.content == "éé&amp;".replace("éé", "é&#233;") * 40_000


def test_blank_lines_before_the_declaration(file: Path) -> None:
    write(file, item(1, "Un"))
    file.write_text("\n\n  \n" + file.read_text())
    [post] = items(file)
    assert file.read_text().split("\n")[post.line - 1].startswith("<item>")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss SYSTEM "http://192.0.2.1/x.dtd">',
        '<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE rss>",
    ],
)
def test_a_doctype_is_refused(file: Path, doctype: str) -> None:
    write(file, item(1, "Un"))
    file.write_text(file.read_text().replace("<rss", f"{doctype}<rss", 1))
    found, error = read(file)
    assert not found
    assert error
    assert "DOCTYPE" in str(error)


def test_what_stands_before_a_fault_is_given(file: Path) -> None:
    write(file, item(1, "Un"), item(2, "Deux"), item(3, "Trois").replace("<link>", "<link>&"))
    found, error = read(file)
    assert [entry.title for entry in found if isinstance(entry, Item)] == ["Un", "Deux"]
    assert error
    assert "abîmé" in str(error)
    assert str(file) in str(error)
    assert "&" in file.read_text().split("\n")[error.line - 1]


@pytest.mark.parametrize("cut", ["<guid", "<content:encoded><![CDATA[Cor", "</channel>"])
def test_a_file_that_stops_short(file: Path, cut: str) -> None:
    text = export(item(1, "Un"), item(2, "Deux", "Corps"))
    file.write_text(text[: text.rindex(cut) + len(cut) - 2])
    found, error = read(file)
    assert "Un" in [entry.title for entry in found if isinstance(entry, Item)]
    assert error
    assert "avant sa fin" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "ceci n’est pas du XML",
        "<html><body>Page introuvable</body></html>",
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Un flux</title></channel></rss>',
    ],
)
def test_what_is_no_export_is_refused(file: Path, text: str) -> None:
    file.write_text(text)
    found, error = read(file)
    assert not [entry for entry in found if isinstance(entry, Item)]
    assert isinstance(error, ExportError)


def test_no_file_is_an_error_in_words(tmp_path: Path) -> None:
    assert "ouvert" in str(read(tmp_path / "rien.xml")[1])


def test_a_monstrous_text_is_dropped_and_said(file: Path) -> None:
    with file.open("w") as stream:
        stream.write(head())
        stream.write(item(1, "Monstre", "x" * (LONGEST_TEXT + 1)))
        stream.write(item(2, "Suite", "y"))
        stream.write("</channel></rss>")
    monster, after = items(file)
    assert (monster.too_long, monster.content) == (True, "")
    assert (after.too_long, after.content) == (False, "y")


def test_markup_out_of_place_is_passed_over(file: Path) -> None:
    text = export(item(1, "Un", "corps")).replace(
        "</item>",
        "<wp:comment><wp:comment_content>c</wp:comment_content><title>x</title></wp:comment></item>",
    )
    file.write_text(text)
    [post] = items(file)
    assert (post.title, post.content) == ("Un", "corps")
