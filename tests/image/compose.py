"""Reads docker-compose.yml as Compose does: variables filled in, YAML merges done."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
VARIABLE = re.compile(r"\$\{(\w+)(?:(:[?-])([^}]*))?\}")


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of the file: `:?` refuses to start without it, `:-` has a default, nothing is empty when unset."""

    name: str
    kind: str | None


def variables() -> list[Variable]:
    return [Variable(name, kind) for name, kind, _ in VARIABLE.findall(COMPOSE.read_text())]


def load(values: dict[str, str]) -> dict[str, Any]:
    """The file with these values filled in; raises KeyError for a required one that is missing."""

    def fill(text: str) -> str:
        return VARIABLE.sub(lambda found: values[found[1]] if found[2] == ":?" else values.get(found[1], ""), text)

    def walk(node: Any) -> Any:
        match node:
            case str():
                return fill(node)
            case list():
                return [walk(one) for one in node]
            case dict():
                return {key: walk(value) for key, value in node.items()}
            case _:
                return node

    content: dict[str, Any] = walk(yaml.safe_load(COMPOSE.read_text()))
    return content


def secrets(env_file: Path) -> dict[str, str]:
    """What `deploy/make-secrets` wrote."""
    lines = [line for line in env_file.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)
