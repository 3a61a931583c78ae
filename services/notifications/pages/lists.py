"""The inbox as a list: in which group an alert stands, and how it stands there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.notifications.pages import words
from services.notifications.store.reading import Row
from shared.core.clock import civil_date
from shared.schemas.envelope import PUPIL_REF_LENGTH
from shared.web.texts import gettext as _
from shared.web.texts import in_short, marked

LATER = datetime.max.replace(tzinfo=UTC)
URGENT_DAYS = 2
"""Working days left from which a row is urgent."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands on the page."""

    alert_id: str
    name: str
    who: str
    signal: str
    severity: str
    road: str
    status: str
    status_text: str
    since: str
    days: int | None
    due: date | None
    owner: str
    urgent: bool
    action: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names of organisations and of the actor's own colleagues."""

    organisations: Mapping[str, str]
    people: Mapping[str, str]


def status(row: Row) -> str:
    """The status of a row, as one of four words."""
    if row.status == "resolved":
        return "done"
    if row.status == "acknowledged":
        return "busy"
    return "escalated" if row.step > 1 else "new"


GROUPS = {
    "late": (marked("Term ends"), marked("You must respond within 2 working days, or the date has passed.")),
    "new": (marked("New, not confirmed yet"), marked("Oldest first.")),
    "busy": (marked("In progress"), marked("Confirmed, not finished yet.")),
    "done": (marked("Finished"), marked("Newest first.")),
}


def days_left(row: Row, today: date) -> int | None:
    """Working days until an open alert must be answered; negative: it is late. None: there is no such day."""
    return words.working_days(today, civil_date(row.due_at)) if row.due_at else None


def is_urgent(row: Row, today: date) -> bool:
    """Whether somebody must respond now."""
    days = days_left(row, today)
    return status(row) != "done" and days is not None and days <= URGENT_DAYS


def group_of(row: Row, today: date) -> str:
    """What a row asks for."""
    if is_urgent(row, today):
        return "late"
    now = status(row)
    return "new" if now == "escalated" else now


def in_order(rows: Iterable[Row], today: date) -> list[Row]:
    """What must be answered first stands first; the others stay as they were."""
    return sorted(rows, key=lambda row: row.due_at if row.due_at and is_urgent(row, today) else LATER)


def about_pupil(row: Row) -> bool:
    """Whether an alert is about a pupil; else it is about an organisation."""
    return len(row.about) == PUPIL_REF_LENGTH


def name(row: Row, names: Names) -> str:
    """The pupil or the organisation that an alert is about."""
    if about_pupil(row):
        return words.name(row.first_name, row.prefix, row.last_name)
    return words.organisation(row.about, names.organisations)


def line(row: Row, names: Names, today: date) -> Line:
    """A row in words."""
    now, due = status(row), civil_date(row.due_at) if row.due_at else None
    road = (
        words.origin(row.origin, row.track, names.organisations),
        words.destination(row.destination, row.level, names.organisations),
    )
    return Line(
        row.alert_id,
        name(row, names),
        words.age_and_place(row.birth_date, row.municipality, today) if about_pupil(row) else "",
        words.rule(row.rule),
        _(words.SEVERITIES[row.severity]),
        " → ".join(road) if about_pupil(row) else "",
        now,
        _(words.STATUSES[now]),
        _since(row),
        days_left(row, today),
        due,
        names.people.get(row.person_ref or "", words.role(row.role)),
        is_urgent(row, today),
        {"busy": "resolve", "done": ""}.get(now, "acknowledge"),
    )


def _since(row: Row) -> str:
    at = row.resolved_at or row.acknowledged_at or row.raised_at
    return _("since %(day)s", day=in_short(at))


def cells(names: Names) -> dict[str, Callable[[Row], str]]:
    """The columns of the CSV file: head → value."""

    def due(row: Row) -> str:
        return civil_date(row.due_at).isoformat() if row.due_at else ""

    return {
        _("Pupil"): lambda row: name(row, names),
        _("Signal"): lambda row: words.rule(row.rule),
        _("Severity"): lambda row: _(words.SEVERITIES[row.severity]),
        _("Status"): lambda row: _(words.STATUSES[status(row)]),
        _("School"): lambda row: words.origin(row.origin, row.track, names.organisations) if about_pupil(row) else "",
        _("Programme"): lambda row: (
            words.destination(row.destination, row.level, names.organisations) if about_pupil(row) else ""
        ),
        _("For"): lambda row: names.people.get(row.person_ref or "", words.role(row.role)),
        _("Before"): due,
    }
