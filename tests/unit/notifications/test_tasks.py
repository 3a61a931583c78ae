"""What must be done about an organisation is told to its owner at once, and to each next one it comes to."""

from datetime import timedelta

from services.notifications.domain.world import World
from services.notifications.handlers import HANDLERS
from shared.schemas.coordination import Custodian, Evidence, TaskDone, TaskOpened, TaskOverdue, TaskState
from shared.schemas.envelope import Event
from tests.unit.notifications.made import DECAAN, NOW, REGION, SITE, Stream, person

COORDINATOR = Custodian(organisation=REGION, role="region_coordinator", contact=person("coordinator"))


def task(model: type[TaskState], owner: Custodian = DECAAN, kind: str = "silent-partner", **fields) -> TaskState:
    return model(
        occurred_at=NOW,
        task_id="task-1",
        organisation=SITE,
        kind=kind,
        owner=owner,
        due_at=NOW + timedelta(days=7),
        severity=2,
        evidence=(Evidence(fact="organisation", value=SITE), Evidence(fact="never-heard")),
        agreement_version="default-2026.1",
        opened_at=NOW,
        **fields,
    )


def told(*data: TaskState) -> World:
    world, stream = World(), Stream(SITE)
    return fold(world, *(stream("coordination", one) for one in data))


def fold(world: World, *events: Event) -> World:
    for event in events:
        HANDLERS[event.type](world, event)
    world.settle()
    return world


def open_alerts(world: World) -> list[tuple[str, str, int]]:
    return [(one.hearer.role, one.reason.rule, one.step) for one in world.open_alerts(SITE)]


def test_the_owner_hears_it_at_once_by_mail_with_its_date():
    world = told(task(TaskOpened))
    assert open_alerts(world) == [("decaan", "silent-partner", 1)]
    (alert,) = world.open_alerts(SITE)
    assert (alert.pupil_ref, alert.reason.cohort, alert.due_at) == (SITE, 2027, NOW + timedelta(days=7))
    assert [mail.recipient_ref for mail in world.mails] == [person("decaan")]


def test_who_gets_it_instead_hears_it_and_nobody_else_any_more():
    world = told(task(TaskOpened), task(TaskOpened, COORDINATOR))
    assert open_alerts(world) == [("region_coordinator", "silent-partner", 1)]


def test_another_person_in_the_same_role_gets_a_mail_too():
    other = DECAAN.model_copy(update={"contact": person("other")})
    world = told(task(TaskOpened), task(TaskOpened, other))
    assert open_alerts(world) == [("decaan", "silent-partner", 2)]
    assert [mail.recipient_ref for mail in world.mails] == [person("decaan"), person("other")]


def test_past_its_date_the_next_one_hears_it_as_late():
    world = told(task(TaskOpened), task(TaskOverdue, COORDINATOR, escalations=1))
    assert sorted(open_alerts(world)) == [
        ("decaan", "silent-partner", 1),
        ("region_coordinator", "overdue-silent-partner", 1),
    ]


def test_on_the_top_of_the_ladder_the_same_person_hears_it_again():
    late = task(TaskOverdue, COORDINATOR, escalations=1)
    world = told(task(TaskOpened, COORDINATOR), late, late.model_copy(update={"escalations": 2}))
    assert open_alerts(world) == [("region_coordinator", "silent-partner", 3)]


def test_all_ends_when_it_is_done_and_an_older_state_changes_nothing():
    stream = Stream(SITE)
    opened, done = stream("coordination", task(TaskOpened)), stream("coordination", task(TaskDone, done_at=NOW))
    world = fold(World(), done, opened)
    assert open_alerts(world) == []
    assert not world.changes
