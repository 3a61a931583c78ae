"""What every rule has in common: it judges nobody, and what it says has words on every page and in every mail."""

import ast
import inspect

import pytest

from services.coordination.domain.actions import FULFILLED
from services.coordination.domain.rules import RULES, applications, dossiers, enrolments, handovers, people
from services.coordination.domain.rules.signal import REASONS
from services.coordination.pages import words
from services.coordination.pages.timeline.sentences import IN_WORDS
from services.notifications.pages import words as heard
from shared.schemas.coordination import Evidence
from shared.web import words as shared_words
from tests.unit.coordination import made
from tests.unit.coordination.made import WORLD

MODULES = (applications, dossiers, enrolments, handovers, people)


def test_no_rule_reads_who_somebody_is():
    """Rules look at process facts; age and residence decide only who hears a signal."""
    told_of = {
        node.attr for module in MODULES for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Attribute)
    }  # fmt: skip
    assert told_of.isdisjoint({"person", "birth_date", "age", "municipality", "guardians", "first_name", "last_name"})


def given_as_evidence():
    calls = (
        node for module in MODULES for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Evidence"
    )  # fmt: skip
    named = {kw.value.value for call in calls for kw in call.keywords if isinstance(kw.value, ast.Constant)}
    parts = {f"part-{part}-open" for part in ("pupil", "mentor", "care", "plus")}
    closed = {"enrolment-ended", "application-withdrawn", "application-rejected"}
    return sorted((named | parts | closed | {"exam-passed", "exam-failed"}) - {"0"})


@pytest.mark.parametrize("fact", given_as_evidence())
def test_every_fact_has_its_words_on_the_page_and_in_the_mail(fact):
    assert (fact in words.FACTS) != (fact in words.KEYS)
    value = "2027-04-01" if fact.endswith("-date") else "2"
    shown = heard.evidence((Evidence(fact=fact, value=value, at=made.NOVEMBER),), {})
    assert not shown or not shown[0].startswith(fact)


def test_every_rule_and_every_action_has_its_words():
    agreed = WORLD.agreement
    kinds = {terms.action.kind for terms in agreed.rules.values() if terms.action}
    assert set(RULES) == set(agreed.rules)
    assert set(RULES) <= set(shared_words.RULES)
    assert kinds <= set(shared_words.ACTIONS)
    assert kinds <= set(shared_words.NOT_DONE)


def test_why_a_signal_passed_is_told_in_words():
    for code in (FULFILLED, *REASONS, "arrived", "other_route", "out_of_scope", "linked"):
        assert IN_WORDS["cleared"](code) != code
