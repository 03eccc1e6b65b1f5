"""`make run` as a newcomer meets it: it comes up, shows the demonstration, leaves no trace.

Only the public doors: the terminal, HTTP, `manage.py`.
"""

import html
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sandbox.ports import free_ports  # noqa: E402

EPISODE = "/emissions/ia-le-progres-version-mad-max"
SENTENCE = "10,00 € récoltés / objectif 30 000,00 € (0,03 %) – 1 donateur·ice"
FIRST_START_SECONDS = 300
WARM_START_SECONDS = 60
STOP_SECONDS = 60
SERVICES = re.compile(r"postgres|valkey-server|granian|celery|sandbox\.")
LOG = ROOT / ".local" / "ci.log"


def get(url: str) -> str:
    """A page as text, with plain spaces."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        page = answer.read().decode()
    plain = re.sub(r"<[^>]+>", "", html.unescape(page))
    return re.sub(r"\s+", " ", plain)


def start(port: int, patience: float) -> "subprocess.Popen[bytes]":
    """`make run`, once the site answers."""
    begun = time.monotonic()
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            ["make", "run", f"PORT={port}"], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
        )
    while True:
        if process.poll() is not None:
            fail(f"make run ended with {process.returncode}")
        if time.monotonic() - begun > patience:
            process.terminate()
            process.wait(STOP_SECONDS)
            fail(f"make run did not answer within {patience:.0f} s")
        try:
            get(f"http://127.0.0.1:{port}/sante/pret")
        except OSError:
            time.sleep(0.1)
        else:
            print(f"make run answers after {time.monotonic() - begun:.1f} s")
            return process


def stop(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM to `make`, as a service manager would; nothing may be left behind."""
    process.send_signal(signal.SIGTERM)
    process.wait(STOP_SECONDS)
    left = services_of_this_folder()
    if left:
        fail("left behind:\n" + "\n".join(left))
    print("stopped, nothing left behind")


def services_of_this_folder() -> list[str]:
    """Services that run in this folder or name it, as their command lines."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            here = (process / "cwd").readlink().is_relative_to(ROOT) or str(ROOT) in command
        except OSError:
            continue
        if here and SERVICES.search(command) and int(process.name) != os.getpid():
            found.append(f"{process.name} {command}")
    return found


def manage(*command: str) -> None:
    """`manage.py` in another terminal: no variable of the site is set there."""
    subprocess.run([ROOT / ".venv" / "bin" / "python", "manage.py", *command], cwd=ROOT, check=True)


def fail(why: str) -> None:
    print(LOG.read_text(errors="replace")[-5000:])
    sys.exit(f"{why} (above: the end of {LOG})")


def main() -> None:
    LOG.parent.mkdir(exist_ok=True)
    port = free_ports(4)
    site = f"http://127.0.0.1:{port}"
    process = start(port, FIRST_START_SECONDS)
    try:
        if "Adonnez-vous" not in get(f"{site}/"):
            fail("the home page does not ask for gifts")
        page = get(f"{site}{EPISODE}")
        if SENTENCE not in page:
            fail(f"the episode does not say « {SENTENCE} »: {page[:3000]}")
        print(f"the episode says « {SENTENCE} »")
        manage("check")
        manage("seed_demo", "--episodes", "60")
    finally:
        stop(process)
    process = start(port, WARM_START_SECONDS)
    try:
        if SENTENCE not in get(f"{site}{EPISODE}"):
            fail("the second start has lost the gift")
    finally:
        stop(process)


if __name__ == "__main__":
    main()
