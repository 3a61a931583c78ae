"""What a region means to reach: the norms of its own agreement, else those of the agreement that ships."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.signals.domain.figures import NAMES
from shared.schemas.coordination import AgreedNorm


@dataclass(frozen=True, slots=True)
class Agreed:
    """The norms that hold in a region on a day."""

    version: str | None
    """Of the regional agreement; None: the region has none of its own."""
    norms: tuple[AgreedNorm, ...]


DEFAULT = Agreed(
    None,
    (
        AgreedNorm(figure="applied", percentage=90),
        AgreedNorm(figure="placed", percentage=90, day="06-01"),
        AgreedNorm(figure="started", percentage=95, day="10-01"),
    ),
)
"""Of the default agreement (deploy/agreements/default.yaml), what is about a figure that is published."""

BOUNDS = {"<5": (0, 4), ">95": (95, 100)}
"""Of which only a bound is shown: no less than, no more than."""


@dataclass(frozen=True, slots=True)
class Due:
    """A norm in the year of one cohort: per cent of the expected pupils, on a day."""

    figure: str
    percentage: int
    day: date

    def reached(self, share: str) -> bool | None:
        """Whether a share, as it is published, reaches it; None: that can not be told from what may be shown."""
        least, most = BOUNDS.get(share) or (int(share), int(share))
        return True if least >= self.percentage else False if most < self.percentage else None


def due(agreed: Agreed, cohort: int, applied_by: date) -> list[Due]:
    """The norms about figures that are published, in the year of a cohort with this application date."""
    found = [
        Due(norm.figure, norm.percentage, date.fromisoformat(f"{cohort}-{norm.day}") if norm.day else applied_by)
        for norm in agreed.norms
        if norm.figure in NAMES
    ]
    return sorted(found, key=lambda one: (NAMES.index(one.figure), one.day))


def beside(figure: str, norms: Iterable[Due], on: date) -> Due | None:
    """The norm beside which a figure is laid on a day: the last whose day has come, else the first to come."""
    of_it = sorted((one for one in norms if one.figure == figure), key=lambda one: one.day)
    come = [one for one in of_it if one.day <= on]
    return come[-1] if come else next(iter(of_it), None)
