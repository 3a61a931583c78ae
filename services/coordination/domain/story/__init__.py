"""The story of one pupil in one cohort, in order: what others told, and what followed from it.

What others told is known as it now is, with the moments of its steps; what followed is the history itself, which
nothing rewrites.
"""

from collections.abc import Iterable, Mapping, Sequence

from services.coordination.domain.facts import Fact
from services.coordination.domain.story.followed import followed
from services.coordination.domain.story.happening import Happening, Kind, Recorded
from services.coordination.domain.story.told import told

__all__ = ["Happening", "Kind", "Recorded", "for_reader", "story"]


def story(facts: Iterable[Fact], history: Sequence[Recorded], reasons: Mapping[str, str]) -> list[Happening]:
    """Everything in order of time. `reasons`: action → code of why a person or the facts closed it."""
    found = [happening for fact in facts for happening in told(fact)]
    return sorted([*found, *followed(history, reasons)], key=lambda happening: happening.at)


def for_reader(happenings: Iterable[Happening], organisation: str, *, everything: bool) -> list[Happening]:
    """What an organisation may read. Who does not have the pupil reads only what concerns it: an institution does not
    learn from an action where else a pupil applied."""
    return [h for h in happenings if everything or not h.concerns or organisation in h.concerns]
