"""The situations that a pupil can be in between vo and mbo, by the codes that events name them with."""

from enum import StrEnum


class Situation(StrEnum):
    """What decides who should have the pupil. The agreement has a row for each (docs/decisions/0023)."""

    EXPECTED = "expected"
    """No enrolment at an mbo institution; the vo site that expects the pupil is known."""
    ORIGIN_UNKNOWN = "origin_unknown"
    ENROLLED = "enrolled"
    """Before the school year begins: the pupil is still at the vo site."""
    ENROLLED_NOT_STARTED = "enrolled_not_started"
    STARTED = "started"
    HOLIDAYS = "holidays"
    """No enrolment, in a school holiday for which somebody is on duty."""
    LEFT_UNDER_18 = "left_under_18"
    LEFT_18_PLUS = "left_18_plus"
    """Left or never arrived, younger than the dated age limit and without basic qualification."""
    SEVERAL_ENROLMENTS = "several_enrolments"
    """At several institutions, before the day on which it is decided."""
    ONE_OF_SEVERAL = "one_of_several"
    """At several institutions, from the day on which it is decided."""
    QUALIFIED = "qualified"
    ABOVE_AGE_LIMIT = "above_age_limit"
    NOT_RESIDENT = "not_resident"
    """The last three: left or never arrived, and no law asks anybody to look after the pupil. It ends there."""
    OTHER_ROUTE = "other_route"
    DECEASED = "deceased"
    """The last two: the vo school told so; what ends a transition there is its standing."""
    RETURNED = "returned"
    """Whom the pupil was given to gave the pupil back."""


OVER = frozenset({Situation.QUALIFIED, Situation.ABOVE_AGE_LIMIT, Situation.NOT_RESIDENT})
"""Nobody has the pupil: the transition is closed with this as its evidence."""
HELD = (
    Situation.EXPECTED,
    Situation.ORIGIN_UNKNOWN,
    Situation.ENROLLED,
    Situation.ENROLLED_NOT_STARTED,
    Situation.STARTED,
    Situation.HOLIDAYS,
    Situation.LEFT_UNDER_18,
    Situation.LEFT_18_PLUS,
    Situation.SEVERAL_ENROLMENTS,
    Situation.ONE_OF_SEVERAL,
)
"""Somebody has the pupil: the rows of the agreement."""
