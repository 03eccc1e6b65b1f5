"""Our nginx configuration on this machine: for tests and measurements, unprivileged or not."""

import os
import shutil
from pathlib import Path

CONF = Path(__file__).resolve().parent.parent / "deploy" / "nginx.conf"
PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")


def adapted(folder: Path, *, name: str, port: int, upstream_port: int) -> tuple[list[str], Path]:
    """The command that starts it, and the folder of its copies of pages.

    Only addresses and folders differ from deploy/nginx.conf; `folder` holds `srv` and `tmp` as the
    image has them. ValueError when the file no longer says what is replaced here.
    """
    cache = folder / "tmp" / f"{name}-cache"
    conf = CONF.read_text()
    for ours, here in {
        " /tmp/": f" {folder}/tmp/{name}-",  # first: it may hold what the others put in
        "server web:8000 resolve;": f"server 127.0.0.1:{upstream_port};",
        "listen 8080;": f"listen 127.0.0.1:{port};",
        "root /srv;": f"root {folder}/srv;",
        " /srv/cache": f" {cache}",
        "/dev/stderr": f"{folder}/tmp/{name}-error.log",
        "/dev/stdout": f"{folder}/tmp/{name}-access.log",
    }.items():
        if ours not in conf:
            raise ValueError(f"{CONF} no longer has: {ours}")
        conf = conf.replace(ours, here)
    # Workers of root would become an account that cannot enter this folder.
    account = "user root;\n" if os.geteuid() == 0 else ""
    file = folder / f"{name}.conf"
    file.write_text(f"daemon off;\n{account}{conf}")
    log = folder / "tmp" / f"{name}-error.log"
    return [str(PROGRAM), "-p", str(folder), "-e", str(log), "-c", str(file)], cache
