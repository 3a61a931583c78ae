"""The pupil's own part of the dossier: the loopbaandossier with its activities and talks, and the plusdocument."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal, get_args
from urllib.parse import SplitResult, urlsplit

from shared.core.errors import Fault, IllegalMove, Invalid
from shared.schemas.dossiers import Competence

Part = Literal["pupil", "plus"]
Kind = Literal["activity", "talk", "plus"]
COMPETENCES: tuple[Competence, ...] = get_args(Competence)
STEPS: dict[Kind, tuple[str, ...]] = {
    "activity": ("goal", "result", "evaluation", "conclusion", "follow_up"),
    "talk": ("look_back", "reflect", "look_ahead", "act"),
    "plus": ("what", "learned"),
}
"""What a pupil writes, step by step; the talk in the four steps of a career conversation (protocol 9)."""
PART_OF: dict[Kind, Part] = {"activity": "pupil", "talk": "pupil", "plus": "plus"}
MOST_ENTRIES = 100
"""Per pupil: far more than anybody writes, and little enough for one page."""
LINK_LENGTH = 500


class PartState(StrEnum):
    """How far a part of a dossier is. On the wire a part in progress is open."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose it is: a pupil as one school lists them for one cohort."""

    pupil_ref: str
    cohort: int
    vo_site: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity, a talk, or an achievement of the plusdocument."""

    entry_id: str
    kind: Kind
    title: str
    day: date | None
    competences: tuple[str, ...]
    texts: Mapping[str, str]
    """Step → what the pupil wrote; a step without text is absent."""
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one part is, and what the pupil decided about it."""

    items: int = 0
    """Entries, a link, and for the loopbaandossier files."""
    competences: tuple[str, ...] = ()
    link: str | None = None
    done_at: datetime | None = None
    shared_at: datetime | None = None

    def state(self, part: Part) -> PartState:
        """The plusdocument is extra: without anything in it, it does not apply."""
        if self.done_at:
            return PartState.COMPLETE
        if self.items:
            return PartState.IN_PROGRESS
        return PartState.NOT_APPLICABLE if part == "plus" else PartState.OPEN


UNTOUCHED = Progress()


def require_something(part: Part, progress: Progress, move: str) -> None:
    """Raise `IllegalMove` when there is nothing in a part yet: nothing can not be done or shared."""
    if not progress.items:
        raise IllegalMove(part, "empty", move, ("write",))


def checked_link(address: str) -> str:
    """The address of a loopbaandossier elsewhere. Raises `Invalid` unless it is a plain https address."""
    parts = _split(address)
    if (
        parts is None
        or parts.scheme != "https"
        or not parts.hostname
        or "." not in parts.hostname
        or "@" in parts.netloc
        or len(address) > LINK_LENGTH
        or not address.isprintable()
        or any(c.isspace() for c in address)
    ):
        raise Invalid([Fault("link", "Een adres dat begint met https://", "https_address")])
    return address


def _split(address: str) -> SplitResult | None:
    try:
        return urlsplit(address)
    except ValueError:
        return None
