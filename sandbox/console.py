"""What the terminal says: French, typeset, one line a fact, at once."""

import re
import sys
import time

NBSP, NNBSP = "\u00a0", "\u202f"
APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


def typeset(text: str) -> str:
    """French typography for text typed plainly: `Prêt : 0,4 s !` gets its no-break spaces."""
    text = text.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»").replace(" :", f"{NBSP}:")
    text = re.sub(r" ([;!?])", rf"{NNBSP}\1", text)
    text = re.sub(r"(\d) s\b", rf"\1{NBSP}s", text)
    return re.sub(r"(?<=[A-Za-zÀ-ÿ])'(?=[A-Za-zÀ-ÿ])", APOSTROPHE, text)


def prepare() -> None:
    """Let accents through whatever the terminal's encoding: a progress line must never raise."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def say(text: str) -> None:
    """One line on standard output, shown at once even through a pipe."""
    sys.stdout.write(typeset(text) + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One message on standard error."""
    sys.stderr.write(typeset(text) + "\n")
    sys.stderr.flush()


def seconds_since(start: float) -> str:
    """`0,4 s` for a `time.monotonic()` value."""
    return f"{time.monotonic() - start:.1f} s".replace(".", ",")
