"""People who gave, and the entity that says so."""

import datetime as dt
import io
import itertools
import re
import zlib

from PIL import Image

from donations.models import Donor, Gift, Receipt, ReceiptIssuer
from donations.services.offline import record_offline_gift

PARIS_NOON = dt.datetime(2026, 5, 21, 10, 0, tzinfo=dt.UTC)
ADDRESS = {"street": "12 rue de l’Ère", "postal_code": "75011", "city": "Paris"}
_keys = itertools.count()


def signature() -> bytes:
    output = io.BytesIO()
    Image.new("RGBA", (120, 40), (20, 20, 90, 255)).save(output, "PNG")
    return output.getvalue()


def issuer(**facts: object) -> ReceiptIssuer:
    return ReceiptIssuer.objects.create(
        **{
            "name": "Les Amis d’Au Poste",
            "legal_form": "Association loi 1901",
            "purpose": "Informer le public.",
            "street": "1 place Beauvau",
            "postal_code": "75008",
            "city": "Paris",
            "siren": "W751234567",
            "signatory": "Ada Lovelace",
            "signatory_role": "Trésorière",
            "signature": signature(),
            "is_default": True,
            **facts,
        }
    )


def donor(email: str | None = "lectrice@example.org", **facts: object) -> Donor:
    return Donor.objects.create(email=email, **{"name": "Élodie Œuvrard", **facts})


def gift(of: Donor, cents: int = 1000, at: dt.datetime = PARIS_NOON) -> Gift:
    """A booked cheque of this person."""
    key = f"recu-{next(_keys)}"
    if of.email:
        return record_offline_gift(
            key=key, amount_cents=cents, occurred_at=at, donor_email=of.email
        )
    given = record_offline_gift(key=key, amount_cents=cents, occurred_at=at)
    Gift.objects.filter(pk=given.pk).update(donor=of)
    given.refresh_from_db()
    return given


def numbers() -> list[int]:
    return sorted(Receipt.objects.values_list("number", flat=True))


def text_in(pdf: bytes) -> str:
    """The words of a PDF that Typst made, by its fonts' own tables; line breaks are spaces."""
    objects = {
        int(found[1]): found[2] for found in re.finditer(rb"(?s)(\d+) 0 obj\b(.*?)\bendobj", pdf)
    }

    def stream(body: bytes) -> bytes:
        raw = re.search(rb"(?s)stream\r?\n(.*?)\nendstream", body)
        assert raw
        # What is compressed tells its own end: its last byte may look like a line's.
        return zlib.decompressobj().decompress(raw[1]) if b"FlateDecode" in body else raw[1]

    def table(font: bytes) -> dict[int, str]:
        reference = re.search(rb"/ToUnicode (\d+) 0 R", font)
        assert reference
        cmap = stream(objects[int(reference[1])]).decode("ascii", "replace")
        return {
            int(code, 16): bytes.fromhex(text).decode("utf-16-be")
            for code, text in re.findall(r"<([0-9a-fA-F]+)> <([0-9a-fA-F]+)>\n", cmap)
        }

    words = []
    for page in (body for body in objects.values() if re.search(rb"/Type ?/Page\b", body)):
        resources = page
        indirect = re.search(rb"/Resources (\d+) 0 R", page)
        if indirect:
            resources = objects[int(indirect[1])]
        fonts = {
            name.decode(): table(objects[int(number)])
            for name, number in re.findall(rb"/(\w+) (\d+) 0 R", resources)
            if b"/ToUnicode" in objects.get(int(number), b"")
        }
        contents = re.search(rb"/Contents (\d+) 0 R", page)
        assert contents
        drawing = stream(objects[int(contents[1])])
        current: dict[int, str] = {}
        for found in re.finditer(
            rb"(?s)/(\w+) [\d.]+ Tf|\[(.*?)\] ?TJ|(\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>) ?Tj", drawing
        ):
            if found[1]:
                current = fonts[found[1].decode()]
                continue
            shown = found[2] if found[2] is not None else found[3]
            for text in re.findall(rb"(?s)\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>", shown):
                codes = _bytes_of(text)
                words += [
                    current.get(int.from_bytes(codes[at : at + 2], "big"), "")
                    for at in range(0, len(codes), 2)
                ]
            words.append(" ")
    return re.sub(r"\s+", " ", "".join(words))


def _bytes_of(text: bytes) -> bytes:
    if text[:1] == b"<":
        return bytes.fromhex(text[1:-1].decode())
    escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return re.sub(
        rb"(?s)\\([0-7]{1,3}|.)",
        lambda found: (
            bytes([int(found[1], 8) & 255])
            if found[1].isdigit()
            else escapes.get(found[1], found[1])
        ),
        text[1:-1],
    )
