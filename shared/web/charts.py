"""Charts as SVG: no script, no inline style (strict content security policy), text stays text, and a table beside it.

Everything is escaped here; nowhere else is markup declared safe.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from markupsafe import Markup, escape

from shared.web.texts import gettext as _
from shared.web.texts import number


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. Without a value (protected, not known) only `text` is shown, on a hatched ground."""

    label: str
    value: float | None
    text: str
    """What is written at the bar: ``92,4 %``, or a symbol: ``c`` protected, ``x`` not known, ``z`` not applicable."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Sizes in units of the drawing; a phone gets its own drawing, or its letters would be 6 pixels high."""

    name: str
    width: int
    row: int
    bar: int
    left: int
    """Where bars begin; 0: the label stands above its bar."""
    right: int
    """Room for the text behind the longest bar."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line through one value per point; at most three lines in a chart."""

    name: str
    """Stands at the end of the line, so a word or two."""
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class _Plane:
    """The drawing of a line chart, in units."""

    name: str
    width: int
    height: int
    left: int
    right: int
    """Room for the names behind the lines."""
    every: int
    """Of how many points one has its label."""
    top: int = 12
    bottom: int = 34


WIDE = _Layout("wide", width=940, row=34, bar=20, left=260, right=80)
NARROW = _Layout("narrow", width=360, row=50, bar=18, left=0, right=64)
PLANES = (_Plane("wide", 940, 300, 44, 120, 1), _Plane("narrow", 360, 280, 40, 82, 3))
LABEL_GAP = 20
"""Between the names at the ends of two lines."""


def bar(key: str, title: str, finding: str, bars: Sequence[Bar], *, top: float | None = None) -> Markup:
    """A horizontal bar chart with its table. `key` makes ids and is unique on the page.

    `finding` says in words what is to be seen; `top` is the value of a full-width bar (default: the largest).
    """
    full = top or max((b.value for b in bars if b.value is not None), default=0) or 1
    drawings = [
        _drawing(layout, key, title, finding, [(b, (b.value or 0) / full) for b in bars]) for layout in (WIDE, NARROW)
    ]
    return Markup("").join([*drawings, _table(title, [_("Value")], [(bar.label, [bar.text]) for bar in bars])])


def lines(key: str, title: str, finding: str, points: Sequence[str], drawn: Sequence[Line]) -> Markup:
    """A line chart from zero, with its table. `points`: what stands below each value, the oldest first."""
    step = _step(max((value for line in drawn for value in line.values), default=0))
    drawings = [_plane(plane, key, (title, finding), points, (drawn, step)) for plane in PLANES]
    rows = [(point, [number(line.values[n]) for line in drawn]) for n, point in enumerate(points)]
    return Markup("").join([*drawings, _table(title, [line.name for line in drawn], rows)])


def _step(highest: float) -> int:
    """Between two lines of the grid: 1, 2 or 5 with noughts, so that there are five of them at most."""
    steps = (n * int(10**noughts) for noughts in count() for n in (1, 2, 5))
    return next(step for step in steps if step * 5 >= highest)


def _plane(
    plane: _Plane,
    key: str,
    texts: tuple[str, str],
    points: Sequence[str],
    scaled: tuple[Sequence[Line], int],
) -> Markup:
    drawn, step = scaled
    highest = max((value for line in drawn for value in line.values), default=0)
    marks = range(0, -(-int(highest) // step or 1) * step + 1, step)
    room, deep = plane.width - plane.left - plane.right, plane.height - plane.top - plane.bottom
    across = [plane.left + room * n / max(len(points) - 1, 1) for n in range(len(points))]

    def down(value: float) -> float:
        return round(plane.top + deep * (1 - value / marks[-1]), 1)

    grid = [_mark(plane, down(mark), mark) for mark in marks]
    named = [
        Markup('<text class="os-chart__tick" x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(
            x, plane.height - 10, point
        )
        for n, (x, point) in enumerate(zip(across, points, strict=True))
        if (len(points) - 1 - n) % plane.every == 0
    ]
    ends = _apart([down(line.values[-1]) for line in drawn], plane.top + deep)
    paths = [
        _line(n, line, list(zip(across, map(down, line.values), strict=True)), end)
        for n, (line, end) in enumerate(zip(drawn, ends, strict=True))
    ]
    return _svg((plane.name, plane.width, plane.height), key, texts, Markup("").join([*grid, *named, *paths]))


def _mark(plane: _Plane, y: float, value: float) -> Markup:
    return Markup(
        '<line class="os-chart__grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="os-chart__tick" x="{}" y="{}" text-anchor="end">{}</text>'
    ).format(plane.left, plane.width - plane.right, y, y, plane.left - 8, y + 5, number(value))


def _line(n: int, line: Line, dots: Sequence[tuple[float, float]], label_y: float) -> Markup:
    (x, y), path = dots[-1], "L".join(f"{x:.1f} {y}" for x, y in dots)
    return Markup(
        '<path class="os-chart__line os-chart__line--{}" d="M{}"/>'
        '<circle class="os-chart__dot--{}" cx="{:.1f}" cy="{}" r="4"/>'
        '<text class="os-chart__name" x="{:.1f}" y="{:.1f}">{}</text>'
    ).format(n, path, n, x, y, x + 12, label_y + 5, line.name)


def _apart(wanted: Sequence[float], lowest: float) -> list[float]:
    """Heights of labels, moved so that none lies over another and none below the grid."""
    placed, order = list(wanted), sorted(range(len(wanted)), key=lambda n: wanted[n])
    for above, below in pairwise(order):
        placed[below] = max(placed[below], placed[above] + LABEL_GAP)
    for n in reversed(order):
        placed[n] = min(placed[n], lowest)
        lowest = placed[n] - LABEL_GAP
    return placed


def _drawing(layout: _Layout, key: str, title: str, finding: str, bars: Sequence[tuple[Bar, float]]) -> Markup:
    ids = f"{key}-{layout.name}"
    rows = Markup("").join(_row(layout, n * layout.row, bar, share, ids) for n, (bar, share) in enumerate(bars))
    hatch = Markup(
        '<defs><pattern id="{}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="os-chart__hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>{}'
    ).format(ids, rows)
    return _svg((layout.name, layout.width, layout.row * len(bars) + 4), key, (title, finding), hatch)


def _svg(shape: tuple[str, int, int], key: str, texts: tuple[str, str], content: Markup) -> Markup:
    """A drawing with its name and what it shows in words; `shape`: wide or narrow, width and height."""
    (name, width, height), (title, finding) = shape, texts
    ids = f"{key}-{name}"
    return Markup(
        '<svg class="os-chart os-chart--{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-finding">'
        '<title id="{}-title">{}</title><desc id="{}-finding">{}</desc>{}</svg>'
    ).format(name, width, height, ids, ids, ids, title, ids, finding, content)


def _row(layout: _Layout, y: int, bar: Bar, share: float, ids: str) -> Markup:
    room = layout.width - layout.left - layout.right
    bar_y = y + (layout.row - layout.bar) // 2 if layout.left else y + layout.row - layout.bar - 8
    text_y = bar_y + layout.bar - 5
    length = round(room * min(share, 1), 1)
    ground = 'class="os-chart__ground"' if bar.value is not None else f'fill="url(#{escape(ids)}-hatch)"'
    label = (
        Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(layout.left - 12, text_y, bar.label)
        if layout.left
        else Markup('<text x="0" y="{}">{}</text>').format(bar_y - 7, bar.label)
    )
    return Markup(
        '{}<rect {} x="{}" y="{}" width="{}" height="{}" rx="2"/>'
        '<rect class="os-chart__bar" x="{}" y="{}" width="{}" height="{}" rx="2"/>'
        '<text class="os-chart__value" x="{}" y="{}">{}</text>'
    ).format(
        label,
        Markup(ground),
        *(layout.left, bar_y, room, layout.bar),
        *(layout.left, bar_y, length, layout.bar),
        *(layout.left + room + 10, text_y, bar.text),
    )


def _table(title: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]]) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(column) for column in columns)
    lines = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup("").join(Markup("<td>{}</td>").format(value) for value in values)
        )
        for name, values in rows
    )
    return Markup(
        '<details><summary>{}</summary><table class="os-data"><caption>{}</caption>'
        '<thead><tr><th scope="col">{}</th>{}</tr></thead><tbody>{}</tbody></table></details>'
    ).format(_("Show these figures as a table"), title, _("What"), heads, lines)
