"""Runs a Dockerfile without Docker: its steps as a script, in folders that stand for images.

Enough of the language for `deploy/Dockerfile`; anything else is an error. An image's `/srv` and
`/opt` are folders below a root of our own, and its base is this machine.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

OURS = re.compile(r"(?<![\w.])/(srv|opt|etc/nginx)\b")


@dataclass
class Stage:
    """One `FROM … AS name`, with its instructions as (keyword, rest of the line)."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def last(self, keyword: str) -> str:
        """The argument of the last such instruction."""
        return [rest for word, rest in self.steps if word == keyword][-1]


def read_dockerfile(path: Path) -> dict[str, Stage]:
    """The stages of a Dockerfile, by name, in order."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    stages: dict[str, Stage] = {}
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        keyword, _, rest = line.strip().partition(" ")
        if keyword == "FROM":
            base, _as, name = rest.split()
            stages[name] = Stage(name, base)
        elif keyword:
            list(stages.values())[-1].steps.append((keyword, " ".join(rest.split())))
    return stages


def depth(path: str) -> int:
    """How many folders down: `*` does not reach over a slash."""
    return path.count("/")


class BuildContext:
    """A folder as `docker build` would get it: without what its `.dockerignore` takes away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        lines = (folder / ".dockerignore").read_text().splitlines()
        self.rules = [line for line in lines if line and not line.startswith("#")]

    def holds(self, path: Path) -> bool:
        """Whether the file gets in: the last rule that fits it, or a folder above it, decides."""
        relative = path.relative_to(self.folder)
        names = [str(relative), *(str(parent) for parent in relative.parents if parent.name)]
        kept = True
        for rule in self.rules:
            pattern = rule.removeprefix("!")
            if pattern.startswith("**/"):
                fits = any(fnmatch(Path(name).name, pattern[3:]) for name in names)
            else:
                fits = any(
                    fnmatch(name, pattern) for name in names if depth(name) == depth(pattern)
                )
            if fits:
                kept = rule.startswith("!")
        return kept

    def copy(self, source: str, target: Path) -> None:
        """COPY a file, or the content of a folder; FileNotFoundError if the context has none."""
        origin = self.folder / source
        found = [origin] if origin.is_file() else origin.rglob("*")
        kept = [path for path in found if path.is_file() and self.holds(path)]
        if not kept:
            raise FileNotFoundError(f"COPY {source}: not in the build context")
        for path in kept:
            to = target / path.relative_to(origin) if origin.is_dir() else target
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)


class Image:
    """What building a stage leaves behind: a root folder, an environment, a command."""

    def __init__(self, root: Path, tools: Path) -> None:
        self.root = root
        self.folder = root
        self.environment = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(root)}
        for name in os.environ:
            # Where this machine's pip finds packages is this machine's business.
            if name.startswith(("PIP_", "SSL_")) or name.lower().endswith("_proxy"):
                self.environment[name] = os.environ[name]
        self.environment.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))

    def path(self, name: str) -> Path:
        """Where a path of the image lies on this machine."""
        return self.root / name.lstrip("/") if name.startswith("/") else self.folder / name

    def here(self, text: str) -> str:
        """The same text with the image's paths as they are on this machine."""
        return OURS.sub(lambda found: f"{self.root}{found[0]}", text)

    def command(self, stage: Stage) -> list[str]:
        """The CMD of the stage in its list form."""
        return [str(part) for part in json.loads(stage.last("CMD"))]


class Builder:
    """Builds stages one after the other at the same paths, as scripts name those."""

    def __init__(self, stages: dict[str, Stage], context: BuildContext, folder: Path) -> None:
        self.stages = stages
        self.context = context
        self.folder = folder
        self.root = folder / "image"
        self.tools = folder / "tools"
        self.tools.mkdir()
        (self.tools / "python").symlink_to(getattr(sys, "_base_executable", sys.executable))
        if os.geteuid() != 0:
            # Docker builds as root; here it only matters that the step is there.
            (self.tools / "chown").symlink_to(shutil.which("true") or "/bin/true")

    def build(self, name: str) -> Image:
        """Run the steps of a stage. CalledProcessError when one fails."""
        self.root.mkdir()
        image = Image(self.root, self.tools)
        for keyword, rest in self.stages[name].steps:
            match keyword:
                case "WORKDIR":
                    image.folder = image.path(rest)
                    image.folder.mkdir(parents=True, exist_ok=True)
                case "ENV":
                    for pair in shlex.split(rest):
                        variable, _, value = pair.partition("=")
                        old_path = image.environment["PATH"]
                        image.environment[variable] = image.here(value).replace("$PATH", old_path)
                case "RUN":
                    subprocess.run(
                        ["/bin/sh", "-euc", image.here(rest)],
                        cwd=image.folder,
                        env=image.environment,
                        check=True,
                        stdout=subprocess.DEVNULL,
                    )
                case "COPY":
                    self._copy(image, *rest.split())
                case "USER" | "EXPOSE" | "CMD":
                    pass
                case _:
                    raise NotImplementedError(f"{keyword} {rest}")
        return image

    def set_aside(self, name: str) -> None:
        """Make room for the next stage, which may copy from this one."""
        self.root.rename(self.folder / name)

    def _copy(self, image: Image, *words: str) -> None:
        *options, source, target = words
        to = image.path(target)
        if target.endswith("/"):
            to = to / Path(source).name
        if not options:
            self.context.copy(source, to)
        else:
            stage = options[0].removeprefix("--from=")
            origin = self.folder / stage / source.lstrip("/")
            # Links will do: no step writes to what came from another stage.
            shutil.copytree(origin, to, symlinks=True, copy_function=os.link, dirs_exist_ok=True)
