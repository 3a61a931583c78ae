"""Reads a regional agreement: data with a version and a source, refused as a whole when anything in it is wrong."""

import difflib
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.coordination.agreement import checks
from services.coordination.agreement.text import Text, laid_over, read
from services.coordination.domain.world.agreed import Agreement
from shared.core.errors import Fault, Invalid

FOLDER = Path(__file__).parents[3] / "deploy" / "agreements"
BASES = "default*.yaml"
AGREEMENT = TypeAdapter(Agreement)
DIGEST = "sha256:"
NAME = "agreement"
"""What a text is called that comes from no file."""


def load(path: Path = FOLDER / "default.yaml") -> Agreement:
    """The agreement in a file. Raises `Invalid` with every fault at once, each with its line and its place."""
    return parse(path.read_text(encoding="utf-8"), path.name)


@lru_cache(maxsize=64)
def parse(text: str, name: str = NAME) -> Agreement:
    """The agreement in a text; what it does not say itself stands in the version it is `based_on`.

    Raises `Invalid` with every fault at once.
    """
    own = read(text, name)
    agreement = _validated(own, _whole(own))
    if faults := [own.fault(*found) for found in checks.found(agreement)]:
        raise Invalid(faults)
    return agreement


@lru_cache(maxsize=1)
def shipped() -> tuple[Agreement, ...]:
    """What holds where a region has adopted nothing, the newest first."""
    found = (load(path) for path in FOLDER.glob(BASES))
    return tuple(sorted(found, key=lambda agreement: agreement.valid_from, reverse=True))


def digest(text: str) -> str:
    """Fingerprint of a text, as `agreement-adopted` tells it."""
    return DIGEST + hashlib.sha256(text.encode()).hexdigest()


def _whole(own: Text) -> dict[str, Any]:
    base = own.content.get("based_on")
    if base is None:
        return own.content
    known = {text.content["version"]: text for text in map(_read, sorted(FOLDER.glob(BASES)))}
    if base not in known:
        raise Invalid([own.fault(("based_on",), "one of: " + ", ".join(known), "unknown")])
    return laid_over(known[base].content, own.content)


def _read(path: Path) -> Text:
    return read(path.read_text(encoding="utf-8"), path.name)


def _validated(own: Text, whole: dict[str, Any]) -> Agreement:
    try:
        return AGREEMENT.validate_python(whole)
    except ValidationError as error:
        raise Invalid(
            [_fault(own, dict(one)) for one in error.errors(include_input=False, include_url=False)]
        ) from None


def _fault(own: Text, error: dict[str, Any]) -> Fault:
    place, code = tuple(error["loc"]), str(error["type"])
    if code == "missing":
        return own.fault(place, "this field, which is missing", code)
    if code == "unexpected_keyword_argument":
        near = difflib.get_close_matches(str(place[-1]), tuple(_fields(AGREEMENT.json_schema())), 1)
        return own.fault(place, f"a field that exists{f'; perhaps {near[0]}' if near else ''}", "unknown")
    message = str(error["msg"])
    return own.fault(place, message.removeprefix("Input should be "), code)


def _fields(schema: Any) -> Iterator[str]:
    """Names of fields anywhere in the schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
    for below in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _fields(below)
