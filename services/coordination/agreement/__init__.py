"""Reads a regional agreement: data with a version and a source, refused as a whole when anything in it is wrong."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from services.coordination.agreement import checks
from services.coordination.agreement.fields import apart, mended, validated
from services.coordination.agreement.text import Text, laid_over, not_one_of, read
from services.coordination.domain.world.agreed import Agreement
from shared.core.errors import Invalid

FOLDER = Path(__file__).parents[3] / "deploy" / "agreements"
BASES = "default*.yaml"
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
    whole = _whole(own)
    agreement, misfits = validated(whole)
    readable = agreement or validated(mended(whole, _bases()[-1].content, misfits))[0]
    found = [misfit.found for misfit in misfits]
    found += [one for one in checks.found(readable) if apart(one, misfits)] if readable else []
    if found or agreement is None:
        raise Invalid([own.fault(one) for one in sorted(found, key=own.line)])
    return agreement


@lru_cache(maxsize=64)
def kept(text: str, version: str) -> Agreement:
    """The agreement in a text that was adopted. It was looked at then: what may be agreed on later may be less.

    Raises `Invalid` when it cannot be read.
    """
    own = read(text, version)
    agreement, misfits = validated(_whole(own))
    if agreement is None:
        raise Invalid([own.fault(misfit.found) for misfit in misfits])
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
    known = {text.content["version"]: text for text in _bases()}
    if base not in known:
        raise Invalid([own.fault(not_one_of(("based_on",), known))])
    return laid_over(known[base].content, own.content)


@lru_cache(maxsize=1)
def _bases() -> tuple[Text, ...]:
    """What ships, as it is written; the newest last."""
    return tuple(read(path.read_text(encoding="utf-8"), path.name) for path in sorted(FOLDER.glob(BASES)))
