"""What must be done by when, how that is counted, and what happens when it is not done: in sentences."""

from collections.abc import Iterator, Sequence

from services.coordination.domain.actions import SETTLED
from services.coordination.domain.rules.rule import SEVERITIES as GRADES
from services.coordination.domain.world.agreed import Agreement, PositionAction
from services.coordination.pages.agreements import words
from services.coordination.pages.agreements.signals import asked
from services.coordination.pages.words import POSITIONS, SEVERITIES
from shared.web.texts import gettext as _
from shared.web.words import action

Told = Iterator[tuple[str, Sequence[str]]]


def tasks(agreed: Agreement) -> Told:
    """What a transition asks for by how far the pupil has come."""
    for position, task in agreed.actions.items():
        yield _(POSITIONS[position][0]), list(_task(task))
    yield _("An intake that was missed"), [asked(agreed.intake_missed)]


def _task(task: PositionAction) -> Iterator[str]:
    due = _("100 days after the start") if task.due == SETTLED else words.each_day(task.due)
    told = {"who": words.party(task.owner), "day": due, "action": action(task.kind)}
    yield words.sentence(_("%(who)s, by %(day)s at the latest: %(action)s.", **told))
    if task.opens:
        yield _("Nobody needs to begin before %(day)s.", day=words.each_day(task.opens))
    yield _("When it is late it counts as: %(severity)s.", severity=_(SEVERITIES[GRADES[task.severity]][0]).lower())


def counted(agreed: Agreement) -> Told:
    """How every deadline is counted."""
    terms, days = agreed.deadlines, words.school_days
    hours = {"rules": agreed.rule_hour, "due": agreed.due_hour}
    yield (
        _("Time of the day"),
        [_("Signals are looked at from %(rules)s.00; a task may be done until %(due)s.00.", **hours)],
    )
    before = _("A deadline in a school holiday, or behind one, moves to the last school day before it.")
    after = _("A deadline in a school holiday moves to the first school day after it.")
    yield _("Around a holiday"), [before if terms.before_holiday else after]
    at_once = _("When the deadline has passed, the next person hears it at once.")
    later = _("The next person hears it %(days)s after the deadline.", days=days(terms.grace_school_days))
    yield _("Some leeway"), [later if terms.grace_school_days else at_once]
    least = _(
        "Who gets a task near its deadline, or after it, still has %(days)s.", days=days(agreed.least_school_days)
    )
    yield _("A task that comes late"), [least]
    until = _(
        "Of single pupils until %(day)s, or until the start when that is later. After that of groups only.",
        day=words.each_day(agreed.feedback_until),
    )
    yield _("What a school hears of its former pupils"), [until]


def ladder(agreed: Agreement) -> Told:
    """Who gets what was not done in time."""
    terms = agreed.escalation
    yield _("Who gets it then"), [*_rungs(agreed)]
    kinds = terms.coordinators.items()
    yield (
        _("Who coordinates"),
        [_("%(where)s: %(who)s.", where=_(words.KINDS[kind]), who=words.party(role)) for kind, role in kinds],
    )


def _rungs(agreed: Agreement) -> Iterator[str]:
    for n, rung in enumerate(agreed.escalation.ladder):
        who, days = _(words.RUNGS[rung.to]), words.school_days(rung.after_school_days)
        if not rung.after_school_days:
            yield words.sentence(_("at once %(who)s.", who=who) if n == 0 else _("then at once %(who)s.", who=who))
        elif n == 0:
            yield _("%(days)s after the deadline %(who)s.", days=days, who=who)
        else:
            yield _("%(days)s after that %(who)s.", days=days, who=who)
    again = words.school_days(agreed.escalation.again_after_school_days)
    yield _("There it stays, and comes back every %(days)s until it is done.", days=again)
