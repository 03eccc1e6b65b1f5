"""Texts of WordPress become ours: paragraphs, players, images, links, shortcodes."""

import pytest

from broadcasts.video_addresses import VideoAddress
from broadcasts.wordpress.library import Kind
from tests.broadcasts.wordpress.world import PEERTUBE, UPLOADS, converted, found, opening

YOUTUBE = "https://youtu.be/aaaaaaaaaaa"
OTHER = "https://www.youtube.com/live/bbbbbbbbbbb?feature=share"
UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
WATCH = '<p><a href="https://www.youtube.com/watch?v={}">Voir la vidéo sur YouTube</a></p>'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Un.\n\nDeux.", "<p>Un.</p><p>Deux.</p>"),
        ("Un.\r\n\r\nDeux.", "<p>Un.</p><p>Deux.</p>"),
        ("Un,\ndeux.", "<p>Un,<br>deux.</p>"),
        ("Un,<br />\ndeux.", "<p>Un,<br>deux.</p>"),
        ("Un,\n<br>deux.", "<p>Un,<br>deux.</p>"),
        ("Un.<br><br>Deux.", "<p>Un.</p><p>Deux.</p>"),
        ("Un.\n&nbsp;\nDeux.", "<p>Un.</p><p>Deux.</p>"),
        ("  \n\nUn.\n\n\n\n", "<p>Un.</p>"),
        ("<em>Un.\n\nDeux.</em>", "<p><em>Un.</em></p><p><em>Deux.</em></p>"),
        ("Un <b>gras\net fin</b>.", "<p>Un <b>gras</b><br><b>et fin</b>.</p>"),
        ("Un.\n<h2>Titre</h2>\nDeux.", "<p>Un.</p><h2>Titre</h2><p>Deux.</p>"),
        ("<h1>A</h1><h5>B</h5><h6> </h6>", "<h2>A</h2><h4>B</h4>"),
        ("<p>Un.</p>\n<p>Deux,\ntrois.</p>", "<p>Un.</p><p>Deux,<br>trois.</p>"),
        (
            "<ul>\n<li>un</li>\n<li>deux\ntrois</li>\n</ul>",
            "<ul><li>un</li><li>deux<br>trois</li></ul>",
        ),
        ("<ol start=3><li>a<ul><li>b</ul></ol>", "<ol><li>a<ul><li>b</li></ul></li></ol>"),
        (
            "<blockquote>Un.\n\nDeux.</blockquote>",
            "<blockquote><p>Un.</p><p>Deux.</p></blockquote>",
        ),
        ("<pre>  a\n\n  b</pre>", "<pre>  a\n\n  b</pre>"),
        ("<div>Un.\n\n<div>Deux.</div></div>", "<p>Un.</p><p>Deux.</p>"),
        ("<center>Un</center><font color=red>deux</font>", "<p>Un</p><p>deux</p>"),
        ("<dl><dt>Mot</dt><dd>Sens</dd></dl>", "<p><strong>Mot</strong></p><p>Sens</p>"),
        ("a <del>b</del> <strike>c</strike> <ins>d</ins>", "<p>a <s>b</s> <s>c</s> d</p>"),
        ("<hr>", "<hr>"),
        (
            "<a href='https://x.example/'><h2>T</h2></a>",
            '<h2><a href="https://x.example/">T</a></h2>',
        ),
        ("Un.<!--nextpage-->Deux.", "<p>Un.</p><p>Deux.</p>"),
        ("Un <!-- commentaire --> deux", "<p>Un  deux</p>"),
        (
            "<table><caption>T</caption><thead><tr><th scope=col>A</thead>"
            "<tr><td colspan=2>b<table><tr><td>c</table></table>",
            '<p>T</p><table><tbody><tr><th scope="col">A</th></tr><tr><td colspan="2">b'
            "<table><tbody><tr><td>c</td></tr></tbody></table></td></tr></tbody></table>",
        ),
    ],
)
def test_old_texts(text: str, expected: str) -> None:
    assert opening(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!-- wp:paragraph -->\n<p>Un,\ndeux.</p>\n<!-- /wp:paragraph -->", "<p>Un,\ndeux.</p>"),
        (
            '<!-- wp:heading {"level":3} -->\n<h3 class="x">T</h3>\n<!-- /wp:heading -->',
            "<h3>T</h3>",
        ),
        (
            "<!-- wp:columns --><div><!-- wp:column --><div><p>a</p></div><!-- /wp:column --></div>"
            "<!-- /wp:columns -->",
            "<p>a</p>",
        ),
        (
            "Vieux,\ntexte.\n\nBloc.\n<!-- wp:paragraph --><p>Neuf</p><!-- /wp:paragraph -->",
            "<p>Vieux,<br>texte.</p><p>Bloc.</p><p>Neuf</p>",
        ),
        ("<!-- wp:separator /--><!-- wp:spacer /-->", "<hr>"),
        ("<!-- wp:more --><!--more--><!-- /wp:more -->", ""),
    ],
)
def test_block_texts(text: str, expected: str) -> None:
    assert opening(text) == expected


def test_blocks_without_text_are_reported() -> None:
    body = converted('<!-- wp:latest-posts {"n":3} /--><!-- wp:core/block {"ref":7} /--><p>a</p>')
    assert found(body, Kind.BLOCK) == ["latest-posts", "block"]


class TestFundraising:
    def test_it_stands_where_the_banner_stood(self) -> None:
        body = converted("Un.\n\n[auposte_bandeau_don]\n\nDeux.")
        assert (body.opening, body.rest) == ("<p>Un.</p>", "<p>Deux.</p>")

    def test_the_first_banner_counts_and_more_does_not(self) -> None:
        body = converted(
            "A\n<!--more Suite-->\nB [auposte_bandeau_don] C\n\n[auposte_bandeau_don]D"
        )
        assert (body.opening, body.rest) == ("<p>A</p><p>B</p>", "<p>C</p><p>D</p>")

    def test_without_a_banner_it_stands_where_the_text_was_cut(self) -> None:
        body = converted("A\n\n<!--more-->\n\nB")
        assert (body.opening, body.rest) == ("<p>A</p>", "<p>B</p>")

    def test_without_either_it_comes_last(self) -> None:
        body = converted("A\n\nB")
        assert (body.opening, body.rest) == ("<p>A</p><p>B</p>", "")

    @pytest.mark.parametrize(
        ("around", "parts"),
        [
            ("<div><p>A</p>{}<p>B</p></div>", ("<p>A</p>", "<p>B</p>")),
            ("<p>A <em>x {} y</em> B</p>", ("<p>A <em>x</em></p>", "<p><em>y</em> B</p>")),
            (
                "<blockquote>A\n\n{}\n\nB</blockquote>",
                ("<blockquote><p>A</p></blockquote>", "<blockquote><p>B</p></blockquote>"),
            ),
            (
                "<ul><li>A {} B</li></ul>",
                ("<ul><li><p>A</p></li></ul>", "<ul><li><p>B</p></li></ul>"),
            ),
            ("<!-- wp:shortcode -->{}<!-- /wp:shortcode --><p>B</p>", ("", "<p>B</p>")),
        ],
    )
    def test_wherever_it_stood(self, around: str, parts: tuple[str, str]) -> None:
        body = converted(around.format("[auposte_bandeau_don]"))
        assert (
            body.opening.replace(" </", "</").replace("> ", ">"),
            body.rest.replace("> ", ">"),
        ) == tuple(part.replace("> ", ">") for part in parts)
        assert "hr" not in body.opening + body.rest


class TestPlayers:
    @pytest.mark.parametrize(
        "text",
        [
            f"{YOUTUBE}\n\nTexte.",
            f"Texte.\n{YOUTUBE}\n",
            f"<p>{YOUTUBE}</p><p>Texte.</p>",
            f"[embed width=500]{YOUTUBE}[/embed]\n\nTexte.",
            f"[youtube={YOUTUBE}&w=640] Texte.",
            "[youtube aaaaaaaaaaa]\n\nTexte.",
            '[video src="https://www.youtube.com/watch?v=aaaaaaaaaaa"][/video]Texte.',
            '<iframe src="//www.youtube-nocookie.com/embed/aaaaaaaaaaa?t=3">x</iframe>\n\nTexte.',
            '<iframe src="about:blank" data-src="https://www.youtube.com/embed/aaaaaaaaaaa">'
            "</iframe>Texte.",
            '<object data="x"><embed src="https://www.youtube.com/v/aaaaaaaaaaa?hl=fr"></object>Texte.',
            '<!-- wp:embed {"url":"https://youtu.be/aaaaaaaaaaa"} /--><p>Texte.</p>',
            '<!-- wp:embed --><figure class="wp-block-embed"><div>\nhttps://youtu.be/aaaaaaaaaaa\n'
            "</div></figure><!-- /wp:embed --><p>Texte.</p>",
            f"<h2>{'<iframe src=https://www.youtube.com/embed/aaaaaaaaaaa></iframe>'}</h2>Texte.",
        ],
    )
    def test_a_player_becomes_the_broadcasts_video(self, text: str) -> None:
        body = converted(text)
        assert body.videos == (VideoAddress(platform="youtube", external_id="aaaaaaaaaaa"),)
        assert (body.opening, body.rest) == ("<p>Texte.</p>", "")

    def test_other_platforms(self) -> None:
        body = converted(f"{PEERTUBE}/w/{UUID}\nhttps://www.twitch.tv/videos/123456789\n{YOUTUBE}")
        assert [video.platform for video in body.videos] == ["peertube", "twitch", "youtube"]
        assert body.opening == ""

    def test_a_second_video_of_a_platform_stays_as_a_link(self) -> None:
        body = converted(
            f"{YOUTUBE}\n\nPuis :\n{OTHER}\n\nEt encore {YOUTUBE} dans une phrase.\n{OTHER}"
        )
        assert [video.external_id for video in body.videos] == ["aaaaaaaaaaa", "bbbbbbbbbbb"]
        assert opening(f"{YOUTUBE}\n\n{OTHER}\n\n{OTHER}") == WATCH.format("bbbbbbbbbbb")
        assert YOUTUBE in body.opening

    def test_a_video_of_another_broadcast_is_not_taken(self) -> None:
        taken = {VideoAddress(platform="youtube", external_id="aaaaaaaaaaa")}
        body = converted(YOUTUBE, taken=taken)
        assert body.videos == ()
        assert found(body, Kind.VIDEO_TAKEN) == [YOUTUBE]
        assert opening(YOUTUBE, taken=taken) == WATCH.format("aaaaaaaaaaa")

    def test_players_of_others_become_links_or_go(self) -> None:
        text = (
            "https://vimeo.com/1\n\n<iframe src='https://w.soundcloud.com/p?x=1'></iframe>"
            "<iframe src='https://mouchard.example/'>vu</iframe>"
            "<iframe src='https://x.soundcloud.com/' width=1></iframe>"
            "<iframe src='javascript:alert(1)'></iframe><audio src='https://a.example/a.mp3'></audio>"
        )
        assert opening(text) == (
            '<p><a href="https://vimeo.com/1">https://vimeo.com/1</a></p>'
            '<p><a href="https://w.soundcloud.com/p?x=1">Voir ou écouter sur w.soundcloud.com</a>'
            "</p>"
            '<p><a href="https://a.example/a.mp3">Voir ou écouter sur a.example</a></p>'
        )
        assert "https://mouchard.example/" in found(converted(text), Kind.EMBED)

    def test_an_address_in_a_sentence_is_no_player(self) -> None:
        body = converted(f"Voir {YOUTUBE} ce soir.")
        assert body.videos == ()
        assert YOUTUBE in body.opening

    def test_an_embedded_text_of_the_site_is_a_link_with_its_title(self) -> None:
        assert (
            opening("https://auposte.example/la-suite/")
            == '<p><a href="/emissions/la-suite">La suite</a></p>'
        )


def image(name: str, alt: str = "") -> str:
    return f'<img src="/media/{name}" alt="{alt}" width="3" height="2">'


def figure(name: str, alt: str = "", caption: str = "") -> str:
    words = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{image(name, alt)}{words}</figure>"


class TestImages:
    FIVE = '<img src="{u}/5.jpg" alt="V">'
    BOTH = figure("1.jpg", "Alt 1", "Légende <b>1</b>") + figure("2.jpg", "Alt 2")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            (FIVE, figure("5.jpg", "V")),
            (f'<a href="{{u}}/5.jpg">{FIVE}</a>', figure("5.jpg", "V")),
            (f"<p>a {FIVE} b</p>", f"<p>a {image('5.jpg', 'V')} b</p>"),
            (
                f'[caption id="attachment_5"]<a href="x">{FIVE}</a> Une <em>vue</em>[/caption]',
                figure("5.jpg", "V", "Une <em>vue</em>"),
            ),
            (
                f'[caption width="300" caption="Vieille <em>vue</em>"]{FIVE}[/caption]',
                figure("5.jpg", "V", "Vieille <em>vue</em>"),
            ),
            (
                f'<figure class="wp-block-image">{FIVE}<figcaption>Vue</figcaption></figure>',
                figure("5.jpg", "V", "Vue"),
            ),
            ('[gallery ids="1,2" columns="2"]', BOTH),
            ("[gallery]", BOTH),
            ('<img src="{u}/1-300x200.jpg">', figure("1-300x200.jpg", "Alt 1")),
            (
                '<img src="data:image/gif;base64,R0" data-src="{u}/5.jpg" alt="V">'
                f"<noscript>{FIVE}</noscript>",
                figure("5.jpg", "V"),
            ),
            (
                '<img src="//www.auposte.example/wp-content/uploads/5.jpg" alt="V">',
                figure("5.jpg", "V"),
            ),
        ],
    )
    def test_those_that_are_here(self, text: str, expected: str) -> None:
        assert opening(text.replace("{u}", UPLOADS)) == expected

    def test_of_those_that_are_not_the_words_stay(self) -> None:
        text = (
            '<img src="https://x.example/a.jpg" alt="Une place">\n\n'
            '[caption width="3"]<img src="https://x.example/b.jpg" alt="muet"> Sa légende[/caption]'
        )
        assert opening(text) == "<p><em>Une place</em></p><p><em>Sa légende</em></p>"
        assert found(converted(text), Kind.PICTURE) == [
            "https://x.example/a.jpg",
            "https://x.example/b.jpg",
        ]

    def test_a_gallery_says_what_it_misses(self) -> None:
        assert found(converted('[gallery ids="1,404"]'), Kind.PICTURE) == ["[gallery] 404"]


class TestLinks:
    def test_internal_ones_lead_to_the_new_address(self) -> None:
        body = converted('<a href="https://www.auposte.example/?p=3" title="T">là</a>')
        assert body.opening == (
            '<p><a href="/emissions/la-suite" title="T" rel="noopener noreferrer">là</a></p>'
        )
        assert found(body, Kind.LINK) == ["https://www.auposte.example/?p=3"]

    def test_those_to_what_is_not_public_stay_and_are_said(self) -> None:
        body = converted('<a href="https://auposte.example/secret/">là</a>')
        assert 'href="https://auposte.example/secret/"' in body.opening
        assert found(body, Kind.LINK_KEPT) == ["https://auposte.example/secret/"]

    def test_others_are_left_alone_and_bad_ones_lose_their_address(self) -> None:
        assert (
            opening('<a href="https://x.example/">a</a>')
            == '<p><a href="https://x.example/">a</a></p>'
        )
        assert opening('<a href="javascript:x">a</a> <a name="n">b</a>') == "<p>a b</p>"


class TestShortcodes:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('[plugin id="4"]gardé[/plugin]', "<p>gardé</p>"),
            ("[a_b][c_d]gardé[/c_d][/a_b]", "<p>gardé</p>"),
            ("[lecteur]\n\nTexte", "<p>Texte</p>"),
            ("<p>[lecteur]</p><p>Texte</p>", "<p>Texte</p>"),
            ("avant [bouton url='x' /] après", "<p>avant  après</p>"),
            ("[fo[x_y]o_z] reste", "<p>reste</p>"),
            ("[a_[b_[c_[d_e]f]g]h] reste", "<p>reste</p>"),
            ("&#91;foo_bar&#93; reste", "<p> reste</p>"),
            ("[[gallery]] reste", "<p>gallery reste</p>"),
            ("[/orphelin]reste", "<p>reste</p>"),
            ("[caption]sans fin", "<p>sans fin</p>"),
            ('[plugin titre="<b>x</b>"]gardé[/plugin]', "<p>gardé</p>"),
            ("[soirée_spéciale]gardé", "<p>gardé</p>"),
            ("[plugin titre=“courbes”]gardé[/plugin]", "<p>gardé</p>"),
            ("[plugin<br />\n<em>id</em>='4'<br />]gardé[/plugin]", "<p>gardé</p>"),
            ("[le_mot <b>gras</b>]gardé", "<p>[le_mot <b>gras</b>]gardé</p>"),
            (
                '<a href="https://x.example/[a_b]">l</a>',
                '<p><a href="https://x.example/[a_b]">l</a></p>',
            ),
        ],
    )
    def test_they_go_and_what_they_wrap_stays(self, text: str, expected: str) -> None:
        assert opening(text).replace("<p> ", "<p>") == expected.replace("<p> ", "<p>")

    @pytest.mark.parametrize(
        "text",
        [
            "Il dit [sic] que non.",
            "« [La police] a chargé. »",
            "[…] puis [...] enfin",
            "[Rires]",
            "[rires]",
            "[Musique]",
            "[élève]",
            "[dit-il] et [il] revient",
            "[1] [2]",
            "[le ministre de l’intérieur]",
            "a[0] = b[i]",
        ],
    )
    def test_brackets_of_prose_stay(self, text: str) -> None:
        assert opening(text) == f"<p>{text}</p>"

    def test_one_that_showed_itself_elsewhere_is_known(self) -> None:
        assert opening("Voir [promo] ici") == "<p>Voir [promo] ici</p>"
        names = frozenset({"promo"})
        assert opening("Voir [promo] ici", shortcode_names=names) == "<p>Voir  ici</p>"

    def test_they_are_reported_and_so_are_brackets_that_may_be_some(self) -> None:
        body = converted('[plugin id="4"]a[/plugin] [promo] [sic]')
        assert found(body, Kind.SHORTCODE) == ["plugin"]
        assert found(body, Kind.BRACKETS) == ["[promo]"]
        assert [f.detail for f in body.findings if f.kind is Kind.SHORTCODE] == ['[plugin id="4"]']


@pytest.mark.parametrize(
    "text",
    [
        '<p onclick="alert(1)" style="color:red">a<script>alert(2)</script></p>',
        "a<style>p{color:red}</style>",
        '<a href="data:text/html,x" onmouseover=x>a</a>',
        "<svg onload=x><a xlink:href='javascript:x'>b</a></svg>a",
        "a<iframe srcdoc='<script>x</script>'></iframe>",
        "a<img src=x onerror=alert(1)>",
        '<form action="https://x.example"><input name=a>a<button>b</button></form>',
        "[caption]<script>alert(1)</script>[/caption]a",
        '[x_y a="<script>alert(1)</script>"]a',
        "<math><mtext><table><mglyph><style><img src onerror=alert(1)>a</style></table></math>a",
    ],
)
def test_nothing_hostile_comes_through(text: str) -> None:
    page = opening(text)
    assert "a" in page
    for word in (
        "script",
        "alert",
        "onclick",
        "onerror",
        "style",
        "javascript",
        "data:",
        "iframe",
        "form",
    ):
        assert word not in page, page
