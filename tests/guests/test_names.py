"""Names, as the old site's taxonomy and its co-authors wrote them."""

import pytest

from guests.names import first_name_first, last_name_first


@pytest.mark.parametrize(
    ("text", "last", "first"),
    [
        ("Welgryn Lou", "Welgryn", "Lou"),
        ("de La Tour Anne-Lise", "de La Tour", "Anne-Lise"),
        ("Le Bon Jean", "Le Bon", "Jean"),
        ("LE GOFF Yann", "LE GOFF", "Yann"),
        ("GARCIA MARQUEZ Gabriel", "GARCIA MARQUEZ", "Gabriel"),
        ("Dupont-Aignan Éric", "Dupont-Aignan", "Éric"),
        ("D’Amore Paul", "D’Amore", "Paul"),
        ("van der Meer Jan", "van der Meer", "Jan"),
        ("Ben Ali Sihem", "Ben Ali", "Sihem"),
        ("El Khomri Myriam", "El Khomri", "Myriam"),
        ("Welgryn, Lou", "Welgryn", "Lou"),
        ("  Welgryn\u00a0  Lou ", "Welgryn", "Lou"),
        ("Zibeline", "Zibeline", ""),
        ("Le Pen", "Le Pen", ""),
        ("Collectif du Quai", "Collectif du Quai", ""),
        ("Les Soulèvements de la Terre", "Les Soulèvements de la Terre", ""),
        ("Data for Good", "Data for Good", ""),
        ("Garcia Marquez Gabriel", "Garcia", "Marquez Gabriel"),
        ("", "", ""),
    ],
)
def test_last_name_first(text: str, last: str, first: str) -> None:
    name = last_name_first(text)
    assert (name.last, name.first) == (last, first)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("Welgryn Lou", False),
        ("de La Tour Anne-Lise", False),
        ("Zibeline", False),
        ("Collectif du Quai", False),
        ("Garcia Marquez Gabriel", True),
        ("Le Pen", True),
        ("Data for Good", True),
    ],
)
def test_a_guess_is_called_one(text: str, doubtful: bool) -> None:
    assert last_name_first(text).doubtful is doubtful


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("David Dufresne", ("Dufresne", "David")),
        ("Anne-Lise de La Tour", ("de La Tour", "Anne-Lise")),
        ("Jean-Luc Le Bon", ("Le Bon", "Jean-Luc")),
        ("La rédaction", None),
        ("L’équipe", None),
        ("Au Poste", None),
        ("redaction", None),
        ("Collectif du Quai", None),
        ("admin", None),
        ("", None),
    ],
)
def test_first_name_first(text: str, expected: tuple[str, str] | None) -> None:
    name = first_name_first(text)
    assert (name and (name.last, name.first)) == expected
