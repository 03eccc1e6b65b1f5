"""Rich text in a real browser: what is written, pasted and kept."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from auposte.richtext import sanitise
from broadcasts.models import Broadcast
from tests.admin.test_browser import chromium, desk, session_of
from tests.admin.world import episode
from tests.axe import assert_accessible

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# One of everything that the site renders, as an import may have written it.
KEPT = {
    "prose": "<p>Un <b>gras</b>, un <i>italique</i>, <s>barré</s>, H<sub>2</sub>O, 1<sup>er</sup>, "
    "<small>petit</small>, <code>code</code>.<br>Deux&nbsp;lignes.</p>",
    "words": '<p><abbr title="Institut national">INA</abbr>, <cite>Le Monde</cite>, '
    '<q cite="https://example.org/q">cité</q>, <em><strong>les deux</strong></em></p>',
    "links": '<p><a href="/emissions/x" title="Voir" hreflang="fr">ici</a> '
    '<a href="mailto:a@example.org"><em>par <strong>courrier</strong></em></a></p>',
    "headings": "<h2>Un</h2><p>texte</p><h3>Deux</h3><h4>Trois</h4><hr><p>fin</p>",
    "lists": "<ul><li>un</li><li>deux<ol><li>a</li><li>b</li></ol></li></ul>"
    "<ol><li><p>un</p><p>encore</p></li></ol>",
    "quotation": '<blockquote cite="https://example.org/"><p>Dit-elle.</p>'
    "<footer>Une voix, <cite>ailleurs</cite></footer></blockquote>",
    "bare quotation": "<blockquote>Sans paragraphe</blockquote>",
    "figure": '<figure><img src="/static/img/icon-180.png" alt="Une rue" width="960" height="540">'
    "<figcaption>Rue <em>vide</em></figcaption></figure>",
    "linked figure": '<figure><a href="/emissions/x">'
    '<img src="/static/img/icon-180.png" alt=""></a></figure>',
    "gallery": '<figure><figure><img src="/static/img/icon-180.png" alt="007"></figure>'
    '<figure><img src="/static/img/social.png" alt="B">'
    "<figcaption>b</figcaption></figure></figure>",
    "inline image": '<p>Avant <img src="/static/img/icon-180.png" alt="A"> après</p>',
    "table": '<table><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>'
    '<tbody><tr><td colspan="2">un</td></tr><tr><td rowspan="2">deux</td><td>trois</td></tr>'
    "<tr><td><ul><li>liste</li></ul></td></tr></tbody></table>",
    "table in a figure": "<figure><table><tbody><tr><td>1</td></tr></tbody></table>"
    "<figcaption>Chiffres</figcaption></figure>",
    "preformatted": "<pre>  deux\n    quatre</pre><pre><code>x = 1</code></pre>",
    "loose": "Du texte sans paragraphe",
    "spaces": "<p>Il dit :\n « oui » ;\n   puis\tnon</p>\n\n<p>Fin</p>",
}
# The editor would lose something of these.
TOO_MUCH = {
    "a caption without its figure": "<figcaption>Seule</figcaption>",
    "paragraphs in a caption": '<figure><img src="/static/img/icon-180.png" alt="">'
    "<figcaption><p>un</p><p>deux</p></figcaption></figure>",
    "a list without items": "<ul>texte</ul>",
}


SAME = {"b": "strong", "i": "em"}
SECONDARY = {"p", "tbody"}
# How marks are nested in each other is all the same: one may be cut in two.
MARKS = {"a", "abbr", "cite", "code", "em", "q", "s", "small", "strong", "sub", "sup"}


class Told(HTMLParser):
    """The tags with their attributes, and the letters in their order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in SECONDARY:
            name = f"{SAME.get(tag, tag)} {sorted(attrs)}"
            self.tags[name] = 1 if name.split()[0] in MARKS else self.tags[name] + 1

    def handle_data(self, data: str) -> None:
        self.text += "".join(data.split())


def draft(body: str) -> Broadcast:
    return episode(1, status=Broadcast.Status.DRAFT, published_at=None, body_opening=body)


def opening(page: Page) -> Locator:
    return page.locator("#id_body_opening-texte")


def stored(page: Page) -> str:
    """The field that the form sends: after a save, what the database holds."""
    return page.locator("#id_body_opening").input_value()


def save(page: Page) -> str:
    # The last save may have left its message.
    with page.expect_navigation():
        page.locator("[name=_continue]").first.click()
    page.wait_for_selector("li.success")
    return stored(page)


@contextlib.contextmanager
def form(site: str, body: str, *, scripts: bool = True, before: str = "") -> Iterator[Page]:
    """The form of a draft with this text; nothing may have been complained of."""
    broadcast = draft(body)
    session = session_of("owner")
    with (
        chromium() as browser,
        desk(browser, site, session, scripts=scripts) as (page, complaints),
    ):
        page.add_init_script(before)
        page.goto(f"/admin/broadcasts/broadcast/{broadcast.pk}/change/")
        yield page
        assert complaints == []


def test_whatever_the_site_renders_survives_an_edit_elsewhere(live_server: LiveServer) -> None:
    whole = "\n".join(sanitise(html) for html in KEPT.values())
    with form(live_server.url, whole) as page:
        expect(opening(page)).to_be_visible()
        expect(page.locator("#id_body_opening")).to_be_hidden()
        page.fill("#id_dek", "Un chapô")
        assert save(page) == whole
        opening(page).locator("h4").click()
        page.keyboard.press("End")
        page.keyboard.type(" et demi")
        edited = save(page)
        # What the editor wrote is what it reads: a second edit changes nothing more.
        opening(page).locator("h4").click()
        page.keyboard.press("End")
        page.keyboard.type("e")
        page.keyboard.press("Backspace")
        assert save(page) == edited
    before, after = Told(whole.replace("Trois", "Trois et demi")), Told(edited)
    assert after.tags == before.tags
    assert after.text == before.text
    assert "<thead><tr><th scope=" in edited
    assert "<li>un</li>" in edited
    assert "1<sup>er</sup>" in edited
    assert "<pre>  deux\n    quatre</pre>" in edited


@pytest.mark.parametrize("body", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_the_editor_cannot_hold_is_edited_as_html(body: str, live_server: LiveServer) -> None:
    with form(live_server.url, body) as page:
        expect(page.locator("#id_body_opening")).to_be_visible()
        expect(opening(page)).to_have_count(0)
        expect(page.locator(".field-body_opening .richtext-note")).to_contain_text(
            "ne saurait pas garder toute la mise en forme"
        )
        page.locator("#id_body_opening").press("Control+End")
        page.keyboard.type("<p>Suite</p>")
        assert save(page) == sanitise(f"{body}<p>Suite</p>")


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<style><!-- p.MsoNormal {margin: 0} --></style></head><body><!--StartFragment-->
<h1 style='margin:0'>Titre <b>un</b><o:p></o:p></h1>
<p class=MsoNormal onclick="x()"><span style='font-size:12pt;color:red'>Le style = <b
style='mso-bidi-font-weight:normal'>gras</b><span style='font-style:italic'> penché</span>.<o:p>
</o:p></span></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·</span></span><![endif]>Premier</p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>o</span><![endif]>Dedans</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='mso-list:Ignore'>·</span><![endif]>Second</p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.</span>Un
</p>
<p><a href="https://example.org/?a=1&amp;b=2" style="color:blue">lien</a>
<a href="javascript:alert(1)">non</a><img src="file:///C:/x.png"></p>
<!--EndFragment--></body></html>"""
FROM_WORD = """<h2>Titre un</h2>
<p>Le style = <strong>gras</strong><em> penché</em>.</p>
<ul><li>Premier<ul><li>Dedans</li></ul></li><li>Second</li></ul>
<ol><li>Un</li></ol>
<p><a href="https://example.org/?a=1&amp;b=2" rel="noopener noreferrer">lien</a> non</p>"""

GOOGLE_DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1">
<h1 dir="ltr" style="line-height:1"><span style="font-size:20pt;font-weight:700">Titre</span></h1>
<p dir="ltr"><span style="font-weight:400;color:#000">Un </span><span style="font-weight:700;">gras
</span></p><br /><ul><li dir="ltr" style="list-style-type:disc" aria-level="1"><p
role="presentation"><span>puce</span></p></li><ul><li><p><span>dedans</span></p></li></ul></ul>
<p><span><img src="https://lh3.googleusercontent.com/x" /></span></p></b>"""
FROM_GOOGLE_DOCS = """<h2>Titre</h2>
<p>Un <strong>gras</strong></p>
<ul><li>puce<ul><li>dedans</li></ul></li></ul>"""

PASTE = """(html) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/html", html);
  clipboardData.setData("text/plain", "nu");
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


@pytest.mark.parametrize(
    ("pasted", "becomes"),
    [(WORD, FROM_WORD), (GOOGLE_DOCS, FROM_GOOGLE_DOCS)],
    ids=["Word", "Google Docs"],
)
def test_what_is_pasted_comes_clean(pasted: str, becomes: str, live_server: LiveServer) -> None:
    with form(live_server.url, "") as page:
        opening(page).click()
        page.evaluate(PASTE, pasted)
        assert save(page).replace(" </strong>", "</strong>") == becomes


def test_a_text_is_written_by_keyboard_alone(live_server: LiveServer) -> None:
    with form(live_server.url, "") as page:
        opening(page).focus()
        keys = page.keyboard

        def press(label: str) -> None:
            """Up to the buttons, along them, and back into the text."""
            keys.press("Alt+F10")
            expect(page.locator(".field-body_opening [role=toolbar] :focus")).to_be_visible()
            keys.press("Home")
            button = page.locator(".field-body_opening [role=toolbar]").get_by_role(
                "button", name=label, exact=True
            )
            for _ in range(40):
                if button.evaluate("button => button === document.activeElement"):
                    break
                keys.press("ArrowRight")
            keys.press("Enter")
            # The text takes the focus back with the next frame; keys pressed before it are lost.
            expect(page.locator(".field-body_opening [role=toolbar] :focus")).to_have_count(0)

        def answer() -> None:
            """Close a dialog; the text has the focus again with the next frame."""
            keys.press("Enter")
            expect(opening(page)).to_be_focused()

        press("Titre")
        keys.type("Qui paie")
        keys.press("Enter")
        keys.type("Du ")
        keys.press("Control+b")
        keys.type("gras")
        keys.press("Control+b")
        keys.type(" et ")
        keys.press("Control+k")
        expect(page.get_by_role("dialog", name="Lien")).to_be_visible()
        keys.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("Écrivez une adresse.")
        keys.type("javascript:alert(1)")
        keys.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("ne peut pas être un lien")
        keys.press("Control+a")
        keys.type("example.org/page")
        keys.press("Tab")
        keys.type("une page")
        answer()
        keys.type(", ")
        keys.press("Control+k")
        keys.type("1:12:00")
        keys.press("Tab")
        keys.type("plus loin")
        answer()
        keys.type(".")
        keys.press("Enter")
        press("Liste à puces")
        keys.type("un")
        keys.press("Enter")
        keys.type("deux")
        press("Augmenter le retrait (Ctrl+])")
        keys.press("Enter")
        keys.press("Enter")
        keys.press("Enter")
        press("Image")
        keys.type("https://example.org/x.png")
        keys.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Une image vient de ce site")
        keys.press("Control+a")
        keys.type(f"{live_server.url}/static/img/icon-180.png")
        keys.press("Tab")
        keys.type("Le logo")
        keys.press("Tab")
        keys.type("Notre logo")
        answer()
        press("Tableau")
        keys.press("Control+a")
        keys.type("1")
        keys.press("Tab")
        keys.press("Control+a")
        keys.type("2")
        answer()
        keys.type("A")
        # Tab leaves, even a table: nobody is held.
        keys.press("Tab")
        expect(opening(page)).not_to_be_focused()
        assert save(page) == (
            "<h2>Qui paie</h2>\n"
            '<p>Du <strong>gras</strong> et <a href="https://example.org/page" '
            'rel="noopener noreferrer">une page</a>, '
            '<a href="?t=4320" rel="noopener noreferrer">plus loin</a>.</p>\n'
            "<ul><li>un<ul><li>deux</li></ul></li></ul>\n"
            '<figure><img src="/static/img/icon-180.png" alt="Le logo">'
            "<figcaption>Notre logo</figcaption></figure>\n"
            "<table><tbody><tr><th>A</th><th></th></tr></tbody></table>"
        )


def test_one_changes_to_html_and_back(live_server: LiveServer) -> None:
    with form(live_server.url, "<p>un</p>") as page:
        bar = page.locator(".field-body_opening .richtext-bar")
        bar.get_by_role("button", name="HTML").click()
        field = page.locator("#id_body_opening")
        expect(field).to_be_focused()
        field.fill("<h3>deux</h3>")
        bar.get_by_role("button", name="Éditeur").click()
        expect(opening(page)).to_be_focused()
        expect(opening(page).locator("h3")).to_have_text("deux")
        bar.get_by_role("button", name="HTML").click()
        field.fill("<figcaption>trois</figcaption>")
        bar.get_by_role("button", name="Éditeur").click()
        expect(field).to_be_visible()
        assert save(page) == "<figcaption>trois</figcaption>"


def test_without_scripts_html_is_written(live_server: LiveServer) -> None:
    with form(live_server.url, "<p>un</p>", scripts=False) as page:
        page.locator("#id_body_opening").fill("<p>deux<script>x</script></p>")
        assert save(page) == "<p>deux</p>"


# A busy machine tells of a closed dialog only after the text has the focus again.
TELL_LATE = """
const listen = HTMLDialogElement.prototype.addEventListener;
HTMLDialogElement.prototype.addEventListener = function (name, heard, ...rest) {
  const late = (event) => setTimeout(heard, 300, event);
  listen.call(this, name, name === "close" ? late : heard, ...rest);
};
"""


def test_an_answer_goes_where_the_caret_was(live_server: LiveServer) -> None:
    with form(live_server.url, "<p>Du début à la fin</p>", before=TELL_LATE) as page:
        keys = page.keyboard
        opening(page).click()
        for title, typed in {"Lien": "1:12:00", "Image": "", "Tableau": ""}.items():
            keys.press("Control+End")
            keys.type(",")
            if title == "Lien":
                keys.press("Control+k")
            else:
                page.locator(".field-body_opening").get_by_role("button", name=title).click()
            expect(page.get_by_role("dialog", name=title)).to_be_visible()
            keys.type(typed)
            keys.press("Enter" if typed else "Escape")
            expect(opening(page)).to_be_focused()
            keys.type(".")
        link = '<a href="?t=4320">?t=4320</a>'
        assert stored(page) == f"<p>Du début à la fin,{link}.,.,.</p>"


def test_the_editor_speaks_french_and_is_accessible(live_server: LiveServer) -> None:
    table = "<table><tbody><tr><td>x</td></tr></tbody></table>"
    with form(live_server.url, f"<ul><li>un</li></ul>{table}") as page:
        opening(page).locator("td").click()
        box = page.locator(".field-body_opening .richtext")
        said = box.evaluate(
            """box => [...box.querySelectorAll("button")].map(
                (one) => `${one.textContent} ${one.title} ${one.getAttribute("aria-label") ?? ""}`
            ).join("\\n")"""
        )
        english = "bold italic link table row column undo redo heading quote list insert header"
        assert not set(english.split()) & set(said.lower().split())
        assert_accessible(page, "the editor", within=".field-body_opening")
