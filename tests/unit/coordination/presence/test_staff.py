"""Who is present in a role on a day, and who stands in."""

from dataclasses import replace
from datetime import date

from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation, Post
from shared.schemas.organisations import Absence
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, MUNICIPALITY, REGION, SITE

DAY = date(2027, 3, 1)
AUGUST = date(2026, 8, 1)


def away(since: str, until: str | None = None) -> tuple[Absence, ...]:
    return (Absence(since=date.fromisoformat(since), until=date.fromisoformat(until) if until else None),)


def staffed(code: str, *posts: Post, world: World = made.WORLD) -> World:
    """The world in which an organisation has these people and no others."""
    listed = {**world.directory, code: replace(world.directory[code], posts=posts)}
    return replace(world, directory=listed)


def decaan(name: str = "ada", deputy: str | None = None, **fields) -> Post:
    return Post("decaan", name, deputy, fields.pop("valid_from", AUGUST), **fields)


def contact(world: World, on: date = DAY, role: str = "decaan", code: str = SITE) -> str | None:
    return world.of_role(code, role, on).contact


def test_who_is_away_is_skipped_for_the_deputy_until_the_first_day_back():
    world = staffed(SITE, decaan(deputy="bo", away=away("2027-03-01", "2027-03-08")))
    days = [date(2027, 2, 28), date(2027, 3, 1), date(2027, 3, 7), date(2027, 3, 8)]
    assert [contact(world, day) for day in days] == ["ada", "bo", "bo", "ada"]
    assert contact(staffed(SITE, decaan(deputy="bo", away=away("2027-03-01"))), date(2028, 1, 1)) == "bo"


def test_who_has_left_or_lost_the_role_is_skipped_for_who_took_it_on_else_for_the_deputy():
    gone = decaan(deputy="bo", valid_until=DAY)
    assert contact(staffed(SITE, gone), date(2027, 2, 28)) == "ada"
    assert contact(staffed(SITE, gone)) == "bo"
    assert contact(staffed(SITE, gone, decaan("cas", valid_from=date(2026, 9, 1)))) == "cas"


def test_the_newest_in_a_role_has_it_and_the_one_before_stands_behind_the_deputy():
    newest = decaan("cas", "dee", valid_from=date(2027, 1, 1))
    assert contact(staffed(SITE, decaan(), newest)) == "cas"
    later = replace(newest, away=away("2027-03-01"))
    assert contact(staffed(SITE, decaan(), later)) == "dee"
    dee_too = Post("mentor", "dee", None, AUGUST, away=away("2027-03-01"))
    assert contact(staffed(SITE, decaan(), later, dee_too)) == "ada"


def test_a_deputy_who_is_away_too_or_has_left_stands_in_for_nobody():
    for bo in (
        Post("mentor", "bo", None, AUGUST, away=away("2027-02-01")),
        Post("mentor", "bo", None, AUGUST, date(2027, 2, 1)),
    ):
        assert contact(staffed(SITE, decaan(deputy="bo", away=away("2027-03-01")), bo)) is None


def test_a_mentor_is_followed_by_the_deputy_that_the_school_named_and_then_by_the_decaan():
    expected = made.expected().data
    mentor = Post("mentor", "mentor-1", None, AUGUST, away=away("2027-03-01"))
    second = Post("mentor", "mentor-2", None, AUGUST, away=away("2027-03-01"))
    for posts, found in (
        ((decaan(),), ("mentor", "mentor-1", "mentor-2")),
        ((decaan(), mentor), ("mentor", "mentor-2", "ada")),
        ((decaan(), mentor, second), ("mentor", "ada", None)),
        ((mentor, second), ("mentor", None, None)),
    ):
        who = staffed(SITE, *posts).mentor(expected, DAY)
        assert (who.role, who.contact, who.deputy) == found


def test_with_nobody_in_the_role_the_coordinator_of_the_organisation_acts_then_that_of_the_region():
    slber = made.WORLD.of_role(MBO, "slber", DAY)
    reached = made.WORLD.reachable(slber, None, DAY)
    assert (reached.organisation, reached.role, reached.contact) == (MBO, "intake_coordinator", "intake_coordinator-1")
    away_too = staffed(MBO, Post("intake_coordinator", "noor", None, AUGUST, away=away("2027-03-01")))
    reached = away_too.reachable(slber, None, DAY)
    assert (reached.organisation, reached.contact) == (REGION, "region_coordinator-1")
    nobody = staffed(REGION, world=away_too).reachable(slber, None, DAY)
    assert (nobody.organisation, nobody.role, nobody.contact) == (REGION, "region_coordinator", None)


def test_a_custodian_keeps_organisation_and_role_when_somebody_stands_in():
    holder = made.WORLD.of_role(MUNICIPALITY, "leerplicht", DAY)
    assert made.WORLD.stand_in(holder, DAY) == holder
    sick = staffed(MUNICIPALITY, Post("leerplicht", "leerplicht-1", "leerplicht-2", AUGUST, away=away("2027-03-01")))
    assert sick.stand_in(holder, DAY) == holder.model_copy(update={"contact": "leerplicht-2", "deputy": None})
    empty = staffed(MUNICIPALITY, Post("leerplicht", "leerplicht-1", None, AUGUST, away=away("2027-03-01")))
    alone = holder.model_copy(update={"deputy": None})
    assert empty.stand_in(alone, DAY) == alone.model_copy(update={"contact": None})


def test_a_message_of_an_earlier_day_gives_nothing_back_to_who_is_away_now():
    world = replace(staffed(SITE, decaan(deputy="bo", away=away("2027-03-01"))), present_on=DAY)
    assert contact(world, date(2027, 2, 20)) == "bo"


def test_an_organisation_without_any_contact_has_nobody():
    assert Organisation(SITE, "vo", REGION).line("decaan", DAY) == ()
    assert Organisation(SITE, "vo", REGION).present("somebody", "mentor", DAY), "the school itself named them"
