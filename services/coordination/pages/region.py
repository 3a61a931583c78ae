"""The region in numbers, for its coordinator: who has how many, what is late and for how long, what nobody knows.

It is a working overview within the region and no publication: small numbers stand as they are, because "two pupils for
whom nobody is the intake coordinator" is what the coordinator must act on. That no number points at a person follows
from what can be asked. The tables are fixed; they count by who has the work (organisation and role) or by the process
(position, rule and severity), one or the other and never by what a pupil is: no age, track, class, programme or
residence. There is no filter and no way from a number to the pupils behind it; the weeks are told of the region as a
whole, so that no difference between two days points at a pupil of one school. Figures that leave the region come from
`signals`, protected (protocol 10).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from services.coordination.domain.partners.partner import SILENT
from services.coordination.pages import naming, words
from services.coordination.store import partners, views
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.logging import get_logger
from shared.core.tabular import write
from shared.storage.pool import Connection
from shared.web import charts
from shared.web.auth import page_actor, require
from shared.web.lists import kept
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.texts import in_short, marked, number
from shared.web.words import ROLES, rule

router = APIRouter(prefix="/region")
Person = Annotated[Actor, Depends(page_actor)]
PAGE = "coordination-region"
WEEK = timedelta(days=7)
WEEKS = 12
SHOWN = 10
"""Organisations that are shown at first."""
LATE = {
    "week": marked("up to a week"),
    "month": marked("one to four weeks"),
    "longer": marked("more than four weeks"),
}
"""For how long an action is late."""
TREND = {
    "student-at-risk": marked("New"),
    "student-at-risk-cleared": marked("Passed"),
    "action-overdue": marked("Too late"),
}
PARTS = {
    "position": marked("How far pupils have come"),
    "holder": marked("Responsible for"),
    "due": marked("To do this week"),
    "late": marked("Too late"),
    "risk": marked("Open signals"),
    "not-known": marked("Not known"),
    "vacant": marked("Of nobody"),
    "elsewhere": marked("With another than agreed"),
    "task": marked("Organisations that need attention"),
    "week": marked("Week by week"),
}
"""What each figure is called in the file."""
ELSEWHERE = {
    "offered": marked("No answer in time"),
    "returned": marked("Given back, not settled"),
}
"""Why a pupil is with another organisation than the one that should have the pupil."""
CODED = ("holder", "due", "late", "vacant", "elsewhere", "task")
"""Figures that are counted by organisation."""
COLUMNS = ("onderdeel", "code", "naam", "uitsplitsing", "aantal")


@dataclass
class Party:
    """An organisation in the region, in numbers."""

    code: str
    name: str
    roles: dict[str, int] = field(default_factory=dict)
    """Role that holds pupils → how many."""
    due: int = 0
    late: dict[str, int] = field(default_factory=dict)
    """For how long (LATE) → how many actions."""

    @property
    def pupils(self) -> int:
        return sum(self.roles.values())

    @property
    def overdue(self) -> int:
        return sum(self.late.values())

    @property
    def weight(self) -> tuple[int, int, int, str]:
        """Who is latest first, then who has most to do."""
        return -self.overdue, -self.due, -self.pupils, self.name


class Numbers:
    """The figures of a region as the database counted them: figure, what it is counted by, and how many."""

    def __init__(self, rows: Sequence[dict[str, Any]]):
        self.rows = rows
        self._figures: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self._figures[row["figure"]].append(row)

    def __getitem__(self, figure: str) -> list[dict[str, Any]]:
        return self._figures[figure]

    def total(self, figure: str) -> int:
        return sum(row["n"] for row in self[figure])

    def by(self, figure: str) -> Counter[str]:
        """How many per label."""
        counted: Counter[str] = Counter()
        for row in self[figure]:
            counted[row["label"]] += row["n"]
        return counted


@router.get("")
async def show(request: Request, actor: Person) -> Response:
    """The numbers of the own region."""
    now = request.app.state.clock.now()
    numbers, names = await _counted(request, actor, now)
    return render(
        request,
        "coordination/region.html",
        region=names[actor.organisation],
        at=now,
        numbers=numbers,
        parties=_parties(numbers, names),
        shown=SHOWN,
        late=LATE,
        vacant=[(names[row["label"]], row["label"], _role(row["detail"]), row["n"]) for row in numbers["vacant"]],
        tasks=[_task(row, names) for row in numbers["task"]],
        elsewhere=_elsewhere(numbers, names),
        reasons={code: _(text) for code, text in ELSEWHERE.items()},
        risks=_risks(numbers),
        grades={code: _(text) for code, (text, _kind) in words.SEVERITIES.items()},
        positions=_positions(numbers),
        trend=_trend(numbers, now),
        words=words.EVERYTHING,
    )


@router.post("/export")
async def export(request: Request, actor: Person) -> Response:
    """The same numbers as a file. It is written down before it leaves."""
    now = request.app.state.clock.now()
    numbers, names = await _counted(request, actor, now)
    lines = [_line(row, names) for row in numbers.rows]
    async with request.app.state.database.as_actor(actor) as conn:
        told = kept.Export(now, PAGE, actor.person_ref or "", actor.role, "", False, len(lines))
        await kept.log_export(conn, actor, told)
    get_logger().info("list_exported", page=PAGE, rows=len(lines))
    name = f"regio-{actor.organisation}-{civil_date(now).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(write(COLUMNS, lines), media_type="text/csv; charset=utf-8", headers=headers)


async def _counted(request: Request, actor: Actor, now: datetime) -> tuple[Numbers, dict[str, str]]:
    """The numbers, and the names of the organisations in them."""
    require(actor, Role.REGION_COORDINATOR)
    async with request.app.state.database.as_actor(actor) as conn:
        counted = await views.region_numbers(conn, now, now + WEEK)
        numbers = Numbers([*counted, *await _of_organisations(conn, actor.organisation)])
        codes = {row["label"] for figure in CODED for row in numbers[figure]}
        return numbers, await naming.organisations(conn, codes | {actor.organisation})


async def _of_organisations(conn: Connection, region: str) -> list[dict[str, Any]]:
    """What must be done about organisations of the region, and of how many pupils nobody knows because of a silence."""
    silent = await partners.silences(conn)
    unheard = {"figure": "not-known", "label": "silence", "detail": "", "n": sum(silent.values())}
    rows = [unheard] if silent else []
    for task in await partners.in_region(conn, region):
        pupils = silent.get(task["organisation"], 0) if task["kind"] == SILENT else None
        about = {"figure": "task", "label": task["organisation"], "detail": task["kind"], "n": 1, "pupils": pupils}
        rows.append({**task, **about})
    return rows


def _parties(numbers: Numbers, names: dict[str, str]) -> list[Party]:
    """Every organisation that has or must do something; who is latest goes first."""
    found: dict[str, Party] = {}
    for figure in ("holder", "due", "late"):
        for row in numbers[figure]:
            party = found.setdefault(row["label"], Party(row["label"], names[row["label"]]))
            if figure == "holder":
                party.roles[_role(row["detail"])] = row["n"]
            elif figure == "due":
                party.due = row["n"]
            else:
                party.late[row["detail"]] = row["n"]
    return sorted(found.values(), key=lambda party: party.weight)


def _role(code: str) -> str:
    return _(ROLES.get(code, code))


def _task(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Something that must be done about an organisation, as a line of the page."""
    what = rule(row["detail"])
    return row | {"name": names[row["label"]], "what": f"{what}: {_role(row['about'])}" if row["about"] else what}


def _risks(numbers: Numbers) -> list[tuple[str, Counter[str]]]:
    """Open signals: the rule in words, and how many there are per severity; the most frequent first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in numbers["risk"]:
        found[row["label"]][row["detail"]] += row["n"]
    return [(rule(code), by) for code, by in sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))]


def _elsewhere(numbers: Numbers, names: dict[str, str]) -> list[tuple[str, str, Counter[str]]]:
    """Organisations that should have pupils and do not, by why; who has most to answer for goes first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in numbers["elsewhere"]:
        found[row["label"]][row["detail"]] += row["n"]
    return [(names[code], code, by) for code, by in sorted(found.items(), key=lambda one: (-one[1].total(), one[0]))]


def _positions(numbers: Numbers) -> Markup | None:
    """How far pupils have come, as a chart; None when there are none."""
    counted = numbers.by("position")
    if not counted:
        return None
    code, most = counted.most_common(1)[0]
    finding = _("Most pupils: %(position)s (%(n)s).", position=_(words.POSITIONS[code][0]), n=number(most))
    bars = [
        charts.Bar(_(text), counted[code], number(counted[code])) for code, (text, _kind) in words.POSITIONS.items()
    ]
    return charts.bar("positions", _("How far pupils have come"), finding, bars)


def _trend(numbers: Numbers, now: datetime) -> tuple[str, Markup] | None:
    """What happened in each of the last whole weeks: in a sentence and as a chart; None when nothing did."""
    counted = {(row["label"], row["detail"]): row["n"] for row in numbers["week"]}
    if not counted:
        return None
    monday = civil_date(now) - timedelta(days=civil_date(now).weekday())
    mondays = [monday - WEEK * n for n in range(WEEKS, 0, -1)]
    lines = [
        charts.Line(_(text), [counted.get((m.isoformat(), kind), 0) for m in mondays]) for kind, text in TREND.items()
    ]
    new, passed = lines[0].values[-1], lines[1].values[-1]
    finding = _(
        "In the week of %(day)s there were %(new)s new signals and %(passed)s passed.",
        day=in_short(mondays[-1]),
        new=number(new),
        passed=number(passed),
    )
    return finding, charts.lines("trend", _("Signals per week"), finding, [in_short(m) for m in mondays], lines)


def _line(row: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """One number as it goes into the file."""
    told = (_(PARTS[row["figure"]]), row["label"], _named(row, names), _detail(row), str(row["n"]))
    return dict(zip(COLUMNS, told, strict=True))


def _named(row: dict[str, Any], names: dict[str, str]) -> str:
    label = row["label"]
    match row["figure"]:
        case "position":
            return _(words.POSITIONS[label][0])
        case "risk":
            return rule(label)
        case "week":
            return in_short(date.fromisoformat(label))
        case "not-known":
            return _(words.NOT_KNOWN[label])
    return names[label]


def _detail(row: dict[str, Any]) -> str:
    detail = row["detail"]
    match row["figure"]:
        case "holder" | "vacant":
            return _role(detail)
        case "late":
            return _(LATE[detail])
        case "elsewhere":
            return _(ELSEWHERE[detail])
        case "risk":
            return _(words.SEVERITIES[detail][0])
        case "task":
            return rule(detail)
        case "week":
            return _(TREND[detail])
    return ""
