"""A form of contacts that is shown again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from shared.core.errors import Fault, Invalid, Stale
from shared.web.texts import gettext as _
from shared.web.words import ROLES


@dataclass(frozen=True, slots=True)
class Again:
    """What was typed, what is wrong with it, and who changed the list meanwhile; a fresh form has nothing of it."""

    filled: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    stale: Stale | None = None

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 422 if self.faults or self.stale else 200

    @property
    def context(self) -> dict[str, Any]:
        """What the templates show of it."""
        by = self.stale.changed_by if self.stale else None
        return {"faults": self.faults, "stale": self.stale, "by": _(ROLES.get(by or "", by or ""))}


def again(form: FormData, error: Invalid | Stale) -> Again:
    """The form as somebody left it."""
    typed = {name: str(form.get(name, "")) for name in form}
    if isinstance(error, Stale):
        return Again(typed, stale=error)
    return Again(typed, [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults])
