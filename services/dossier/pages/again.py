"""A form that is shown again: what was typed, what is wrong with it, and who changed meanwhile what it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.core.errors import Fault, Stale


@dataclass(frozen=True, slots=True)
class Again:
    """What a form shows besides what now stands; a fresh form has nothing of it."""

    filled: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    stale: Stale | None = None
