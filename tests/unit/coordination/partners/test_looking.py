"""What must be done about an organisation: for whom, by when, until what; and since when nothing is heard of it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from services.coordination.domain.partners import looking
from services.coordination.domain.partners.partner import SILENT, VACANT, Part, Partner, Task
from services.coordination.domain.partners.partner import Silence as Silent
from services.coordination.domain.world.agreed import Silence
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation
from shared.schemas.organisations import Absence
from tests.unit.coordination.made import DIRECTORY, MBO, MUNICIPALITY, REGION, SITE, WORLD, day, post

NOW = day(1, 11)
TELLS = Part(True, True, REGION)
INVOLVED = Part(True, False, REGION)


def partner(code: str = SITE, heard: datetime | None = NOW) -> Partner:
    return Partner(code, day(11, 2, year=2026), heard)


def without(*codes: str, world: World = WORLD) -> World:
    """The region in which nobody is listed at these organisations."""
    empty = {code: replace(world.directory[code], posts=()) for code in codes}
    return replace(world, directory={**world.directory, **empty})


def with_people(code: str, *posts) -> World:
    return replace(WORLD, directory={**DIRECTORY, code: Organisation(code, DIRECTORY[code].kind, REGION, posts)})


def only(one: Partner) -> Task:
    (task,) = (task for task in one.tasks.values() if task.open)
    return task


def test_where_everybody_is_present_and_speaks_nothing_is_asked():
    for code in (SITE, MBO, MUNICIPALITY, REGION):
        found = looking.looked(partner(code), TELLS, WORLD, NOW)
        assert not found.tasks
        assert not found.silence


def test_a_role_without_a_present_person_is_a_task_of_the_region_when_nobody_coordinates_there():
    task = only(looking.looked(partner(), INVOLVED, without(SITE), NOW))
    assert (task.kind, task.about, task.owner.contact) == (VACANT, "decaan", "region_coordinator-1")
    assert task.due_at == day(1, 18, 17)
    assert [fact.fact for fact in task.evidence] == ["organisation", "vacant-role"]


def test_its_own_coordinator_finds_somebody_for_another_role():
    agreed = replace(WORLD.agreement, vacancies=replace(WORLD.agreement.vacancies, roles={"vo": ("mentor",)}))
    task = only(looking.looked(partner(), INVOLVED, replace(WORLD, agreement=agreed), NOW))
    assert (task.about, task.owner.organisation, task.owner.contact) == ("mentor", SITE, "decaan-1")


def test_where_no_pupil_is_on_the_way_no_role_is_asked_for():
    assert not looking.looked(partner(), Part(), without(SITE), NOW).tasks


def test_who_is_away_without_a_deputy_leaves_the_role_vacant_until_they_are_back():
    away = replace(post("decaan"), away=(Absence(since=date(2027, 1, 11), until=date(2027, 1, 13)),))
    found = looking.looked(partner(), INVOLVED, with_people(SITE, away), NOW)
    assert only(found).about == "decaan"
    back = looking.looked(found, INVOLVED, with_people(SITE, away), day(1, 13, 0))
    assert [task.done_at for task in back.tasks.values()] == [day(1, 13, 0)]


def test_a_look_too_many_changes_nothing():
    once = looking.looked(partner(), INVOLVED, without(SITE), NOW)
    assert looking.looked(once, INVOLVED, without(SITE), NOW) == once


def test_what_is_not_done_climbs_and_repeats_on_the_top():
    world = without(SITE)
    found = looking.looked(partner(), INVOLVED, world, NOW)
    assert looking.next_look(found, INVOLVED, world) == only(found).late_at
    late = looking.looked(found, INVOLVED, world, only(found).late_at)
    assert (only(late).step, only(late).owner.role) == (1, "region_coordinator")
    assert only(late).due_at > only(found).due_at
    again = looking.looked(late, INVOLVED, world, only(late).late_at)
    assert only(again).step == 2
    assert only(again).owner.contact == "region_coordinator-1"


def test_who_owns_it_and_is_not_present_any_more_is_followed_by_who_is():
    world = without(SITE)
    found = looking.looked(partner(), INVOLVED, world, NOW)
    somebody_new = Organisation(REGION, "region", REGION, (post("region_coordinator", name="new"),))
    newer = replace(world, directory={**world.directory, REGION: somebody_new})
    after = looking.looked(found, INVOLVED, newer, day(1, 12))
    assert only(after).owner.contact == "new"
    assert only(after).due_at == only(found).due_at


def test_with_nobody_in_the_region_it_belongs_to_the_region_all_the_same():
    task = only(looking.looked(partner(), INVOLVED, without(SITE, REGION), NOW))
    assert (task.owner.organisation, task.owner.role, task.owner.contact) == (REGION, "region_coordinator", None)


def test_silence_begins_on_the_first_school_day_after_what_was_agreed():
    quiet = partner(heard=day(1, 11))
    begins = looking.next_look(looking.looked(quiet, TELLS, WORLD, NOW), TELLS, WORLD)
    assert begins == day(2, 9)
    assert not looking.looked(quiet, TELLS, WORLD, day(2, 9, 7)).silence
    silent = looking.looked(quiet, TELLS, WORLD, begins)
    assert silent.silence
    assert silent.silence.allowed_days == 20
    task = only(silent)
    assert (task.kind, task.owner.contact) == (SILENT, "decaan-1")
    assert [fact.fact for fact in task.evidence] == ["organisation", "last-heard", "allowed-school-days"]


def test_who_speaks_at_the_very_instant_at_which_silence_begins_is_not_silent_and_before_it_nobody_is():
    begins = looking.next_look(looking.looked(partner(heard=day(1, 11)), TELLS, WORLD, NOW), TELLS, WORLD)
    spoken = partner(heard=begins)
    assert not looking.looked(spoken, TELLS, WORLD, begins).silence
    quiet, moment = partner(heard=day(1, 11)), timedelta(microseconds=1)
    assert not looking.looked(quiet, TELLS, WORLD, begins - moment).silence
    assert looking.looked(quiet, TELLS, WORLD, begins).silence == Silent(begins, 20, WORLD.agreement.version)
    assert looking.looked(quiet, TELLS, WORLD, begins + moment).silence


@pytest.mark.parametrize("spoken", [day(1, 11, 0), day(1, 11), day(1, 11, 23)])
def test_silence_is_counted_from_the_day_on_which_it_spoke_whatever_the_hour(spoken):
    assert looking.next_look(looking.looked(partner(heard=spoken), TELLS, WORLD, spoken), TELLS, WORLD) == day(2, 9)


def test_nobody_falls_silent_in_the_holidays():
    last_day = looking.looked(partner(heard=day(7, 8)), TELLS, WORLD, day(7, 9))
    begins = looking.next_look(last_day, TELLS, WORLD)
    assert begins > day(9, 1)
    assert WORLD.almanac.calendar(REGION).is_school_day(WORLD.almanac.day(begins))


def test_who_has_nothing_to_tell_of_is_not_silent():
    assert not looking.looked(partner(heard=day(11, 2, year=2026)), INVOLVED, WORLD, day(3, 1)).silence


def test_who_never_spoke_is_silent_as_long_after_it_got_its_first_pupil():
    never = looking.looked(partner(heard=None), TELLS, WORLD, day(2, 1))
    assert never.silence
    assert "never-heard" in [fact.fact for fact in only(never).evidence]


def test_a_kind_that_is_not_named_is_never_silent():
    assert not looking.looked(partner(MUNICIPALITY, None), TELLS, WORLD, day(7, 1)).silence
    unwatched = replace(WORLD, agreement=replace(WORLD.agreement, silence=Silence()))
    assert not looking.looked(partner(heard=None), TELLS, unwatched, day(7, 1)).silence


def test_who_speaks_again_is_heard_and_nothing_is_asked_any_more():
    silent = looking.looked(partner(), TELLS, WORLD, day(2, 9))
    heard = looking.looked(replace(silent, heard_at=day(2, 10)), TELLS, WORLD, day(2, 10))
    assert not heard.silence
    assert [task.done_at for task in heard.tasks.values()] == [day(2, 10)]


def test_a_late_message_from_before_the_silence_ends_it_when_it_was_short_enough_ago():
    silent = looking.looked(partner(), TELLS, WORLD, day(2, 9))
    late = looking.looked(replace(silent, heard_at=day(2, 1)), TELLS, WORLD, day(2, 1))
    assert not late.silence
    assert late.looked_at == day(2, 9), "time never goes back"
    too_old = looking.looked(replace(silent, heard_at=day(1, 11, 9)), TELLS, WORLD, day(2, 9))
    assert too_old.silence


def test_silence_stays_when_its_pupils_have_gone_and_asks_nothing_of_anybody():
    silent = looking.looked(partner(), TELLS, WORLD, day(2, 9))
    gone = looking.looked(silent, Part(), WORLD, day(2, 10))
    assert gone.silence
    assert [task.done_at for task in gone.tasks.values()] == [day(2, 10)]
