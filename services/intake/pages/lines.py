"""A row of the work list in words: what it is about, what happened last, before when, and what is done about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import urlencode

from services.intake.domain.access import FOLLOWERS
from services.intake.domain.work import Task, deadline, task_of
from services.intake.store.work import Row
from shared.core.actor import Role
from shared.core.clock import civil_date
from shared.core.reference import load
from shared.core.reference.calendar import calendar_at
from shared.schemas.intakes import ApplicationStatus
from shared.web.texts import gettext as _
from shared.web.texts import in_short, in_words, marked, moment, ngettext
from shared.web.words import APPLICATIONS, OUTCOMES, programme

URGENT_DAYS = 1
"""School days left from which a row is urgent."""
TASKS: dict[Task, tuple[str, str]] = {
    Task.OUTCOME: (
        marked("Intake held: record the outcome"),
        marked("The time of the intake has passed. Record what came out, or that it did not take place."),
    ),
    Task.MISSED: (
        marked("Intake missed: invite again"),
        marked("A missed intake is not the end. Invite the pupil again."),
    ),
    Task.TODAY: (marked("Intake today"), marked("Planned for today.")),
    Task.UNANSWERED: (
        marked("Invited, no answer"),
        marked("The day to answer by has passed. Call the pupil or the mentor."),
    ),
    Task.INVITE: (
        marked("New: not invited yet"),
        marked("Nobody has done anything for these applications. The oldest first."),
    ),
    Task.SOON: (marked("Intake in the coming week"), marked("Planned within seven days.")),
    Task.UNDECIDED: (
        marked("Placed for the time being, or to be investigated"),
        marked("Decide: place for good, or give other advice."),
    ),
    Task.NOT_STARTED: (
        marked("Not started: call"),
        marked("These students did not come to the first lessons. Call them and their parents."),
    ),
    Task.START: (
        marked("Enrolled: confirm the start"),
        marked("The school year has begun. Record who is there and who is not."),
    ),
    Task.SWITCH: (marked("Switch considered"), marked("These students think of another programme.")),
    Task.ABSENCE: (marked("Absence reported"), marked("The report is open. Talk to the student.")),
    Task.FOLLOW_UP: (
        marked("Agreed in the warm handover"),
        marked("Your institution promised to do something. The first date stands beside it."),
    ),
    Task.WARM: (
        marked("Warm handover asked for"),
        marked("The school or your institution wants to talk about this pupil."),
    ),
    Task.DOSSIER: (
        marked("Dossier offered, not opened yet"),
        marked("A school handed over a dossier. Nobody here has looked at it."),
    ),
    Task.EXPECTED: (
        marked("Expected: chose us, no application yet"),
        marked("The school registered a choice for your institution. There is no application yet."),
    ),
    Task.WAITING: (marked("Waiting for somebody else"), marked("You need not do anything now.")),
    Task.STARTED: (marked("Started"), marked("These students are there.")),
    Task.ENDED: (marked("Ended recently"), marked("In the last 30 days.")),
    Task.DONE: (marked("Finished"), marked("Nothing has to be done any more.")),
}
"""Group of the work list → its heading and what it is."""
ENROLMENTS = {
    "started": (marked("Started"), "done"),
    "not_started": (marked("Not started"), "escalated"),
    "ended": (marked("Enrolment ended"), "neutral"),
}
DOSSIERS = {
    "offered": marked("Dossier not opened"),
    "opened": marked("Dossier opened"),
    "accepted": marked("Dossier taken over"),
    "none": marked("No dossier"),
}
FORMS = {"on_site": marked("on site"), "online": marked("online"), "phone": marked("by phone")}


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands on the page."""

    id: str
    name: str
    born: date | None
    href: str
    """Where everything about it stands; empty: nowhere yet."""
    programme: str
    pathway: str
    school: str
    tags: tuple[tuple[str, str], ...]
    """Words and kind of each; the status first."""
    last: str
    days: int | None
    """School days until `due`; negative when it has passed."""
    due: date | None
    urgent: bool
    action: str
    action_href: str


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes rows in words for one person at one moment."""

    role: Role
    now: datetime
    may_write: bool
    back: str
    """Query of the list, so that the next of a group can be found from a page that a row leads to."""
    tasks: dict[str, Task] = field(default_factory=dict)
    """Group of each row, decided once: a list asks for it again and again."""

    def task(self, row: Row) -> Task:
        """The group of a row."""
        found = self.tasks.get(row.id)
        if found is None:
            found = self.tasks[row.id] = task_of(row.work, self.role, self.now)
        return found

    def due(self, row: Row) -> date | None:
        """The first day before which something must be done: by what it is, or as the region agreed on."""
        days = [day for day in (deadline(row.work, self.task(row)), row.due) if day]
        return min(days, default=None)

    def line(self, row: Row) -> Line:
        """A row in words."""
        task, due = self.task(row), self.due(row)
        days = school_days(civil_date(self.now), due, row.municipality) if due else None
        href = self._href(row, task)
        action, place = self._action(row, task, href)
        return Line(
            row.id,
            row.name or _("Name not known yet"),
            row.birth_date,
            href,
            programme(row.programme) if row.programme else _("Not known yet"),
            row.pathway or "",
            row.school_name or row.school or _("school unknown"),
            tuple(self._tags(row, task)),
            last(row, task),
            days,
            due,
            days is not None and days <= URGENT_DAYS,
            action,
            place,
        )

    def _href(self, row: Row, task: Task) -> str:
        if row.work.status is None:
            return f"/dossier/handovers/{row.handover_id}" if row.handover_id else ""
        return self._page(row, task)

    def _page(self, row: Row, task: Task, form: str = "") -> str:
        return f"/intake/applications/{row.id}{form}?{urlencode({'group': task.value, 'back': self.back})}"

    def _tags(self, row: Row, task: Task) -> list[tuple[str, str]]:
        tags = [status(row)]
        if row.work.dossier == "offered" and row.work.first and task is not Task.DOSSIER:
            tags.append((_("New dossier"), "new"))
        return tags

    def _action(self, row: Row, task: Task, href: str) -> tuple[str, str]:
        """What the button of a row says and where it goes; "invite" goes with the form around the list."""
        match task:
            case Task.INVITE | Task.MISSED if self.may_write:
                return _("Invite"), ""
            case Task.OUTCOME if self.may_write:
                return _("Record"), f"{href}#outcome"
            case Task.START if self.role in FOLLOWERS:
                return _("Record the start"), self._page(row, task, "/start")
            case Task.DOSSIER:
                return _("Open the dossier"), f"/dossier/handovers/{row.handover_id}"
            case Task.WARM if row.work.talk:
                return _("To the talk"), f"/dossier/talks/{row.work.talk.talk_id}"
            case Task.FOLLOW_UP:
                return _("To the talk"), f"/dossier/talks/{row.agreed_in}"
        return (_("View"), href) if href else ("", "")


def status(row: Row) -> tuple[str, str]:
    """The status of a row and the kind of its tag."""
    work = row.work
    if work.status is None:
        return _("Expected"), "neutral"
    if work.status is ApplicationStatus.ENROLLED and work.enrolment in ENROLMENTS:
        text, kind = ENROLMENTS[work.enrolment]
    else:
        text, kind = APPLICATIONS[work.status]
    return _(text), kind


def last(row: Row, task: Task) -> str:
    """What happened last, in one line."""
    work = row.work
    if task is Task.ABSENCE and work.absent_since:
        return _("Reported on %(day)s", day=in_words(work.absent_since))
    if task is Task.DOSSIER and row.offered_at:
        return _("Offered on %(day)s", day=in_words(row.offered_at))
    if task is Task.WARM and work.talk and work.talk.planned_at:
        return _("Was planned on %(day)s: record whether it was held", day=in_short(work.talk.planned_at))
    known = _of_intake(row) if work.status not in (None, ApplicationStatus.ENROLLED) else ""
    return known or _("since %(day)s", day=in_short(work.status_at))


def _of_intake(row: Row) -> str:
    work = row.work
    if work.intake == "planned" and work.planned_at:
        form = _(FORMS[row.form]) if row.form else ""
        return _("Intake %(moment)s, %(form)s", moment=moment(work.planned_at), form=form)
    if work.intake == "missed":
        return ngettext("Missed %(num)s time", "Missed %(num)s times", row.missed)
    if work.intake == "invited" and work.invited_at:
        return _("Invited on %(day)s", day=in_short(work.invited_at))
    if work.outcome and work.held_on:
        outcome = _(OUTCOMES[work.outcome])
        return _("%(outcome)s on %(day)s", outcome=outcome, day=in_short(work.held_on))
    return ""


def school_days(today: date, day: date, municipality: str | None) -> int:
    """School days after today up to and including this day, where the pupil lives; negative when it has passed."""
    return calendar_at(load(), municipality).school_days_between(today, day)


def cells(writer: Writer) -> dict[str, Callable[[Row], str]]:
    """The columns of the CSV file: head → value. No number of a pupil is among them."""

    def due(row: Row) -> str:
        day = writer.due(row)
        return day.isoformat() if day else ""

    return {
        _("Pupil"): lambda row: row.name,
        _("Application number"): lambda row: row.own_id or "",
        _("Programme"): lambda row: programme(row.programme) if row.programme else "",
        _("Pathway"): lambda row: row.pathway or "",
        _("School"): lambda row: row.school_name or row.school or "",
        _("Status"): lambda row: status(row)[0],
        _("What must be done"): lambda row: _(TASKS[writer.task(row)][0]),
        _("Before"): due,
    }
