"""Facts of the national chain as hypothesis draws them, and every way in which they may come: for laws about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from hypothesis import strategies as st

from services.intake.domain.application import Fact
from shared.schemas.intakes import ApplicationStatus

FIRST = datetime(2026, 11, 2, 9, tzinfo=UTC)
PROGRAMMES = (("bol", "25655"), ("bbl", "25607"), ("vavo", "1002O2412"), ("odt", "25655"))
STARTS = (date(2027, 8, 1), date(2028, 2, 1), date(2027, 7, 31))
T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """A fact about one of the applications of one of the pupils."""

    pupil: int
    application: int
    """Counts over all pupils; an application is of one pupil."""
    institution: str
    fact: Fact


moments = st.integers(0, 12).map(lambda n: FIRST + timedelta(hours=7 * n))


@st.composite
def facts(draw: st.DrawFn, sources: Sequence[str] = ("sis", "cambo")) -> Fact:
    """What a row says; few keys and few moments, so that rows contradict, repeat and tie."""
    pathway, programme = draw(st.sampled_from(PROGRAMMES))
    return Fact(
        source_system=draw(st.sampled_from(sources)),
        row_id=draw(st.sampled_from(["r1", "r2", "r3"])),
        version=draw(st.integers(0, 2)),
        programme=programme,
        pathway=pathway,
        status=draw(st.sampled_from(ApplicationStatus)),
        at=draw(moments),
        arrived=draw(moments),
        start=draw(st.sampled_from(STARTS)),
    )


@st.composite
def told(draw: st.DrawFn, most: int = 14) -> list[Told]:
    """Facts about up to four applications of three pupils, at two institutions. The same may be said under a new id."""
    found = []
    for application, fact in draw(st.lists(st.tuples(st.integers(0, 3), facts()), min_size=1, max_size=most)):
        one = Told(application % 3, application, ("99XA", "99XB")[application % 2], fact)
        found.append(one)
        if draw(st.booleans()):
            found.append(replace(one, fact=replace(fact, row_id=f"{fact.row_id}-again")))
    return found


@st.composite
def ways(draw: st.DrawFn, items: Sequence[T], files: int = 3) -> list[list[T]]:
    """A way in which these may come: in any order, some of them more than once, split over files."""
    again = draw(st.lists(st.sampled_from(items), max_size=4))
    mixed = draw(st.permutations([*items, *again]))
    cuts = sorted(draw(st.lists(st.integers(0, len(mixed)), max_size=files - 1)))
    edges = [0, *cuts, len(mixed)]
    return [mixed[start:end] for start, end in pairwise(edges)]
