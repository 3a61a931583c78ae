"""Mail over real SMTP: what it says, what it never says, and what happens when the server is away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosmtplib
import asyncpg
import pytest

from services.notifications.app import build
from services.notifications.delivery import deliver_due, deliver_mail
from services.notifications.domain.mails import WAITS
from shared.core.clock import FixedClock
from shared.local.mailbox import Mailbox
from shared.local.processes import free_port
from shared.messaging.outbox import Transport
from shared.schemas.coordination import ActionOverdue
from shared.service import _forever
from tests.support import deliver, published
from tests.unit.notifications import made
from tests.unit.notifications.made import DECAAN, MENTOR, SITE, Stream, told


@pytest.fixture
async def mailbox(worker: Transport) -> AsyncIterator[Mailbox]:
    """A mail catcher that must still be started; the service is set to its port."""
    box = Mailbox(worker.settings.data_dir)
    worker.settings.__dict__["smtp_port"] = free_port()
    yield box
    await box.stop()


async def start(box: Mailbox, transport: Transport) -> None:
    assert await box.start(transport.settings.smtp_port) == transport.settings.smtp_port


def mails(box_of: Transport) -> list[EmailMessage]:
    folder = Path(box_of.settings.data_dir) / "mail"
    parsed = [message_from_bytes(p.read_bytes(), policy=policy.default) for p in sorted(folder.glob("*.eml"))]
    return [mail for mail in parsed if isinstance(mail, EmailMessage)]


def pass_time(transport: Transport, time: timedelta) -> None:
    clock = transport.settings.clock
    assert isinstance(clock, FixedClock)
    clock.instant += time


async def one_alert(transport: Transport) -> str:
    """An alert for the mentor of Anna, about whom everything is known."""
    service, say = build(transport.settings), Stream()
    people = made.contacts(
        SITE, "De Zorgvuldige", ("mentor", "mentor", "Mia Mentor"), ("decaan", "decaan", "Dirk Decaan")
    )
    await deliver(transport, service, [people])
    await deliver(transport, service, [told(say("dossier", made.recorded()))])
    await deliver(transport, service, [told(say("dossier", made.expected())), told(say("dossier", made.choice()))])
    await deliver(transport, service, [told(say("coordination", made.at_risk()))])
    return str((await published(transport))[0][2]["alert_id"])


async def states(admin: asyncpg.Connection) -> list[tuple[int, str, int]]:
    rows = await admin.fetch("SELECT step, state, failures FROM delivery ORDER BY alert_id, step")
    return [(row["step"], row["state"], row["failures"]) for row in rows]


async def test_a_mail_tells_that_there_is_something_and_nothing_about_whom(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    await start(mailbox, worker)
    alert_id = await one_alert(worker)
    assert await deliver_due(worker) == 1
    assert await deliver_due(worker) == 0
    (mail,) = mails(worker)
    assert mail["To"] == "mentor@zorgvuldig.example"
    assert mail["Message-ID"] == f"<{alert_id}.1@overstap.example>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "nl")
    assert mail["List-Id"].endswith("<signalen.overstap.example>")
    assert f"http://127.0.0.1:8400/notifications/alerts/{alert_id}" in mail.get_content()
    told_of = [row["data"] for row in await admin.fetch("SELECT data FROM told")]
    assert told_of
    for secret in (
        *("Anna", "van Zonneveld", "Zonneveld", "2010", "Woerden", "Utrecht", "0344", made.ANNA, SITE, "Zorgvuldige"),
        *("vmbo", "25498", made.MBO, "application", "aanmeld", "Mia", "2027-04-01", "1 april", "mentor"),
    ):
        everything = str(mail).replace("mentor@zorgvuldig.example", "")
        assert secret.lower() not in everything.lower(), secret
    assert [kind for kind, _, _ in await published(worker)] == ["alert-raised", "alert-delivered"]
    assert (await published(worker))[1][2]["channel"] == "mail"


async def test_a_server_that_is_away_is_tried_again_with_the_same_message_id(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    alert_id = await one_alert(worker)
    assert await deliver_due(worker) == 1
    assert await states(admin) == [(1, "waiting", 1)]
    assert await deliver_due(worker) == 0, "not before its time"
    await start(mailbox, worker)
    pass_time(worker, WAITS[0])
    assert await deliver_due(worker) == 1
    assert [mail["Message-ID"] for mail in mails(worker)] == [f"<{alert_id}.1@overstap.example>"]
    # The process died after the server took the mail and before that was written down.
    await admin.execute("UPDATE delivery SET state = 'waiting', sent_at = NULL")
    assert await deliver_due(worker) == 1
    assert len({mail["Message-ID"] for mail in mails(worker)}) == 1
    assert await states(admin) == [(1, "sent", 1)]


async def test_after_the_last_try_the_deputy_hears_it(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    await one_alert(worker)
    for wait in WAITS:
        assert await deliver_due(worker) == 1
        pass_time(worker, wait)
    assert await deliver_due(worker) == 1
    assert await states(admin) == [(1, "failed", 7), (2, "waiting", 0)]
    await start(mailbox, worker)
    assert await deliver_due(worker) == 1
    assert [mail["To"] for mail in mails(worker)] == ["decaan@zorgvuldig.example"]
    assert [kind for kind, _, _ in await published(worker)] == ["alert-raised", "alert-escalated", "alert-delivered"]


async def test_without_an_address_the_alert_stays_in_the_inbox_until_there_is_one(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    await start(mailbox, worker)
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    await deliver_due(worker)
    assert (await states(admin), mails(worker)) == ([(1, "no_address", 0)], [])
    await deliver(worker, service, [made.contacts(SITE, "De Zorgvuldige", ("mentor", "mentor", "Mia Mentor"))])
    await deliver_due(worker)
    assert (await states(admin), len(mails(worker))) == ([(1, "sent", 0)], 1)


async def test_an_address_that_is_none_is_not_tried_again(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    await start(mailbox, worker)
    await one_alert(worker)
    await admin.execute(
        "UPDATE contact SET email = E'geen adres\nBcc: iedereen@zorgvuldig.example' WHERE role = 'mentor'"
    )
    await deliver_due(worker)
    assert (await states(admin))[0] == (1, "failed", 1)
    await deliver_due(worker)
    assert [mail["To"] for mail in mails(worker)] == ["decaan@zorgvuldig.example"]


async def test_each_step_has_a_mail_of_its_own_and_what_is_over_is_not_mailed(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection
) -> None:
    await start(mailbox, worker)
    await one_alert(worker)
    service, say = build(worker.settings), Stream(numbers={"coordination": 1})
    await deliver(worker, service, [told(say("coordination", made.action(ActionOverdue, MENTOR)))])
    await deliver_due(worker)
    await deliver(worker, service, [told(say("coordination", made.action(ActionOverdue, DECAAN, 10)))])
    await deliver(worker, service, [told(say("coordination", made.at_risk(cleared=True)))])
    await deliver_due(worker)
    assert len({mail["Message-ID"] for mail in mails(worker)}) == len(mails(worker)) == 4
    assert {state for _, state, _ in await states(admin)} == {"sent"}


async def test_who_is_asked_to_stop_stops_after_the_mail_under_way_though_the_library_keeps_the_cancellation_to_itself(
    worker: Transport, mailbox: Mailbox, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await start(mailbox, worker)
    await one_alert(worker)
    send = aiosmtplib.SMTP.send_message

    async def cancelled_as_the_answer_comes(*arguments: Any) -> Any:
        answer = await send(*arguments)
        task = asyncio.current_task()
        assert task
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        return answer

    monkeypatch.setattr(aiosmtplib.SMTP, "send_message", cancelled_as_the_answer_comes)
    async with asyncio.timeout(30):
        await asyncio.gather(_forever("mail", worker, deliver_mail), return_exceptions=True)
    assert await states(admin) == [(1, "sent", 0)]
