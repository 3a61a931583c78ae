"""Concerns: who raises one for whom, and who may say that it ended, as a table of role and state."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.dossier.domain.concerns import (
    AT_INSTITUTION,
    AT_SCHOOL,
    CONCERN,
    OFFICERS,
    PEOPLE,
    Circumstances,
    Concern,
    addressed,
    concern_state,
    raised,
    relation,
    resolved,
)
from shared.core.actor import Role
from shared.core.errors import Forbidden, IllegalMove, Invalid
from shared.schemas.dossiers import ConcernRaised, ConcernResolved

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
SITE, MBO, OTHER_MBO = "99XA00", "99XM", "99XN"
VO = Concern("c", "a" * 26, 2027, SITE, SITE, "mentor", "p", NOW, "contact_lost", ("decaan", "intake_coordinator"), MBO)
OF_MBO = replace(VO, organisation=MBO, raised_by="slber", route=("intake_coordinator",))
ABOUT = Circumstances("vo", known_there=True, school_follows=True, officers_hear=True)


def faults(wanted: Concern, about: Circumstances) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        raised(wanted, [], about)
    return [(fault.where, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize("role", [role.value for role in Role])
@pytest.mark.parametrize("side", ["vo", "mbo"])
def test_only_people_of_the_own_side_raise_a_concern(side: str, role: str) -> None:
    about = replace(ABOUT, side=side)  # type: ignore[arg-type]
    wanted = replace(VO if side == "vo" else OF_MBO, raised_by=role)
    if role in (AT_SCHOOL if side == "vo" else AT_INSTITUTION):
        assert raised(wanted, [], about).status == "open"
    else:
        with pytest.raises(Forbidden):
            raised(wanted, [], about)


def test_everything_wrong_with_a_concern_is_told_at_once() -> None:
    nowhere = replace(ABOUT, known_there=False, officers_hear=False)
    assert faults(replace(VO, route=(*VO.route, "leerplicht")), nowhere) == [
        ("/route", "too_early"),
        ("/mbo_institution", "not_known_there"),
    ]
    assert faults(replace(VO, mbo_institution=None), nowhere) == [("/mbo_institution", "missing")]
    assert faults(replace(VO, route=()), ABOUT) == [("/route", "missing")]
    assert faults(replace(VO, route=("parent",)), ABOUT) == [("/route", "invalid")]


def test_a_school_that_no_longer_follows_its_pupil_is_not_told() -> None:
    late = replace(ABOUT, side="mbo", school_follows=False)
    assert faults(replace(OF_MBO, route=("decaan",)), late) == [("/route", "school_out_of_sight")]
    assert raised(OF_MBO, [], late).route == ("intake_coordinator",)


def test_an_institution_is_kept_only_where_somebody_of_it_is_meant_or_asks_itself() -> None:
    assert raised(replace(VO, route=("decaan", "decaan")), [], ABOUT).mbo_institution is None
    assert raised(replace(VO, route=("decaan", "decaan")), [], ABOUT).route == ("decaan",)
    asking = replace(ABOUT, side="mbo")
    assert raised(replace(OF_MBO, route=("decaan",)), [], asking).mbo_institution == MBO
    assert raised(VO, [], ABOUT).mbo_institution == MBO


def test_the_same_concern_is_raised_once_while_it_is_open() -> None:
    with pytest.raises(IllegalMove) as refused:
        raised(VO, [VO], ABOUT)
    assert (refused.value.state, refused.value.open_moves) == ("open", ("resolve",))
    ended = resolved(VO, "talked", (SITE, "mentor"), NOW)
    for other in (ended, replace(VO, reason="progress"), replace(VO, organisation=MBO)):
        assert raised(VO, [other], ABOUT).status == "open"


# Organisation → how somebody of it stands to the concern of the school, and to that of the institution.
STANDS = {SITE: ("raiser", None), MBO: ("addressed", "raiser"), OTHER_MBO: (None, None), "0344": (None, None)}


@pytest.mark.parametrize("state", CONCERN.states)
@pytest.mark.parametrize("organisation", STANDS)
@pytest.mark.parametrize("role", [role.value for role in Role])
def test_who_may_end_a_concern_by_role_and_state(role: str, organisation: str, state: str) -> None:
    for concern, stands in zip((VO, OF_MBO), STANDS[organisation], strict=True):
        wanted = stands if role in PEOPLE else None
        assert relation(concern, organisation, role) == wanted
        now = replace(concern, status=state)  # type: ignore[arg-type]
        if wanted is None:
            with pytest.raises(Forbidden):
                resolved(now, "talked", (organisation, role), NOW)
        elif state == "resolved":
            with pytest.raises(IllegalMove):
                resolved(now, "talked", (organisation, role), NOW)
        else:
            ended = resolved(now, "talked", (organisation, role), NOW)
            assert (ended.status, ended.resolution, ended.resolved_at, ended.version) == ("resolved", "talked", NOW, 2)
            assert ended.changed_by == organisation


def test_only_who_is_on_the_route_is_addressed() -> None:
    assert addressed(VO) == {SITE, MBO}
    assert addressed(replace(VO, route=OFFICERS)) == set()
    assert addressed(OF_MBO) == {MBO}
    assert addressed(replace(OF_MBO, vo_site=None, route=("mentor",))) == set()


def test_a_concern_is_told_whole_with_who_raised_it_and_for_whom() -> None:
    event = concern_state(replace(VO, note_ref="note-1"), NOW)
    assert isinstance(event, ConcernRaised)
    assert (event.organisation, event.raised_by, event.mbo_institution) == (SITE, "mentor", MBO)
    assert (event.route, event.reason, event.note_ref, event.concern_id) == (VO.route, "contact_lost", "note-1", "c")
    assert isinstance(concern_state(resolved(VO, "talked", (MBO, "intaker"), NOW), NOW), ConcernResolved)
