"""The few ways in which a page is stored, whatever browsers write into `Accept-Encoding`."""

import functools
import gzip

import brotli

# Below this many bytes nothing is gained.
SHORTEST = 512
# Found by trial on our pages: what is above costs more time than it saves bytes.
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
PLAIN = "identity"


@functools.lru_cache(maxsize=256)
def best(accepted: str) -> str:
    """`br`, `gzip` or `identity` for an `Accept-Encoding` header: the shortest that is understood.

    `*` is taken for gzip; what has `q=0` is refused.
    """
    taken = set()
    for offer in accepted.lower().split(","):
        name, _, weight = offer.strip().partition(";")
        quality = weight.replace(" ", "").partition("q=")[2]
        try:
            if float(quality or 1) > 0:
                taken.add(name.strip())
        except ValueError:
            continue
    if "br" in taken:
        return "br"
    return "gzip" if taken & {"gzip", "x-gzip", "*"} else PLAIN


def encode(body: bytes, encoding: str) -> tuple[bytes, str]:
    """The bytes to send, and the encoding that they are in: short ones stay as they are."""
    if len(body) < SHORTEST or encoding == PLAIN:
        return body, PLAIN
    if encoding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY), encoding
    # Without the time: the same page has the same bytes.
    return gzip.compress(body, compresslevel=GZIP_LEVEL, mtime=0), encoding
