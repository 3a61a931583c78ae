"""Charts as SVG: no script, no inline style (strict content security policy), text stays text, and a table beside it.

Everything is escaped here; nowhere else is markup declared safe.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from shared.web.texts import gettext as _


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


WIDE = _Layout("wide", width=940, row=34, bar=20, left=260, right=80)
NARROW = _Layout("narrow", width=360, row=50, bar=18, left=0, right=64)


def bar(key: str, title: str, finding: str, bars: Sequence[Bar], *, top: float | None = None) -> Markup:
    """A horizontal bar chart with its table. `key` makes ids and is unique on the page.

    `finding` says in words what is to be seen; `top` is the value of a full-width bar (default: the largest).
    """
    full = top or max((b.value for b in bars if b.value is not None), default=0) or 1
    drawings = [
        _drawing(layout, key, title, finding, [(b, (b.value or 0) / full) for b in bars]) for layout in (WIDE, NARROW)
    ]
    return Markup("").join([*drawings, _table(title, bars)])


def _drawing(layout: _Layout, key: str, title: str, finding: str, bars: Sequence[tuple[Bar, float]]) -> Markup:
    height = layout.row * len(bars) + 4
    ids = f"{key}-{layout.name}"
    rows = Markup("").join(_row(layout, n * layout.row, bar, share, ids) for n, (bar, share) in enumerate(bars))
    return Markup(
        '<svg class="os-chart os-chart--{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-finding">'
        '<title id="{}-title">{}</title><desc id="{}-finding">{}</desc>'
        '<defs><pattern id="{}-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<line class="os-chart__hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>{}</svg>'
    ).format(layout.name, layout.width, height, ids, ids, ids, title, ids, finding, ids, rows)


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


def _table(title: str, bars: Sequence[Bar]) -> Markup:
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th><td>{}</td></tr>').format(bar.label, bar.text) for bar in bars
    )
    return Markup(
        '<details><summary>{}</summary><table class="os-data"><caption>{}</caption>'
        '<thead><tr><th scope="col">{}</th><th scope="col">{}</th></tr></thead><tbody>{}</tbody></table></details>'
    ).format(_("Show these figures as a table"), title, _("What"), _("Value"), rows)
