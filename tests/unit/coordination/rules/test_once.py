"""A signal that stands is told once: who hears it hears nothing again until something about it changes."""

from datetime import date

import pytest

from services.coordination.domain.rules.engine import AT_ONCE
from tests.unit.coordination import made
from tests.unit.coordination.made import case, day, told
from tests.unit.coordination.rules.year import absence, begun, choice, concern, dossier, ended, exam, switch, unlisted

STANDS = {
    "last-path-lost": lambda: told([made.expected(), made.recorded(), made.applied(status="rejected")]),
    "exam-changed-the-plan": lambda: told([made.expected(), choice(4), exam("passed", "vmbo-bb")]),
    "early-exit": lambda: begun(ended(date(2027, 10, 1), day(10, 4))),
    "switch-considered": lambda: begun(switch()),
    "absence-threshold": lambda: begun(absence()),
    "concern": lambda: told([made.expected(), made.recorded(), concern()]),
    "not-listed": lambda: told([made.expected(), unlisted()]),
}
"""What is known of a pupil when each rule that tells at once has spoken."""
IN_NOVEMBER = day(11, 3)
"""After all of it, and not so long that anything is settled."""


def test_every_rule_that_tells_at_once_is_here():
    assert set(STANDS) == set(AT_ONCE)


@pytest.mark.parametrize("rule", STANDS)
def test_a_signal_is_not_told_again_when_something_else_becomes_known_of_the_pupil(rule):
    book = STANDS[rule]()
    made.run_until(book, IN_NOVEMBER)
    told([dossier(complete=True, at=IN_NOVEMBER, sequence=200)], book)
    assert any(risk.open for risk in case(book).risks.values() if risk.rule == rule)
    of_rule = [d.data.TYPE for d in book.drafts if getattr(d.data, "rule", None) == rule and hasattr(d.data, "risk_id")]
    assert of_rule.count("student-at-risk") == 1
    assert of_rule.count("student-at-risk-cleared") == 0
