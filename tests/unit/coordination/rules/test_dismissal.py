"""A person dismisses a signal: it is silent until it grows more serious, or its reason goes and comes back."""

import pytest

from services.coordination.domain.rules import signal
from shared.core.errors import Forbidden, IllegalMove
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, SITE, case, day, told
from tests.unit.coordination.rules.year import absence, begun


def risk(book, rule):
    return next(r for r in case(book).risks.values() if r.rule == rule)


def dismissed(book, rule, organisation, at):
    after = signal.dismissed(case(book), risk(book, rule).risk_id, "facts-wrong", organisation, at)
    book.put(after, at)


def without_application():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(2, 1))
    return book


def test_a_dismissed_signal_is_silent_until_its_next_stage():
    book = without_application()
    dismissed(book, "no-application", SITE, day(2, 2))
    assert not risk(book, "no-application").open
    told([made.chosen(at=day(2, 3), sequence=9)], book)
    made.run_until(book, day(2, 28))
    assert not risk(book, "no-application").open
    made.run_until(book, day(3, 1))
    assert (risk(book, "no-application").open, risk(book, "no-application").severity) == (True, "warning")


def test_what_was_dismissed_fires_again_when_its_reason_went_and_came_back():
    book = begun(absence())
    at = risk(book, "absence-threshold").route[0].organisation
    dismissed(book, "absence-threshold", at, day(10, 6))
    told([absence("in_progress", at=day(10, 7), sequence=80)], book)
    assert not risk(book, "absence-threshold").open
    told([absence("withdrawn", at=day(10, 8), sequence=81), absence(at=day(10, 9), sequence=82)], book)
    assert risk(book, "absence-threshold").open


def test_only_who_hears_it_first_or_has_its_action_may_dismiss_it():
    with pytest.raises(Forbidden):
        dismissed(without_application(), "no-application", MBO, day(2, 2))


def test_a_signal_that_has_gone_can_not_be_dismissed():
    book = told([made.applied(at=day(2, 2))], without_application())
    with pytest.raises(IllegalMove):
        dismissed(book, "no-application", SITE, day(2, 3))


def test_what_is_told_of_a_dismissed_signal_is_the_reason():
    book = without_application()
    dismissed(book, "no-application", SITE, day(2, 2))
    assert [d.data.cleared_reason for d in book.drafts if d.data.TYPE == "student-at-risk-cleared"] == ["facts-wrong"]
