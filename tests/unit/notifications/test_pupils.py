"""Who a pupil is: links in any order, erasure that lasts, and the profile that the pages show."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain.profile import profile
from shared.schemas.dossiers import ChoiceWithdrawn
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged
from shared.schemas.pupils import PupilErased
from tests.unit.notifications import made
from tests.unit.notifications.made import ANNA, BRAM, MBO, NOW, SITE, Stream
from tests.unit.notifications.test_alerts import all_alerts, play


@given(st.data())
def test_linked_references_share_alerts_and_profile_whatever_comes_first(data: st.DataObject) -> None:
    anna, bram = Stream(ANNA), Stream(BRAM)
    link = made.linked(absorbed=BRAM, survivor=ANNA)
    events = [
        anna("dossier", link),
        bram("dossier", link),
        anna("dossier", made.recorded("Anna"), NOW + timedelta(hours=2)),
        bram("dossier", made.recorded("Bram"), NOW + timedelta(hours=1)),
        bram("dossier", made.expected()),
        bram("coordination", made.at_risk(risk_id="risk-b")),
        anna("coordination", made.at_risk(risk_id="risk-a")),
    ]
    world = play(*data.draw(st.permutations(events)))
    shown = profile(ANNA, world.of_pupil(BRAM))
    assert (shown.first_name, shown.origin) == ("Anna", SITE)
    assert {(a.pupil_ref, a.reason.cause) for a in all_alerts(world) if a.is_open} == {
        (ANNA, "risk-a"),
        (ANNA, "risk-b"),
    }


@given(st.data())
def test_an_erased_child_stays_erased_under_every_reference(data: st.DataObject) -> None:
    anna, bram = Stream(ANNA), Stream(BRAM)
    link = made.linked(absorbed=BRAM, survivor=ANNA)
    events = [
        anna("dossier", made.recorded("Anna")),
        anna("dossier", link),
        bram("dossier", link),
        bram("coordination", made.at_risk()),
        bram("dossier", PupilErased(occurred_at=NOW)),
    ]
    world = play(*data.draw(st.permutations(events)))
    assert all_alerts(world) == []
    assert not world.changes
    assert [one for mine in world.told.values() for one in mine.values()] == []
    assert world.erased == {ANNA, BRAM}


def test_the_profile_goes_to_the_application_that_came_furthest_else_the_first_choice() -> None:
    say = Stream()
    first, second = made.choice(1), made.choice(2, "99XN", "25605")
    world = play(say("dossier", second), say("dossier", first))
    assert profile(ANNA, world.of_pupil(ANNA)).destination == MBO
    applied = ApplicationStatusChanged(
        occurred_at=NOW,
        application_id="application-1",
        cohort=made.COHORT,
        mbo_institution="99XN",
        programme="25605",
        pathway="bol",
        status=ApplicationStatus.OFFERED,
        status_at=NOW,
        channel="api",
    )
    world = play(*[say("dossier", second), say("dossier", first), say("intake", applied)])
    shown = profile(ANNA, world.of_pupil(ANNA))
    assert (shown.destination, shown.level) == ("99XN", 2)
    gone = ChoiceWithdrawn(**first.model_dump())
    world = play(say("dossier", first), say("dossier", gone))
    assert profile(ANNA, world.of_pupil(ANNA)).destination is None


def test_the_school_knows_best_who_a_pupil_is_and_guardians_are_not_kept() -> None:
    say = Stream()
    guarded = made.recorded("Anna").model_copy(update={"guardians": ({"name": "Ouder", "email": None},)})
    world = play(say("intake", made.recorded("Anne"), NOW + timedelta(days=1)), say("dossier", guarded))
    assert profile(ANNA, world.of_pupil(ANNA)).first_name == "Anna"
    assert all(getattr(one.data, "guardians", ()) == () for one in world.of_pupil(ANNA))
