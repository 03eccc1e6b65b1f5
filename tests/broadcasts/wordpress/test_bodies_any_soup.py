"""Whatever an author, a plugin or a worm wrote: what comes out is safe, and says all that it said.

Two ways to make soup. Pieces whose visible words are known are nested in each other: every word
must come out, once, in order. And characters that mean something to a parser are thrown together:
what an HTML5 parser reads of them is the text that must come out.
"""

import os
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import nh3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auposte.richtext import ATTRIBUTES, TAGS, sanitise
from broadcasts.wordpress import shortcodes
from broadcasts.wordpress.bodies import Body
from tests.broadcasts.wordpress.world import UPLOADS, converted

# Words that show are `v…`, those that a browser does not show are `h…`.
VISIBLE, HIDDEN = re.compile(r"v\d+v"), re.compile(r"h\d+h")
# In one run of text: no tag stands inside.
SHORTCODE = re.compile(
    r"""\[/?[A-Za-z][\w-]*(?:_[\w-]*|\s[^\[\]<]*=\s*["'\w][^\[\]<]*)\]|\[/[A-Za-z][\w-]*\s*\]"""
)


@dataclass(frozen=True)
class Piece:
    """How a piece of soup is written around others."""

    template: str


BLOCK_TAGS = ("p", "div", "blockquote", "h1", "h2", "h5", "section", "center", "pre", "ul", "ol",
              "li", "dl", "dt", "dd", "table", "tr", "td", "figure", "figcaption", "details",
              "noscript", "fieldset", "article")  # fmt: skip
INLINE_TAGS = ("em", "strong", "b", "span", "a", "font", "s", "del", "ins", "code", "u", "small",
               "sup", "abbr", "q", "mark", "blink")  # fmt: skip
WRAPPERS = (
    *(f"<{tag} {{attributes}}>{{inside}}</{tag}>" for tag in (*BLOCK_TAGS, *INLINE_TAGS)),
    *(f"<{tag}>{{inside}}" for tag in ("p", "div", "em", "b", "li", "td", "a", "h3")),
    *(f"{{inside}}</{tag}>" for tag in ("p", "div", "em", "b", "ul", "blockquote")),
    '[inconnu_{n} a="1"]{inside}[/inconnu_{n}]',
    "[a-b x='{hidden}']{inside}[/a-b]",
    '[autre_{n} titre="{hidden}"]{inside}',
    "{inside}[/perdu]",
    "[col_{n}][ligne_{n}]{inside}[/col_{n}][/ligne_{n}]",
    '<!-- wp:group {{"a":{n}}} -->{inside}<!-- /wp:group -->',
    "<!-- wp:paragraph --><p>{inside}</p><!-- /wp:paragraph -->",
    "{inside}<!-- /wp:column -->",
    "{inside}\n\n{inside2}",
    "{inside}\n{inside2}",
    "{inside}<br>{inside2}",
    "{inside} {inside2}",
)
LEAVES = (
    " {word} ",
    " {word}\n\n{word2} ",
    " {word}, &eacute;t&eacute; &#128680; {word2}. ",
    " [Rires] {word} [sic] [le {word2}] ",
    " &#91;cache_{n}&#93; {word} ",
    " {word} <script>{hidden}</script> ",
    " {word} <style>.{hidden}{{}}</style> ",
    " {word} <iframe src='https://x.example/{hidden}'>{hidden}</iframe> ",
    " {word} <!-- {hidden} --> ",
    "\n\n[auposte_bandeau_don]\n\n {word} ",
    "<!--more--> {word} <!--nextpage--> ",
    " <img src='https://x.example/a.jpg' onerror='{hidden}' alt=''> {word} ",
    " {word} <a href='javascript:{hidden}'>{word2}</a> ",
    f" <a href='{UPLOADS}/1.jpg'><img src='{UPLOADS}/1.jpg' alt=''></a> {{word}} ",
    " [vide_{n} /] {word} ",
    " {word} [gallery ids='99'] ",
    f" [caption width='3']<img src='{UPLOADS}/2.jpg' alt=''> {{word}}[/caption] ",
    " [caption]{word}[/caption] ",
    "\n\nhttps://youtu.be/{hidden}_______\n\n {word} ",
    " {word} &lt;script&gt;{word2}&lt;/script&gt; ",
)
HOSTILE_ATTRIBUTES = (
    "", 'onclick="h0h()"', "style='color:red'", 'class="[x_y]"', 'id="h1h" data-x=">"',
    "href='https://x.example/'", "onmouseover=h2h",
)  # fmt: skip


class Soup:
    """Writes pieces with numbered words; remembers which show."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.count = 0

    def next(self) -> int:
        self.count += 1
        return self.count

    def word(self) -> str:
        self.words.append(f"v{self.next()}v")
        return self.words[-1]

    def write(self, tree: object) -> str:
        if isinstance(tree, Piece):
            written = tree.template
            while "{word" in written:
                written = re.sub(r"\{word2?\}", lambda _: self.word(), written, count=1)
        else:
            template, attributes, *inside = tree  # type: ignore[misc]
            head, middle, tail = _parts(template)
            written = head.replace("{attributes}", attributes) + self.write(inside[0])
            if tail is not None:
                written += middle + self.write(inside[1]) + tail
            else:
                written += middle
        written = re.sub(r"\{hidden\}", lambda _: f"h{self.next()}h", written)
        return written.replace("{n}", "7").replace("{{", "{").replace("}}", "}")


def _parts(template: str) -> tuple[str, str, str | None]:
    head, _, rest = template.partition("{inside}")
    middle, found, tail = rest.partition("{inside2}")
    return head, middle, tail if found else None


TREES = st.recursive(
    st.builds(Piece, st.sampled_from(LEAVES)),
    lambda inside: st.tuples(
        st.sampled_from(WRAPPERS), st.sampled_from(HOSTILE_ATTRIBUTES), inside, inside
    ),
    max_leaves=12,
)
NASTY = st.lists(
    st.one_of(
        st.sampled_from([
            "<", ">", "</", "/>", "<p>", "</p>", "<a href=", "<em>", "</em>", "<!--", "-->",
            "<script>", "</script>", "<style>", "<iframe src=//x>", "</iframe>", "[", "]", "[/",
            "[[", "]]", "[a_b", "[gallery]", "[caption]", "[/caption]", "[embed]", "[/embed]",
            "[auposte_bandeau_don]", "=", '"', "'", "\n", "\n\n", "\r\n", "&", "&amp;", "&#91;",
            "&#93;", "&lt;", ";", " ", "\u00a0", "https://youtu.be/aaaaaaaaaaa", "//x.example/",
            "<img src=x onerror=y>", "<table>", "<tr>", "<td>", "<li>", "<ul>", "<pre>", "<br>",
            "<!-- wp:x -->", "<!-- /wp:x -->", "<!--more-->", "<noscript>", "<select><option>",
            "<textarea>", "<template>", "<svg>", "<math>", "<title>", "<plaintext>", "<h1>", "<hr>",
            "<figure>", "<figcaption>", "é", "🚨", "x", "mot", "_", "-", "0", "javascript:",
        ]),
        st.text(alphabet="<>[]/=\"'_-abé&;# \n", max_size=8),
    ),
    max_size=40,
).map("".join)  # fmt: skip


NOT_PROSE = re.compile(
    r"\[|\]|&#9[13];|https?:|//|<(?:title|textarea|plaintext|noscript)>|<!-- /?wp:x -->|<!--more-->"
)


class Tags(HTMLParser):
    """Every tag and attribute of a page, and whether they balance."""

    VOID = {"br", "hr", "img"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_safe(body: Body) -> None:
    """It parses, it holds only what the site shows, and the sanitiser has nothing left to do."""
    for part in (body.opening, body.rest):
        assert sanitise(part) == part
        for tag, attributes in Tags(part).seen:
            assert tag in TAGS
            assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel"}
            href = attributes.get("href") or ""
            assert not href.lower().lstrip().startswith(("javascript", "data", "vbscript"))
        # An address may hold brackets, and is kept as it is.
        assert not SHORTCODE.search(re.sub(r'href="[^"]*"', "", part)), part
        assert "data-wp" not in part


def visible(text: str) -> str:
    """What an HTML5 parser reads of it, without white space."""
    words = nh3.clean(text, tags=set(), clean_content_tags={"script", "style", "iframe"})
    return re.sub(r"\s|&nbsp;", "", words)


def check_words(tree: object) -> None:
    soup = Soup()
    text = soup.write(tree)
    # Only what HTML itself shows is asked for: broken nesting moves text about in tables.
    shown = VISIBLE.findall(nh3.clean(text, tags=set(), clean_content_tags={"script", "style"}))
    body = converted(text)
    assert_safe(body)
    page = body.opening + body.rest
    assert sorted(VISIBLE.findall(nh3.clean(page, tags=set()))) == sorted(shown), (text, page)
    if "<table" not in text and "<t" not in text:
        assert VISIBLE.findall(nh3.clean(page, tags=set())) == shown, (text, page)
    assert "script>" not in page.replace("&lt;/script&gt;", "").replace("&lt;script&gt;", "")


def check_soup(text: str) -> None:
    assert_safe(converted(text))
    # What shortcodes, players and WordPress's comments are is not for an HTML parser to say.
    prose = NOT_PROSE.sub("", text)
    body = converted(prose)
    assert visible(body.opening + body.rest) == visible(prose), (prose, body)


SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck)}
FEW, MANY = (int(os.environ.get("EXAMPLES", number)) for number in ("250", "8000"))


@settings(max_examples=FEW, **SETTINGS)
@given(TREES)
def test_no_visible_word_is_lost(tree: object) -> None:
    check_words(tree)


@settings(max_examples=FEW, **SETTINGS)
@given(NASTY)
def test_any_characters_come_out_safe(text: str) -> None:
    check_soup(text)


@pytest.mark.deep
@settings(max_examples=MANY, **SETTINGS)
@given(TREES)
def test_no_visible_word_is_lost_deep(tree: object) -> None:
    check_words(tree)


@pytest.mark.deep
@settings(max_examples=MANY, **SETTINGS)
@given(NASTY)
def test_any_characters_come_out_safe_deep(text: str) -> None:
    check_soup(text)


def test_shortcodes_are_recognised_by_the_measure_of_this_test() -> None:
    """The measure must find what it looks for, or the searches above prove nothing."""
    for text in ("[a_b]", '[plugin id="4"]', "[/plugin]", "[x y=1 z]"):
        assert SHORTCODE.search(text), text
        assert shortcodes.replace(text, frozenset()) == ""
    for text in ("[sic]", "[le ministre]", "[…]", "[Rires]"):
        assert not SHORTCODE.search(text), text


def test_depth_is_no_trouble() -> None:
    text = "<div><em>" * 3000 + "fond" + "</em></div>" * 3000 + "[a_b]" * 3000
    assert "fond" in converted(text).opening
    assert "fond" in converted("<blockquote>" * 500 + "fond").opening
