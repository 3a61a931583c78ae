"""Mail: real SMTP, at least once, with the same Message-ID however often it is tried. It never holds personal data.

The mail server is called outside any transaction: one that is slow or away keeps nobody else waiting. Only the leader
of the service mails, and what became of it is recorded under a lock afterwards.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import aiosmtplib

from services.notifications.domain import alerts
from services.notifications.domain.alerts import Change
from services.notifications.domain.mails import next_attempt
from services.notifications.domain.world import Mail
from services.notifications.store import alerts as alert_store
from services.notifications.store import deliveries as store
from services.notifications.store.deliveries import Attempt, Due
from shared.core import metrics, tracing
from shared.core.actor import system
from shared.core.clock import civil_date
from shared.core.health import asked_to_stop
from shared.core.logging import get_logger
from shared.core.settings import Settings
from shared.messaging import outbox
from shared.messaging.outbox import Transport
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection

BLOCK = 50
IDLE_SECONDS = 0.5
SERVER_SECONDS = 10.0
TEXT = (Path(__file__).parent / "templates" / "notifications" / "mail.txt").read_text(encoding="utf-8")
SEVERITIES = {"notice": "melding", "warning": "waarschuwing", "risk": "risico"}
FIRST, AGAIN = "een nieuw signaal", "een signaal dat nog openstaat"


async def deliver_mail(transport: Transport) -> None:
    """Mail until it is cancelled. A task of the leader of the service, which starts it again when the database was
    away."""
    while not asked_to_stop():
        transport.beats.beat("leader:mail")
        if await deliver_due(transport) < BLOCK:
            await asyncio.sleep(IDLE_SECONDS)


async def deliver_due(transport: Transport) -> int:
    """Try every mail that is due, one block of them; returns how many. Raises `Unavailable` without a database."""
    now = transport.settings.clock.now()
    async with transport.db.acquire() as conn:
        due = await store.due(conn, now, civil_date(now), BLOCK)
    if not due:
        return 0
    attempts = await _try(transport.settings, due, now)
    async with transport.db.transaction() as conn:
        await outbox.lock(conn, await alert_store.subjects(conn, [one.alert_id for one in due], None))
        with tracing.caused_by({a.due.subject: a.due.traceparent for a in attempts if a.due.traceparent}):
            outcome = await record_attempts(conn, attempts, now)
            await outbox.write(transport, conn, outcome, system(transport.service), now)
    for attempt in attempts:
        with tracing.logged([attempt.due.traceparent]):
            _tell(attempt)
    return len(attempts)


async def record_attempts(conn: Connection, attempts: Sequence[Attempt], now: datetime) -> Outcome:
    """Write down what became of mails: delivered, to be tried again, or given up, and then the deputy hears it."""
    attempts = await store.take(conn, attempts)
    known = await alert_store.load(conn, [attempt.due.alert_id for attempt in attempts], None)
    changes: list[Change] = []
    mails: list[Mail] = []
    for attempt in attempts:
        alert = known[attempt.due.alert_id]
        deputy = alert.hearer.deputy_ref
        if attempt.state == "sent":
            known[alert.alert_id] = alerts.deliver(alert, now)
            changes.append(Change(known[alert.alert_id], "deliver", now))
        elif attempt.state == "failed" and alert.is_open and deputy and deputy != attempt.due.recipient_ref:
            known[alert.alert_id] = alerts.escalate(alert)
            changes.append(Change(known[alert.alert_id], "escalate", now))
            mails.append(Mail(known[alert.alert_id], deputy, now))
    await store.save(conn, attempts)
    await alert_store.save(conn, known.values())
    await alert_store.add_trail(conn, changes)
    await alert_store.add_mails(conn, mails)
    return Outcome(alerts.drafts(changes))


async def _try(settings: Settings, due: Sequence[Due], now: datetime) -> list[Attempt]:
    with_address = [one for one in due if one.email]
    attempts = [Attempt(one, "no_address", one.failures, now) for one in due if not one.email]
    if not with_address:
        return attempts
    try:
        async with _server(settings) as server:
            for one in with_address:
                if asked_to_stop():
                    break
                attempts.append(await _send(server, settings, one, now))
    except (aiosmtplib.SMTPException, OSError) as error:
        tried = {attempt.key for attempt in attempts}
        attempts += [_failed(one, error, now) for one in with_address if (one.alert_id, one.step) not in tried]
    return attempts


async def _send(server: aiosmtplib.SMTP, settings: Settings, due: Due, now: datetime) -> Attempt:
    try:
        with tracing.span("send mail", "client", due.traceparent):
            await server.send_message(message(settings, due, now))
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except (aiosmtplib.SMTPException, MessageError, ValueError) as error:
        return _failed(due, error, now)
    return Attempt(due, "sent", due.failures, now, sent_at=now)


def _failed(due: Due, error: Exception, now: datetime) -> Attempt:
    """Try again later; not when the address itself is refused for good (RFC 5321, reply codes 5xx)."""
    failures = due.failures + 1
    again = None if _is_final(error) else next_attempt(failures, now)
    return Attempt(due, "waiting" if again else "failed", failures, again or now, error=_code(error))


def _is_final(error: Exception) -> bool:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(refusal.code >= 500 for refusal in error.recipients)
    return isinstance(error, (aiosmtplib.SMTPNotSupported, MessageError, ValueError))


def _code(error: Exception) -> str:
    """What went wrong, without the server's words: those may repeat the address."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


@asynccontextmanager
async def _server(settings: Settings) -> AsyncIterator[aiosmtplib.SMTP]:
    password = settings.smtp_password
    server = aiosmtplib.SMTP(
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        use_tls=settings.smtp_tls == "tls",
        start_tls=settings.smtp_tls == "starttls",
        timeout=SERVER_SECONDS,
    )
    async with server:
        yield server


def message(settings: Settings, due: Due, now: datetime) -> EmailMessage:
    """The mail of one alert and step: that there is something to see, how serious, and where. Nothing about whom.

    Raises `ValueError` or `MessageError` when the address is not one.
    """
    assert due.email
    domain = Address(addr_spec=settings.mail_from).domain
    link = f"{settings.public_url.rstrip('/')}/notifications/alerts/{due.alert_id}"
    head, _, text = TEXT.format(
        severity=SEVERITIES[due.severity], what=FIRST if due.step == 1 else AGAIN, link=link
    ).partition("\n\n")
    mail = EmailMessage()
    mail["From"] = Address("Overstap", addr_spec=settings.mail_from)
    mail["To"] = Address(addr_spec=due.email)
    mail["Subject"] = head.strip()
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{due.alert_id}.{due.step}@{domain}>"
    mail["List-Id"] = f"Signalen van Overstap <signalen.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    mail["Content-Language"] = "nl"
    return mail


def _tell(attempt: Attempt) -> None:
    metrics.count("overstap_mails_total", outcome=attempt.state)
    log, (alert, step) = get_logger(service="notifications"), attempt.key
    if attempt.state == "sent":
        log.info("mail_sent", alert=alert, step=step)
    elif attempt.error:
        log.warning("mail_failed", alert=alert, step=step, attempt=attempt.failures, error=attempt.error)
