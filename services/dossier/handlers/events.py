"""What the dossier does with events of other services: it keeps what they last told, and erases what they erase."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from services.dossier import store
from services.dossier.domain.told import Batch, Fold, confirm, erase, join, keep, keep_agreement, keep_organisation
from services.dossier.handlers.feedback import timers_of
from services.dossier.store import concerns, feedback, history
from shared.core import reference
from shared.core.clock import local_instant
from shared.schemas import alerts, coordination, intakes, organisations, pupils
from shared.schemas.envelope import Draft, Event, Outcome
from shared.schemas.pupils import ErasureConfirmed, PupilErased
from shared.storage.pool import Connection


async def handle(conn: Connection, events: Sequence[Event]) -> Outcome:
    """Apply a batch of mixed types. Types that say nothing new to a school are taken and change nothing."""
    subjects = sorted({event.subject for event in events})
    batch = Batch(await store.sequences(conn, subjects), await store.erased_among(conn, subjects))
    for event in events:
        if fold := HANDLERS.get(event.type):
            fold(batch, event)
        else:
            batch.unchanged += 1
    begun = await concerns.save_limits(conn, _limits(step.cohort for step in batch.steps))
    await store.save_told(conn, list(batch.told.values()))
    await history.add_steps(conn, batch.steps)
    await feedback.add_agreements(conn, batch.agreements)
    await store.save_organisations(conn, list(batch.organisations.values()))
    await store.save_confirmations(conn, batch.confirmed)
    outcome = await _erase(conn, batch, await _link(conn, batch))
    return replace(outcome, timers=[timer for cohort in begun for timer in timers_of(cohort, events[0].time)])


def _limits(cohorts: Iterable[int]) -> dict[int, datetime]:
    """Of these cohorts: the instant from which schools hear of single pupils no more. A cohort from before the first
    row of the table has none, and its schools hear nothing."""
    data, found = reference.load(), {}
    for cohort in set(cohorts):
        with suppress(KeyError):
            found[cohort] = local_instant(data.feedback_until(cohort) + timedelta(days=1))
    return found


async def _link(conn: Connection, batch: Batch) -> list[str]:
    """Join what intake joined; returns the references erased because the child they turned out to be was."""
    gone: list[str] = []
    if batch.links:
        await store.hold_links(conn)
    for (survivor, absorbed), moment in batch.links.items():
        roots = await store.roots(conn, [survivor, absorbed])
        kept, lost = roots.get(survivor, survivor), roots.get(absorbed, absorbed)
        erased = await store.erased_among(conn, [kept, lost])
        if kept in erased and lost not in erased:
            gone += await store.erase_pupil(conn, lost, moment)
        elif kept != lost and not erased:
            await store.link_pupils(conn, kept, lost)
    return gone


async def _erase(conn: Connection, batch: Batch, refs: list[str]) -> Outcome:
    """Erase what another service erased, and confirm. Other references of the same child go with it."""
    drafts: list[Draft] = []
    for subject, moment in batch.erase.items():
        for ref in await store.erase_pupil(conn, subject, moment):
            refs.append(ref)
            if ref != subject:
                drafts.append(Draft(ref, PupilErased(occurred_at=moment), at=moment))
        drafts.append(Draft(subject, ErasureConfirmed(occurred_at=moment, service="dossier"), at=moment))
    return Outcome(drafts, unchanged=batch.unchanged, erase=refs)


def _cohort(data: coordination.TransitionState | coordination.CustodyChanged) -> str:
    return str(data.cohort)


HANDLERS: dict[str, Fold] = {
    intakes.ApplicationStatusChanged.TYPE: keep("application", lambda data: data.application_id),
    intakes.IntakeInvited.TYPE: keep("intake", lambda data: data.application_id),
    intakes.IntakePlanned.TYPE: keep("intake", lambda data: data.application_id),
    intakes.IntakeMissed.TYPE: keep("intake", lambda data: data.application_id),
    intakes.IntakeDone.TYPE: keep("intake", lambda data: data.application_id),
    intakes.StudentStarted.TYPE: keep("enrolment", lambda data: data.application_id),
    intakes.StudentNotStarted.TYPE: keep("enrolment", lambda data: data.application_id),
    intakes.EnrolmentEnded.TYPE: keep("enrolment", lambda data: data.application_id),
    intakes.ProgrammeSwitched.TYPE: keep("switch", lambda data: data.switch_id),
    coordination.TransitionOpened.TYPE: keep("transition", _cohort),
    coordination.TransitionClosed.TYPE: keep("transition", _cohort),
    coordination.TransitionReopened.TYPE: keep("transition", _cohort),
    coordination.CustodyChanged.TYPE: keep("custody", _cohort),
    coordination.ActionOpened.TYPE: keep("action", lambda data: data.action_id),
    coordination.ActionDone.TYPE: keep("action", lambda data: data.action_id),
    coordination.ActionOverdue.TYPE: keep("action", lambda data: data.action_id),
    alerts.AlertRaised.TYPE: keep("alert", lambda data: data.alert_id),
    alerts.AlertDelivered.TYPE: keep("alert", lambda data: data.alert_id),
    alerts.AlertAcknowledged.TYPE: keep("alert", lambda data: data.alert_id),
    alerts.AlertEscalated.TYPE: keep("alert", lambda data: data.alert_id),
    alerts.AlertResolved.TYPE: keep("alert", lambda data: data.alert_id),
    organisations.ContactRecorded.TYPE: keep_organisation,
    organisations.AgreementAdopted.TYPE: keep_agreement,
    pupils.PupilLinked.TYPE: join,
    pupils.PupilErased.TYPE: erase,
    pupils.ErasureConfirmed.TYPE: confirm,
}
