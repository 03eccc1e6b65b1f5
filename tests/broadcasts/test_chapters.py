"""Chapters in descriptions, by YouTube's rules."""

import pytest

from broadcasts.chapters import chapters_in


def found(description: str) -> list[tuple[int, str]]:
    return [(chapter.start_seconds, chapter.title) for chapter in chapters_in(description)]


THREE = [(0, "Arrivée"), (445, "Le début"), (5462, "La fin")]


@pytest.mark.parametrize(
    "description",
    [
        "0:00 Arrivée\n7:25 Le début\n1:31:02 La fin",
        "00:00 Arrivée\r\n07:25 Le début\r\n01:31:02 La fin\r\n",
        "00:00:00 Arrivée\n00:07:25 Le début\n01:31:02 La fin",
        "• 0:00 – Arrivée\n• 7:25 – Le début\n• 1:31:02 – La fin",
        "- [0:00] Arrivée\n- [7:25] Le début\n- [1:31:02] La fin",
        "* (0:00) **Arrivée**\n* (7:25) **Le début**\n* (1:31:02) **La fin**",
        "1. 0:00 : Arrivée\n2. 7:25 : Le début\n3. 1:31:02 : La fin",
        "▶️ 0:00 | Arrivée\n▶️ 7:25 | Le début\n▶️ 1:31:02 | La fin",
        "0:00 - 7:25 Arrivée\n7:25 – 1:31:02 Le début\n1:31:02 La fin",
        "0:00\xa0Arrivée\n7:25\u202fLe début\n91:02 La fin",
        "En direct à 19:00 !\n\nChapitres\n0:00 Arrivée\n\n7:25 Le début\n1:31:02 La fin\n\nMerci.",
        "5:00 avant tout\n0:00 Arrivée\n7:25 Le début\n1:31:02 La fin",
        "0:00 Arrivée\n7:25 Le début\n1:31:02 La fin\n\n0:00 Arrival\n7:25 Start\n1:31:02 End",
    ],
)
def test_lists_of_chapters_are_read(description: str) -> None:
    assert found(description) == THREE


@pytest.mark.parametrize(
    "description",
    [
        "",
        "Rien à 0:00 ici, ni à 7:25, ni à 1:31:02.",
        "0:00 Arrivée\n7:25 Le début",
        "0:01 Arrivée\n7:25 Le début\n1:31:02 La fin",
        "0:00 Arrivée\n7:25 Le début\n7:20 La fin",
        "0:00 Arrivée\n7:25 Le début\n7:34 La fin",
        "0:00 Arrivée\n7:25 Le début\n7:25 La fin",
        "0:00\n7:25\n1:31:02",
        "0:00 Arrivée\n7:75 Le début\n9:00 La fin",
        "0:00 Arrivée\n1:75:00 Le début\n3:00:00 La fin",
        "0:00 Arrivée\n7:25:12:00 Le début\n8:00 La fin",
        "0:00 Arrivée\n٧:٢٥ Le début\n8:00 La fin",
        "\n".join(f"{minute}:00 Minute" for minute in range(201)),
    ],
)
def test_what_breaks_a_rule_is_no_list(description: str) -> None:
    assert found(description) == []


def test_ten_seconds_are_enough() -> None:
    assert len(found("0:00 a\n0:10 b\n0:20 c")) == 3


def test_titles_keep_their_own_signs() -> None:
    description = "0:00 « Bonjour »\n1:00 (rires)\n2:00 1:1, ou presque ?"
    assert [title for _, title in found(description)] == [
        "« Bonjour »", "(rires)", "1:1, ou presque ?",
    ]  # fmt: skip


def test_hostile_descriptions_are_read_quickly() -> None:
    for piece in ("-" * 10_000, "0:" * 5_000, "(" * 5_000 + "0:00", "1. " * 3_000):
        assert found(f"{piece}\n" * 20) == []
