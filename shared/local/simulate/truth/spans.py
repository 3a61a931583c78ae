"""When a rule had something to look at, when it looked, and what it then had to say."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.local.simulate.truth.course import QUIET, Course, Standing
from shared.local.simulate.truth.known import Known

END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sight:
    """What was known at an instant, and what counted."""

    at: datetime
    known: Known
    standing: Standing


Items = Callable[[Sight], Iterable[Hashable]]
Holds = Callable[[Sight], bool]


@dataclass(frozen=True, slots=True)
class Span:
    """Between two instants there was this to look at; the first is the instant at which it came in."""

    about: Hashable
    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


def sight(course: Course, at: datetime) -> Sight | None:
    """What there is to see; None: nobody has the pupil."""
    standing = course.standing(at)
    return Sight(at, course.story.known(at), standing) if standing and not standing.over else None


def spans(course: Course, items: Items, more: Iterable[datetime] = ()) -> list[Span]:
    """From when until when each item was there, while the transition was open. `more`: instants to look at besides."""
    instants = sorted({*course.story.instants, *(at for at, _ in course.steps), *more})
    began: dict[Hashable, datetime] = {}
    found: list[Span] = []
    for at in instants:
        seen = sight(course, at)
        there = set(items(seen)) if seen else set()
        for about in [one for one in began if one not in there]:
            found.append(Span(about, began.pop(about), at))
        for about in there:
            began.setdefault(about, at)
    return [*found, *(Span(about, since) for about, since in began.items())]


def told_at_once(course: Course, items: Items) -> list[tuple[Hashable, datetime]]:
    """Each time something comes to hold."""
    return [(span.about, span.since) for span in spans(course, items)]


def told_after_a_minute(course: Course, watched: Items, holds: Holds) -> list[tuple[Hashable, datetime]]:
    """The same of a rule that is patient: of what has been there for a minute, each time it comes to hold."""
    watching = spans(course, watched)
    ripe = {span: span.since + QUIET for span in watching}

    def items(seen: Sight) -> Iterator[Hashable]:
        there = [span.about for span, at in ripe.items() if at <= seen.at and span.holds(seen.at)]
        yield from (about for about in there if holds(seen))

    return [(span.about, span.since) for span in spans(course, items, ripe.values())]


Stages = Sequence[tuple[datetime, str]]


def looks(span: Span, stages: Stages, patience: bool) -> Iterator[tuple[datetime, str]]:
    """When a rule looks at what is there, and how serious it is then: at every stage, and when something comes in after
    a stage has passed, at that moment for the last of those."""
    passed = [severity for at, severity in stages if at <= span.since]
    if passed:
        yield span.since + (QUIET if patience else QUIET * 0), passed[-1]
    yield from ((at, severity) for at, severity in dict(stages).items() if at > span.since)


def told_in_stages(
    course: Course, items: Items, stages: Callable[[Hashable], Stages], *, holds: Holds, patient: bool = False
) -> Iterator[tuple[Hashable, datetime, str]]:
    """What a rule says that looks at its stages: each time its reason holds at that moment."""
    for span in spans(course, items):
        for at, severity in looks(span, stages(span.about), patient):
            seen = sight(course, at)
            if seen and span.holds(at) and holds(seen):
                yield span.about, at, severity
