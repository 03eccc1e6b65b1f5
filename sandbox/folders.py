"""Where the state lives: who may enter, who owns it, and whether a socket's path fits."""

import hashlib
import os
import stat
import subprocess
import tempfile
from pathlib import Path

from sandbox.processes import ServiceError

# sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included.
SOCKET_PATH_BYTES = 103
# PostgreSQL refuses root; 65534 is "nobody" everywhere that matters.
UNPRIVILEGED = 65534


def is_root() -> bool:
    return os.geteuid() == 0


def private_folder(path: Path, *, owner: int | None = None, mode: int = 0o700) -> Path:
    """Make the folder, or accept the one that is there if it is really ours.

    `owner` (a uid, ourselves by default) can be given by root only. ServiceError when the place
    is a link, belongs to somebody else or can be written by others: in a shared folder such as
    /var/tmp anybody could have laid it out for us.
    """
    owner = os.geteuid() if owner is None else owner
    try:
        path.mkdir(mode=mode, parents=True)
        os.chown(path, owner, -1)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise ServiceError(f"{path} n'est pas un dossier.") from None
        if found.st_uid != owner:
            raise ServiceError(
                f"{path} appartient à l'utilisateur {found.st_uid}, pas à {owner} : "
                "relancez avec son compte, ou supprimez ce dossier."
            ) from None
    path.chmod(mode)
    return path


def state_folder(path: Path) -> Path:
    """The root of the state. Root lets others pass through it, for PostgreSQL's own user."""
    return private_folder(path.resolve(), mode=0o711 if is_root() else 0o700)


def short_folder(state: Path) -> Path:
    """A short place named after `state` and its user, for what cannot live in `state` itself."""
    digest = hashlib.sha256(os.fsencode(state)).hexdigest()[:12]
    root = Path("/var/tmp")  # survives reboots; owner-checked below
    if not os.access(root, os.W_OK | os.X_OK):
        root = Path(tempfile.gettempdir())
    mode = 0o711 if is_root() else 0o700
    folder = private_folder(root / f"auposte-{os.geteuid()}-{digest}", mode=mode)
    (folder / "origin").write_text(f"{state}\n", encoding="utf-8")
    return folder


def socket_fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= SOCKET_PATH_BYTES


def can_enter(path: Path, user: int | None) -> bool:
    """Whether that uid can reach the folder (asked from the kernel, whatever the modes say)."""
    if user is None:
        return os.access(path, os.X_OK)
    return (
        subprocess.run(
            ["/bin/sh", "-c", 'test -x "$0"', path],
            user=user,
            group=user,
            extra_groups=[],
            cwd="/",
            check=False,
        ).returncode
        == 0
    )
