"""Subtitles: what is said, once, in order."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from broadcasts.captions import MOST_CUES, parse_webvtt


def said(text: str) -> list[tuple[int, int, str, str]]:
    return [(cue.start_ms, cue.end_ms, cue.speaker, cue.text) for cue in parse_webvtt(text)]


def words(text: str) -> list[str]:
    return [cue.text for cue in parse_webvtt(text)]


PLAIN = """WEBVTT - Au Poste
Kind: captions
Language: fr

STYLE
::cue { color: lime }

NOTE Relu deux fois
00:00:00.000 --> 00:00:09.000 n’est pas une réplique

REGION
id:bas
width:40%

intro
00:00:01.000 --> 00:00:03.500 align:start position:0% line:-1
Bonsoir à toutes
et à tous.

2
00:04.000 --> 01:02:03.456
Ça commence.
"""


def test_a_file_as_the_standard_has_it() -> None:
    expected = [
        (1000, 3500, "", "Bonsoir à toutes et à tous."),
        (4000, 3_723_456, "", "Ça commence."),
    ]
    assert said(PLAIN) == expected
    assert said("\ufeff" + PLAIN.replace("\n", "\r\n")) == expected
    assert said(PLAIN.replace("\n", "\r")) == expected


def test_voices_tags_and_entities() -> None:
    text = """WEBVTT

00:01.000 --> 00:02.000
<v.fort Lou Welgryn>C’est <i.x>chiffré</i> &amp; &lt;vérifié&gt;&nbsp;: 3 < 4</v>

00:03.000 --> 00:04.000
<c.rouge>Un</c> <00:03.500><c>deux</c> &eacute;t&eacute;
"""
    assert said(text) == [
        (1000, 2000, "Lou Welgryn", "C’est chiffré & <vérifié>\xa0: 3 < 4"),
        (3000, 4000, "", "Un deux été"),
    ]


def test_tolerates_what_people_write() -> None:
    text = """1
00:00:01,000 --> 00:00:02,5
Comme en SRT
2
00:00:03 -->   00:00:04
Sans ligne vide
00:00:05.000-->00:00:06.000
Sans espace
pas un temps --> non plus

00:99:99.000 --> 00:00:01.000

texte perdu
"""
    assert said(text) == [
        (1000, 2500, "", "Comme en SRT"),
        (3000, 4000, "", "Sans ligne vide"),
        (5000, 6000, "", "Sans espace pas un temps --> non plus"),
    ]


def test_rolling_lines_are_said_once() -> None:
    # YouTube pads the two lines of its display with a space.
    text = """WEBVTT

00:00:00.000 --> 00:00:02.000 align:start
{space}
bonsoir<00:00:00.500><c> à</c><00:00:01.000><c> toutes</c>

00:00:02.000 --> 00:00:02.010
bonsoir à toutes
{space}

00:00:02.010 --> 00:00:04.000
bonsoir à toutes
et<00:00:03.000><c> à</c><00:00:03.500><c> tous</c>

00:00:04.000 --> 00:00:04.010
et à tous
{space}

00:00:04.010 --> 00:00:06.000
et à tous
ça commence
"""
    assert said(text.replace("{space}", " ")) == [
        (0, 2010, "", "bonsoir à toutes"),
        (2010, 4010, "", "et à tous"),
        (4010, 6000, "", "ça commence"),
    ]


def test_lines_that_grow_are_said_once() -> None:
    text = """WEBVTT

00:00.000 --> 00:01.000
on

00:01.000 --> 00:02.000
on ne

00:02.000 --> 00:03.000
on ne sait pas
"""
    assert said(text) == [(0, 3000, "", "on ne sait pas")]


def test_the_same_words_later_or_by_somebody_else_are_said_again() -> None:
    text = """WEBVTT

00:01.000 --> 00:02.000
Oui.

00:05.000 --> 00:06.000
Oui.

00:06.000 --> 00:07.000
<v Lou>Oui.
"""
    assert words(text) == ["Oui.", "Oui.", "Oui."]


def test_cues_come_in_order_and_do_not_overlap() -> None:
    text = """WEBVTT

00:10.000 --> 00:20.000
trois

00:01.000 --> 00:30.000
un

00:05.000 --> 00:04.000
deux

00:10.000 --> 00:12.000
quatre
"""
    assert said(text) == [
        (1000, 5000, "", "un"),
        (5000, 5000, "", "deux"),
        (10_000, 10_000, "", "trois"),
        (10_000, 12_000, "", "quatre"),
    ]


def test_empty_cues_and_signs_that_nobody_sees_go() -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<b></b>\u200b\n\n00:03.000 --> 00:04.000\na\x00b\u202e"
    )
    assert words(text) == ["ab"]


def test_no_subtitles_are_no_cues() -> None:
    for text in ("", "WEBVTT", "<!doctype html><title>Introuvable</title>", "-->", "\n" * 1000):
        assert said(text) == []


def test_sizes_are_bounded() -> None:
    cue = "00:00:{:02d}.000 --> 00:00:{:02d}.500\nn{} {}\n\n"
    many = "".join(cue.format(n % 60, n % 60, n, "") for n in range(MOST_CUES + 500))
    assert len(parse_webvtt(many)) == MOST_CUES
    assert len(words("00:01.000 --> 00:02.000\n" + "a" * 100_000)[0]) == 2_000
    assert said("9999:00:00.000 --> 9999:00:01.000\ntrop tard") == []
    hostile = ("<" * 50_000, "<v " * 20_000, "00:00 -->" * 10_000, "&" * 50_000, "<v a" * 9_000)
    for piece in hostile:
        assert len(parse_webvtt(f"00:01.000 --> 00:02.000\n{piece}")) <= 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9_999),
            st.integers(0, 9_999),
            st.text(alphabet=st.sampled_from("ab \n<>v&;/.-:0"), max_size=12),
        ),
        max_size=12,
    )
)
def test_whatever_comes_in_holds_in_the_database(cues: list[tuple[int, int, str]]) -> None:
    text = "WEBVTT\n\n" + "\n\n".join(
        f"00:{start / 1000:06.3f} --> 00:{end / 1000:06.3f}\n{say}" for start, end, say in cues
    )
    found = parse_webvtt(text)
    assert all(cue.text.strip() and 0 <= cue.start_ms <= cue.end_ms for cue in found)
    starts = [cue.start_ms for cue in found]
    assert starts == sorted(starts)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(found))
