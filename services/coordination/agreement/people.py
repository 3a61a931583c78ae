"""What must be right about who does something: roles that somebody can have there, and organisations that exist."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from services.coordination.agreement.text import Found, not_one_of
from services.coordination.domain.world.agreed import MOMENTS, Agreement, Row, Whose
from services.coordination.domain.world.roster import ROLES_OF
from services.coordination.domain.world.situations import HELD, Situation
from shared.core.errors import marked

OFFICER = "officer"
"""Leerplicht under 18, Doorstroompunt from 18: nobody has it as a role, and no list names it."""
EVERY_ROLE = tuple(dict.fromkeys((*chain.from_iterable(ROLES_OF.values()), OFFICER)))
ROLES_AT: Mapping[Whose, tuple[str, ...]] = {
    "vo_site": ROLES_OF["vo"],
    "first_institution": ROLES_OF["mbo"],
    "institution": ROLES_OF["mbo"],
    "municipality": ROLES_OF["municipality"],
    "region": ROLES_OF["region"],
}
"""Whose pupil it is → roles there; whoever is on duty or has the pupil already has a role."""
STATUTORY: Mapping[Situation, tuple[Whose, str]] = {
    Situation.LEFT_UNDER_18: ("municipality", "leerplicht"),
    Situation.LEFT_18_PLUS: ("region", "doorstroompunt"),
}
AT_AN_INSTITUTION: tuple[Whose, ...] = ("institution", "holder")
KNOWN_IN: Mapping[Situation, tuple[Whose, ...]] = {
    Situation.EXPECTED: ("vo_site",),
    Situation.ORIGIN_UNKNOWN: ("first_institution",),
    Situation.ENROLLED: ("vo_site", *AT_AN_INSTITUTION),
    Situation.ENROLLED_NOT_STARTED: AT_AN_INSTITUTION,
    Situation.STARTED: AT_AN_INSTITUTION,
    Situation.HOLIDAYS: ("duty", "vo_site", "holder"),
    Situation.SEVERAL_ENROLMENTS: AT_AN_INSTITUTION,
    Situation.ONE_OF_SEVERAL: AT_AN_INSTITUTION,
}
"""Situation in which no law decides → organisations that are known of every pupil in it."""


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong with who does something."""
    yield from _of_moments(agreement)
    yield from _of_situations(agreement)
    yield from _of_coordinators(agreement)
    yield from _of_vacancies(agreement)
    for kind in agreement.silence.allowed_school_days.keys() - ROLES_OF.keys():
        yield not_one_of(("silence", "allowed_school_days", kind), ROLES_OF, named=True)


def _of_moments(agreement: Agreement) -> Iterator[Found]:
    for name in MOMENTS:
        if name not in agreement.moments:
            missing = marked("who monitors, guides and hands over at '%(moment)s'", moment=name)
            yield Found(("moments",), missing, "missing")
    for name, moment in agreement.moments.items():
        if name not in MOMENTS:
            yield not_one_of(("moments", name), MOMENTS, named=True)
        roles = {"monitors": moment.monitors, "guides": moment.guides, "hands_over": moment.hands_over}
        yield from (
            not_one_of(("moments", name, what), EVERY_ROLE) for what, role in roles.items() if role not in EVERY_ROLE
        )


def _of_situations(agreement: Agreement) -> Iterator[Found]:
    where = ("custody", "situations")
    for situation in HELD:
        if situation not in agreement.custody.situations:
            missing = marked("who should have a pupil in the situation '%(situation)s'", situation=situation.value)
            yield Found(where, missing, "missing")
    for situation, row in agreement.custody.situations.items():
        place = (*where, situation.value)
        if situation not in HELD:
            yield not_one_of(place, (one.value for one in HELD), named=True)
        elif situation in STATUTORY:
            yield from _by_law(place, row, STATUTORY[situation])
        else:
            yield from _agreed(place, row, KNOWN_IN[situation])


def _by_law(place: tuple[object, ...], row: Row, by_law: tuple[Whose, str]) -> Iterator[Found]:
    if (row.organisation, row.role, row.basis, row.asked) != (*by_law, "statutory", True):
        told = {"role": by_law[1], "organisation": by_law[0]}
        law = marked("%(role)s of the %(organisation)s of residence, statutory: the law decides", **told)
        yield Found(place, law, "statutory")
    yield from _roles(place, row)


def _agreed(place: tuple[object, ...], row: Row, known: tuple[Whose, ...]) -> Iterator[Found]:
    if row.basis == "statutory":
        yield Found((*place, "basis"), marked("agreed: no law decides here"), "agreed")
    if row.organisation not in known:
        yield not_one_of((*place, "organisation"), known)
    yield from _roles(place, row)


def _roles(place: tuple[object, ...], row: Row) -> Iterator[Found]:
    there = ROLES_AT.get(row.organisation)
    if there is None:
        named = {"role": row.role if row.role != OFFICER else None, "deputy": row.deputy}
        no_role = marked("nothing: whoever it is has a role already")
        yield from (Found((*place, what), no_role, "role") for what, role in named.items() if role)
        return
    yield from (
        not_one_of((*place, what), there)
        for what, role in (("role", row.role), ("deputy", row.deputy))
        if role is not None and role not in there
    )


def _of_coordinators(agreement: Agreement) -> Iterator[Found]:
    coordinators = {kind: (role,) for kind, role in agreement.escalation.coordinators.items()}
    yield from _at_kinds(("escalation", "coordinators"), coordinators, single=True)


def _of_vacancies(agreement: Agreement) -> Iterator[Found]:
    yield from _at_kinds(("vacancies", "roles"), agreement.vacancies.roles, single=False)


def _at_kinds(where: tuple[str, str], named: Mapping[str, Iterable[str]], single: bool) -> Iterator[Found]:
    """Kinds of organisation, with roles that somebody has at that kind."""
    for kind, roles in named.items():
        if kind not in ROLES_OF:
            yield not_one_of((*where, kind), ROLES_OF, named=True)
            continue
        for n, role in enumerate(roles):
            if role not in ROLES_OF[kind]:
                yield not_one_of((*where, kind) if single else (*where, kind, n), ROLES_OF[kind])
