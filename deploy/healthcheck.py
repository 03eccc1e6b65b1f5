"""Whether the process of this container does its work: `healthcheck.py web` or `beat`.

Ends with 0 or 1 and a word on why. (The worker answers to `celery inspect ping`.)
"""

import http.client
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

# Beat writes its schedule down every three minutes, between two tasks.
BEAT_SECONDS = 400


def web(port: int = 8000) -> str:
    """`alive`, or what the web server answered. It serves only the hosts that it knows."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
    try:
        host = urlsplit(os.environ["SITE_URL"]).netloc
        connection.request("GET", "/sante/vivant", headers={"Host": host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()
    return "alive" if status == 200 else f"status {status}"


def beat(schedule: Path = Path("/tmp/beat-schedule")) -> str:  # noqa: S108  # a tmpfs of our own
    """`alive`, or for how long beat has not written."""
    # The dbm module at hand decides on the suffix.
    written = [path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")]
    if not written:
        return f"no schedule in {schedule.parent}"
    age = time.time() - max(written)
    return "alive" if age < BEAT_SECONDS else f"silent for {age:.0f} s"


CHECKS: dict[str, Callable[[], str]] = {"web": web, "beat": beat}

if __name__ == "__main__":
    word = CHECKS[sys.argv[1]]()
    print(word)  # noqa: T201  # `docker inspect` shows it
    sys.exit(0 if word == "alive" else 1)
