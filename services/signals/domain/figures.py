"""The fixed list of figures: what each counts, and how a count is written once it is protected."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

ALL = "all"
"""All tracks together."""
GROUPS: dict[str, tuple[str, ...]] = {
    "pro-vso-isk": ("pro", "vso", "isk"),
    "vmbo-bb-kb": ("vmbo-bb", "vmbo-kb"),
    "vmbo-gl-tl": ("vmbo-gl", "vmbo-tl"),
    "havo-vwo": ("havo", "vwo"),
    "vavo": ("vavo",),
}
"""Groups of tracks; together they are everybody."""

EXPECTED, KNOWN, NOT_KNOWN = "expected", "known", "not-known"
NOT_LINKED = "not-linked"
"""Applicants whom nobody here knows: a number of its own, no part of the expected pupils."""
STANDINGS = ("applied", "placed", "enrolled", "lost")
"""How far they have come, net over all their applications: the columns of that number."""
HIDDEN, NOT_HEARD, NOT_APPLICABLE, NONE = "c", "x", "z", "0"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of pupils on the reference date."""

    name: str
    nested: tuple[str, ...] = (EXPECTED,)
    """Figures before it of which every pupil of this one is counted in that one too, or the reverse."""
    heard: tuple[str, ...] = ()
    """Kinds of fact that somebody must have told for this to be known at all."""


FIGURES = (
    Figure(EXPECTED, nested=()),
    Figure("applied", heard=("application",)),
    Figure("placed", heard=("application", "intake")),
    Figure("intake-done", heard=("intake",)),
    Figure("started", heard=("enrolment",)),
    Figure("handed-over"),
    Figure("accepted", (EXPECTED, "handed-over")),
    Figure("risk-no-application"),
    Figure("risk-handover-unanswered"),
    Figure("alerted"),
    Figure("answered", (EXPECTED, "alerted")),
    Figure(KNOWN, (EXPECTED, "applied", "placed", "intake-done", "started", "handed-over", "accepted")),
)
"""In the order in which they are shown and protected; all are parts of `expected`."""
NAMES = (*(figure.name for figure in FIGURES), NOT_KNOWN)
"""Every row that is published. `not-known` is what is left of `expected` beside `known`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a group of tracks, as it is published."""

    figure: str
    group: str
    value: str
    """The number, or ``c`` protected, ``0`` none, ``x`` not known, ``z`` not applicable."""
    percentage: str
    """Whole per cent of the expected pupils, ``<5``, ``>95``, or one of the symbols."""


Counts = Mapping[str, dict[str, int]]
"""Pupils per figure and group, without totals."""


def by_group(by_track: Mapping[tuple[str, str], int]) -> Counts:
    """Counts per figure and group from counts per (figure, track)."""
    return {
        figure.name: {
            group: sum(by_track.get((figure.name, track), 0) for track in tracks) for group, tracks in GROUPS.items()
        }
        for figure in FIGURES
    }


def not_heard(heard: Collection[str]) -> set[str]:
    """Figures of which nothing can be known, as nobody told any fact of their kinds."""
    return {figure.name for figure in FIGURES if figure.heard and not set(figure.heard) & set(heard)}


def publish(counts: Counts, hidden: Collection[tuple[str, str]], unheard: Collection[str]) -> list[Cell]:
    """Every cell of one region as it may be seen."""
    written = dict(_values(counts, hidden, unheard))
    return [
        Cell(name, group, written[name, group], _percentage(written[name, group], written[EXPECTED, group], name))
        for name in NAMES
        for group in (ALL, *GROUPS)
    ]


def not_linked(counts: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Applicants whom nobody here knows, by how far they have come."""
    return {standing: counts.get((NOT_LINKED, standing), 0) for standing in STANDINGS}


def publish_not_linked(counts: Mapping[str, int], hidden: Collection[tuple[str, str]]) -> list[Cell]:
    """Their cells as they may be seen; a share of anything they have none."""
    written = {ALL: sum(counts.values()), **counts}
    return [
        Cell(NOT_LINKED, standing, HIDDEN if (NOT_LINKED, standing) in hidden else str(n), NOT_APPLICABLE)
        for standing, n in written.items()
    ]


def shown(cells: Collection[Cell]) -> dict[tuple[str, str], int]:
    """The numbers that anybody can read in a publication; nothing applicable or told of counts as none."""
    as_number = {NOT_HEARD: 0, NOT_APPLICABLE: 0}
    return {
        (cell.figure, cell.group): as_number[cell.value] if cell.value in as_number else int(cell.value)
        for cell in cells
        if cell.value != HIDDEN
    }


def _values(
    counts: Counts, hidden: Collection[tuple[str, str]], unheard: Collection[str]
) -> Iterator[tuple[tuple[str, str], str]]:
    for group in (ALL, *GROUPS):
        n = {name: sum(row.values()) if group == ALL else row[group] for name, row in counts.items()}
        n[NOT_KNOWN] = n[EXPECTED] - n[KNOWN]
        for name in NAMES:
            yield (name, group), _value(name, n, {figure for figure, place in hidden if place == group}, unheard)


def _value(name: str, n: Mapping[str, int], hidden: Collection[str], unheard: Collection[str]) -> str:
    if name != EXPECTED and not n[EXPECTED] and EXPECTED not in hidden:
        return NOT_APPLICABLE
    sources = {NOT_KNOWN: {EXPECTED, KNOWN}}.get(name, {EXPECTED} if name in unheard else {name})
    if sources & set(hidden):
        return HIDDEN
    return NOT_HEARD if name in unheard else str(n[name])


def _percentage(value: str, of: str, name: str) -> str:
    if name == EXPECTED or value == NOT_APPLICABLE:
        return NOT_APPLICABLE
    if HIDDEN in (value, of):
        return HIDDEN
    if value in (NOT_HEARD, NONE):
        return value
    share = 100 * int(value) / int(of)
    return "<5" if share < 5 else ">95" if share > 95 else str(round(share))
