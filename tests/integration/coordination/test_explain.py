"""The story of one pupil, as an operator asks for it."""

from datetime import date
from typing import Any

import pytest

from services.coordination.handlers.custody import AnswerOffer, answer_offer
from shared.core.actor import Actor, Role
from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.operate.explain import Story, explain
from shared.operate.quiet import reader
from shared.service import Service
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made
from tests.unit.coordination.made import MUNICIPALITY, day

HEADINGS = ("To whom the pupil was offered", "Who took the pupil on", "Who gave the pupil back")


async def story(settings: Settings, n: int = 1) -> Story:
    database = await reader(settings)
    async with database.acquire() as conn:
        (found,) = await explain(conn, made.ref(n))
    await database.close()
    return found


async def test_it_tells_who_had_the_pupil_which_rule_fired_on_which_facts_and_what_was_due(
    worker: Transport, service: Service, settings: Settings
) -> None:
    await tell(worker, service, made.recorded(), made.expected(sequence=2))
    await run_until(worker, service, day(2, 1))
    await tell(worker, service, made.applied(at=day(2, 10)))
    text = "\n".join((await story(settings)).lines())
    assert "Who had the pupil\n  2026-11-02 09:00 - now" in text
    assert "99AA00 mentor (agreed)" in text
    assert "no-application (notice) on application-date 2027-04-01, choices 0, live-applications 0" in text
    assert "to 99AA00 mentor; until 2027-02-10" in text
    assert "register-application by 99AA00 mentor, due 2027-04-01" in text
    assert text.index("transition-opened") < text.index("student-at-risk  ") < text.index("student-at-risk-cleared")
    assert "Made" not in text, "codes only, no names"


async def test_it_tells_to_whom_the_pupil_was_offered_who_said_yes_and_who_gave_back_why(
    worker: Transport, service: Service, settings: Settings, web: Transport, admin: Any
) -> None:
    await tell(worker, service, made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2))
    await run_until(worker, service, day(9, 20))
    officer, asked = (
        Actor(MUNICIPALITY, Role.LEERPLICHT, "officer-1"),
        "SELECT offer_id FROM offer ORDER BY n DESC LIMIT 1",
    )
    web.settings.clock.instant = day(9, 21)
    await perform(
        web, officer, answer_offer, AnswerOffer(made.ref(1), await admin.fetchval(asked), "wrong_organisation")
    )
    await tell(worker, service, made.recorded(born=date(2010, 10, 5), municipality="0363", at=day(9, 22), sequence=9))
    await run_until(worker, service, day(9, 23))
    web.settings.clock.instant = day(9, 24)
    other = Actor("0363", Role.LEERPLICHT, "officer-2")
    await perform(web, other, answer_offer, AnswerOffer(made.ref(1), await admin.fetchval(asked)))
    told = (await story(settings)).lines()
    parts = "\n".join(told).split("\n\n")
    offers, yes, back = (next(part for part in parts if part.startswith(title)) for title in HEADINGS)
    assert "0344 leerplicht (statutory, left_under_18), answer by" in offers
    assert offers.count(": lapsed on") == 2
    assert "0363 leerplicht (statutory, left_under_18)" in offers
    assert ": accepted on 2027-09-24" in offers
    assert "0363 leerplicht, offered on 2027-09-2" in yes
    assert "0344 leerplicht to 99AA00 mentor: wrong_organisation; lapsed on 2027-09-2" in back


async def test_an_absorbed_reference_tells_the_same_story(
    worker: Transport, service: Service, settings: Settings, admin: Any
) -> None:
    await tell(worker, service, made.expected(1), made.expected(2), made.linked(1, 2))
    first, second = await story(settings, 1), await story(settings, 2)
    assert first == second
    assert set(first.refs) == {made.ref(1), made.ref(2)}
    assert first.refs[0] == await admin.fetchval("SELECT root FROM pupil WHERE pupil_ref = $1", made.ref(2))


async def test_of_a_reference_nobody_told_of_there_is_no_story(settings: Settings) -> None:
    database = await reader(settings)
    async with database.acquire() as conn:
        with pytest.raises(NotFound):
            await explain(conn, made.ref(9))
    await database.close()
