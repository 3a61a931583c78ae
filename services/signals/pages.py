"""The regional picture: the published figures of one region on one day, as tiles, chart, table, print and CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from services.signals import store
from services.signals.domain.figures import (
    ALL,
    GROUPS,
    HIDDEN,
    NAMES,
    NOT_APPLICABLE,
    NOT_HEARD,
    NOT_LINKED,
    Cell,
)
from services.signals.domain.norms import Agreed, Due, beside, due
from services.signals.store import Publication, Snapshot, Wanted
from shared.core import tabular
from shared.core.actor import Actor
from shared.core.reference import load
from shared.storage.pool import Connection
from shared.web import charts
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked, number

router = APIRouter(include_in_schema=False)
PageActor = Annotated[Actor, Depends(page_actor)]
Cells = Mapping[tuple[str, str], Cell]

FIGURES: dict[str, tuple[str, str]] = {
    "expected": (
        marked("Expected pupils"),
        marked("Pupils who live in the region and of whom a school says that they move to the mbo."),
    ),
    "applied": (
        marked("Applied in time"),
        marked("With an application that stood on the application date, or on the reference date if that is earlier."),
    ),
    "placed": (marked("Placed"), marked("Offered a place by an institution, or placed at an intake.")),
    "intake-done": (marked("Intake done"), marked("With at least one intake that was held.")),
    "started": (marked("Started"), marked("Seen in class by an institution, with an enrolment that has not ended.")),
    "handed-over": (marked("Dossier handed over"), marked("With a dossier that was offered to an institution.")),
    "accepted": (marked("Dossier accepted"), marked("With a dossier that an institution has taken on.")),
    "risk-no-application": (
        marked("At risk: no application"),
        marked("The rule fired as there is no application, and the reason has not gone."),
    ),
    "risk-handover-unanswered": (
        marked("At risk: dossier not answered"),
        marked("The rule fired as the institution has not answered, and the reason has not gone."),
    ),
    "alerted": (marked("With an alert"), marked("About whom at least one person was told.")),
    "answered": (marked("Alert answered"), marked("With an alert that a person has confirmed or finished.")),
    "known": (
        marked("Position known"),
        marked("With a choice, application, intake or dossier, or with a transition that was closed."),
    ),
    "not-known": (marked("Position not known"), marked("All other expected pupils.")),
}
"""Figure → its name and its definition."""

STANDINGS = {
    ALL: marked("All together"),
    "applied": marked("Applied"),
    "placed": marked("Placed"),
    "enrolled": marked("Enrolled"),
    "lost": marked("No application left"),
}
"""How far somebody has come of whom nobody here knows who it is."""
GROUP_NAMES = {
    ALL: marked("all pupils"),
    "pro-vso-isk": marked("pro, vso and isk"),
    "vmbo-bb-kb": marked("vmbo-bb and vmbo-kb"),
    "vmbo-gl-tl": marked("vmbo-gl and vmbo-tl"),
    "havo-vwo": marked("havo and vwo"),
    "vavo": marked("vavo"),
}
SYMBOLS = {HIDDEN: marked("protected"), NOT_HEARD: marked("not known"), NOT_APPLICABLE: marked("not applicable")}
TILES = (
    ("expected", False),
    ("applied", True),
    ("placed", True),
    ("handed-over", True),
    ("risk-no-application", False),
    ("not-known", False),
)
"""Figure, and whether its tile shows the percentage."""
DRAWN = {"<5": 2.5, ">95": 97.5}
"""Where a bar ends of which only a bound may be told."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was chosen, with what may be chosen."""

    snapshot: Snapshot
    cells: Cells
    publications: Sequence[Publication]
    agreed: Agreed


@router.get("/")
async def picture(request: Request, actor: PageActor, region: str = "", cohort: str = "", on: str = "") -> Response:
    """The figures of a region; without a choice the actor's own region, or the largest, and the newest day."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await _find(conn, region or _own_region(actor), cohort, on)
    if found is None:
        return render(request, "signals/empty.html")
    return render(request, "signals/region.html", **_context(found))


@router.get("/figures.csv")
async def download(request: Request, actor: PageActor, region: str = "", cohort: str = "", on: str = "") -> Response:
    """The table of the page, exactly as it is shown."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await _find(conn, region or _own_region(actor), cohort, on)
    if found is None:
        return render(request, "signals/empty.html", 404)
    shown = found.snapshot
    name = f"regiobeeld-{shown.region}-{shown.cohort}-{shown.reference_date}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


def _own_region(actor: Actor) -> str:
    """The region of an officer, coordinator or LOB contact; empty for a school or institution, whose place is not
    known here."""
    code = actor.organisation.removeprefix("lob-")
    if len(code) == 2:
        return code
    return next((place.region for place in load().municipalities(date.max) if place.code == code), "")


async def _find(conn: Connection, region: str, cohort: str, on: str) -> Picture | None:
    """The snapshot that fits best: what was asked, as far as it exists."""
    publications = await store.publications(conn)
    if not publications:
        return None
    of_cohort = [p for p in publications if str(p.cohort) == cohort] or [
        p for p in publications if p.cohort == publications[0].cohort
    ]
    chosen = next((p for p in of_cohort if p.reference_date.isoformat() == on), of_cohort[0])
    wanted = Wanted(chosen.cohort, chosen.reference_date, region)
    found = await store.snapshots(conn, wanted)
    if not found:
        largest = await store.largest_region(conn, chosen)
        found = await store.snapshots(conn, Wanted(chosen.cohort, chosen.reference_date, largest))
    cells = await store.cells(conn, found[0].snapshot_id)
    agreed = await store.agreed(conn, found[0].region, found[0].reference_date)
    return Picture(found[0], {(cell.figure, cell.group): cell for cell in cells}, publications, agreed)


def _context(found: Picture) -> dict[str, Any]:
    shown, cells = found.snapshot, found.cells
    regions = load().regions(shown.reference_date)
    days = [p.reference_date for p in found.publications if p.cohort == shown.cohort]
    norms = due(found.agreed, shown.cohort, load().application_date(shown.cohort))
    tiles = [(name, as_share, beside(name, norms, shown.reference_date)) for name, as_share in TILES]
    return {
        "snapshot": shown,
        "region_name": load().region_name(shown.region, shown.reference_date),
        "regions": [(region.code, f"{region.code} {region.name}") for region in regions],
        "cohorts": [(c, _cohort_name(c)) for c in sorted({p.cohort for p in found.publications}, reverse=True)],
        "days": [(day.isoformat(), in_words(day)) for day in days],
        "cohort_name": _cohort_name(shown.cohort),
        "tiles": [_tile(name, as_share, shown, cells[name, ALL], norm) for name, as_share, norm in tiles],
        "whose_norms": _whose(found.agreed.version),
        "norms": [(_(FIGURES[one.figure][0]), _at_least(one)) for one in norms],
        "chart": _chart(cells),
        "finding": _finding(cells),
        "groups": [(group, _(GROUP_NAMES[group])) for group in (ALL, *GROUPS)],
        "rows": [(name, _(FIGURES[name][0]), _(FIGURES[name][1])) for name in NAMES],
        "cells": {place: (_number(cell.value), _share(cell.percentage)) for place, cell in _all(cells).items()},
        "not_linked": [
            (_(text), _number(cells[NOT_LINKED, standing].value))
            for standing, text in STANDINGS.items()
            if (NOT_LINKED, standing) in cells
        ],
        "meanings": SYMBOLS,
    }


def _all(cells: Cells) -> dict[tuple[str, str], Cell]:
    """Every figure of today's list; one that was not counted yet when this was published is not known."""
    places = [(name, group) for name in NAMES for group in (ALL, *GROUPS)]
    return {place: cells.get(place) or Cell(*place, NOT_HEARD, NOT_HEARD) for place in places}


def _cohort_name(cohort: int) -> str:
    return f"{cohort}-{cohort + 1}"


def _number(value: str) -> str:
    return number(int(value)) if value.isdigit() else value


def _share(percentage: str) -> str:
    return percentage if percentage in SYMBOLS else f"{percentage}%"


def _tile(name: str, as_share: bool, shown: Snapshot, cell: Cell, norm: Due | None) -> dict[str, Any]:
    text = cell.percentage if as_share else cell.value
    tile: dict[str, Any] = {"name": _(FIGURES[name][0]), "value": _share(text) if as_share else _number(text)}
    if text in SYMBOLS:
        return tile | {"note": _(SYMBOLS[text])}
    if not norm or not as_share:
        return tile | {"note": _("of all pupils of the region") if as_share else _("pupils")}
    reached = norm.reached(text)
    if shown.reference_date < norm.day or reached is None:
        return tile | {"note": _("Norm: %(norm)s", norm=_at_least(norm))}
    asked = norm.percentage
    words = _("Norm of %(norm)s%% reached", norm=asked) if reached else _("Below the norm of %(norm)s%%", norm=asked)
    return tile | {"note": words, "good": reached}


def _whose(version: str | None) -> str:
    if version is None:
        return _("Norm of the default agreement")
    return _("Norm of the regional agreement (version %(version)s)", version=version)


def _at_least(norm: Due) -> str:
    return _("at least %(norm)s%% on %(day)s", norm=norm.percentage, day=in_words(norm.day))


def _chart(cells: Cells) -> Markup:
    bars = [
        charts.Bar(_(GROUP_NAMES[group]).capitalize(), _drawn(cells["applied", group]), _share(share))
        for group in (ALL, *GROUPS)
        if (share := cells["applied", group].percentage) != NOT_APPLICABLE
    ]
    return charts.bar("applied", _(FIGURES["applied"][0]), _finding(cells), bars, top=100)


def _drawn(cell: Cell) -> float | None:
    share = cell.percentage
    return None if share in SYMBOLS else DRAWN.get(share) or float(share)


def _finding(cells: Cells) -> str:
    share = cells["applied", ALL].percentage
    if share in SYMBOLS:
        return _("How many pupils applied in time can not be shown: %(reason)s.", reason=_(SYMBOLS[share]))
    return _("Of all expected pupils %(share)s%% applied in time.", share=share)


def _csv(found: Picture) -> bytes:
    shown = found.snapshot
    about = {
        "regio": shown.region,
        "regionaam": load().region_name(shown.region, shown.reference_date) or "",
        "cohort": str(shown.cohort),
        "peildatum": shown.reference_date.isoformat(),
    }
    named = [(_(FIGURES[cell.figure][0]), _(GROUP_NAMES[cell.group]), cell) for cell in _all(found.cells).values()]
    named += [
        (_("Not linked"), _(text), found.cells[NOT_LINKED, standing])
        for standing, text in STANDINGS.items()
        if (NOT_LINKED, standing) in found.cells
    ]
    rows = [
        about | {"cijfer": name, "leerweg": group, "aantal": cell.value, "percentage": cell.percentage}
        for name, group, cell in named
    ]
    return tabular.write(list(rows[0]), rows)
