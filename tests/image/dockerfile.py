"""Reads a Dockerfile and carries out its steps in a folder instead of in a container."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

HELD = ("/opt/overstap", "/var/lib/overstap")
"""The absolute folders of the image; in a step they stand for the same folders below the root."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, continuation lines joined."""

    word: str
    rest: str


@dataclass
class Built:
    """What the steps left: a folder that stands for the root of the image, and how its containers start."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    healthcheck: str = ""

    def place(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def here(self, text: str) -> str:
        """The same text with the folders of the image below the root."""
        for folder in HELD:
            text = text.replace(folder, str(self.place(folder)))
        return text


def steps(dockerfile: Path) -> list[Step]:
    lines = [line for line in dockerfile.read_text().splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n", "", "\n".join(lines))
    return [Step(*line.split(None, 1)) for line in joined.splitlines()]


def build(dockerfile: Path, context: Path, root: Path) -> Built:
    """Carry out every step; raises CalledProcessError where one fails. Both stages share one root."""
    built, workdir = Built(root), "/"
    path = f"{_python(root / 'base')}:{os.environ['PATH']}"
    for step in steps(dockerfile):
        match step.word:
            case "WORKDIR":
                workdir = step.rest
                built.place(workdir).mkdir(parents=True, exist_ok=True)
            case "COPY" if "--from=" not in step.rest:
                source, target = step.rest.split()
                _copy(context, source, built.place(workdir) / target)
            case "RUN":
                place, environment = built.place(workdir), os.environ | {"PATH": path}
                subprocess.run(["sh", "-ec", built.here(step.rest)], cwd=place, env=environment, check=True)
            case "ENV":
                built.environment |= dict(pair.split("=", 1) for pair in built.here(step.rest).split())
            case "USER":
                built.user = step.rest
            case "ENTRYPOINT":
                built.entrypoint = json.loads(step.rest)
            case "HEALTHCHECK":
                built.healthcheck = built.here(step.rest)
    return built


def _python(folder: Path) -> Path:
    """A folder whose `python` every user may run, where this machine has one: the base image has."""
    known = [Path(name) for name in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3")]
    open_to_all = [one.resolve() for one in known if one.exists() and passable(one.resolve())]
    folder.mkdir()
    (folder / "python").symlink_to((open_to_all or known)[0])
    return folder


def passable(path: Path) -> bool:
    """Whether every user may come to this file."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def let_through(context: Path, path: str) -> bool:
    """Whether `.dockerignore` lets the builder see this path; the last rule that matches decides."""
    seen = True
    for line in (context / ".dockerignore").read_text().splitlines():
        rule = line.strip()
        if not rule or rule.startswith("#"):
            continue
        wanted = rule.removeprefix("!")
        if any(fnmatch(part, wanted.removeprefix("**/")) for part in _parts(path, wanted)):
            seen = rule.startswith("!")
    return seen


def _parts(path: str, rule: str) -> list[str]:
    """The path with its parents, or every name in it when the rule holds at any depth."""
    names = path.split("/")
    return names if rule.startswith("**/") else ["/".join(names[: n + 1]) for n in range(len(names))]


def _copy(context: Path, source: str, target: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", source],
        cwd=context,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\n")
    files = [name for name in tracked if name and let_through(context, name) and (context / name).is_file()]
    assert files, f"the builder does not see {source}"
    for name in files:
        within = Path(name).relative_to(source)
        to = target / within if within.parts else target
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(context / name, to)
