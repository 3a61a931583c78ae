"""An agreement in plain Dutch: chapters, of which every topic is a few sentences. What differs between two versions
follows from the same sentences, so that nobody reads a difference that the versions themselves do not show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from services.coordination.domain.world.agreed import Agreement
from services.coordination.pages.agreements import custody, deadlines, organisations, signals, yearly
from services.coordination.pages.agreements.words import MOMENTS, party
from shared.web.texts import gettext as _

Told = Iterator[tuple[str, Sequence[str]]]
"""A topic, and what was agreed about it."""


@dataclass(frozen=True)
class Chapter:
    """A part of an agreement: topic → what was agreed about it."""

    code: str
    title: str
    topics: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Difference:
    """What one version says about a topic and the other does not."""

    topic: str
    before: Sequence[str]
    after: Sequence[str]


def read(agreed: Agreement, names: Mapping[str, str]) -> tuple[Chapter, ...]:
    """All that an agreement says. `names`: of the organisations and people that it names."""
    told = {
        "moments": (_("Who does what at each risk moment"), _moments(agreed)),
        "signals": (_("When there is a signal, and who hears it"), signals.told(agreed)),
        "tasks": (_("What must be done, and by when"), deadlines.tasks(agreed)),
        "deadlines": (_("How deadlines are counted"), deadlines.counted(agreed)),
        "ladder": (_("When something is not done in time"), deadlines.ladder(agreed)),
        "custody": (_("Who is responsible for the pupil"), custody.told(agreed)),
        "duty": (_("Holidays, and who is on duty"), yearly.duty(agreed, names)),
        "organisations": (_("What organisations see to"), organisations.told(agreed)),
        "norms": (_("What the region wants to reach"), yearly.norms(agreed)),
    }
    return tuple(Chapter(code, title, dict(topics)) for code, (title, topics) in told.items())


def differences(before: Sequence[Chapter], after: Sequence[Chapter]) -> Iterator[tuple[str, list[Difference]]]:
    """Chapter by chapter, the topics about which two versions do not say the same."""
    for old, new in zip(before, after, strict=True):
        topics = dict.fromkeys(chain(old.topics, new.topics))
        found = [_between(topic, old.topics.get(topic, ()), new.topics.get(topic, ())) for topic in topics]
        if changed := [one for one in found if one.before or one.after]:
            yield new.title, changed


def _between(topic: str, before: Sequence[str], after: Sequence[str]) -> Difference:
    """The sentences of each that the other does not have; all of them when only their order differs."""
    gone, new = [s for s in before if s not in after], [s for s in after if s not in before]
    if not gone and not new and before != after:
        return Difference(topic, before, after)
    return Difference(topic, gone, new)


def _moments(agreed: Agreement) -> Told:
    for code, moment in agreed.moments.items():
        yield (
            _(MOMENTS[code]),
            [
                _("Keeps watch: %(who)s.", who=party(moment.monitors)),
                _("Guides: %(who)s.", who=party(moment.guides)),
                _("Hands over: %(who)s.", who=party(moment.hands_over)),
            ],
        )
