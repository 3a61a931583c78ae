"""Who is responsible for a pupil in each situation, in sentences."""

from collections.abc import Iterator, Sequence

from services.coordination.domain.world.agreed import Agreement, Row
from services.coordination.pages.agreements.words import WHOSE, each_day, party, school_days, sentence
from shared.schemas.vocabulary import codes
from shared.web.texts import gettext as _

NOBODY_CHOSEN = ("duty", "holder")
"""Whoever it is, it is in the role that they have already."""


def told(agreed: Agreement) -> Iterator[tuple[str, Sequence[str]]]:
    """Every situation, and the days that decide which of them it is."""
    terms = agreed.custody
    for situation, row in terms.situations.items():
        yield codes.SITUATIONS.codes[situation], list(_row(row))
    yield (
        _("Days that decide"),
        [
            _("From %(day)s an institution has who is enrolled there.", day=each_day(terms.enrolled_from)),
            _("On %(day)s it is decided who never arrived.", day=each_day(terms.decided_from)),
        ],
    )
    yield (
        _("Days to answer"),
        [
            _("A change by law that nobody saw coming: %(days)s ahead.", days=school_days(terms.notice_school_days)),
            _("Who is asked in a holiday has %(n)s days to answer.", n=terms.holiday_answer_days),
            _("To confirm a change by law: %(days)s.", days=school_days(terms.confirm_school_days)),
            _("To settle what was given back: %(days)s.", days=school_days(terms.settle_school_days)),
        ],
    )


def _row(row: Row) -> Iterator[str]:
    where = _(WHOSE[row.organisation])
    chosen = row.organisation not in NOBODY_CHOSEN
    yield _("%(where)s: %(who)s.", where=where, who=party(row.role)) if chosen else f"{where}."
    if row.deputy:
        yield sentence(_("%(who)s stands in.", who=party(row.deputy)))
    if row.organisation == "holder":
        return
    ahead, answer = school_days(row.ahead_school_days), school_days(row.answer_school_days)
    if row.basis == "statutory":
        yield _("The law decides. It is told %(ahead)s ahead.", ahead=ahead)
    elif row.asked:
        yield _("It is asked %(ahead)s ahead, and has %(answer)s to answer.", ahead=ahead, answer=answer)
    else:
        yield _("Nobody is asked: it told itself that it has the pupil.")
