"""The catalogue: which event exists, who publishes it where, and who listens. The wiring of the whole system."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ValidationError

from shared.schemas import alerts, coordination, dossiers, intakes, organisations, pupils, repairs, signals
from shared.schemas.envelope import PLACE_LENGTH, EventData, read

SERVICES = ("dossier", "intake", "coordination", "notifications", "signals")
TYPE_PREFIX = "nl.overstappen."
MAX_BYTES = 64 * 1024
"""Largest event: always forwardable (NL GOV profile for CloudEvents)."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of 12 partitions, keyed by subject."""

    name: str
    publisher: str
    consumers: tuple[str, ...]
    compacted: bool = False
    encrypted: bool = False
    retention_days: int = 183


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic(
            "pupils",
            "dossier",
            ("intake", "coordination", "notifications", "signals"),
            compacted=True,
            encrypted=True,
        ),
        Topic(
            "applicants",
            "intake",
            ("dossier", "coordination", "notifications", "signals"),
            compacted=True,
            encrypted=True,
        ),
        Topic("dossiers", "dossier", ("intake", "coordination", "notifications", "signals")),
        Topic("intakes", "intake", ("dossier", "coordination", "notifications", "signals")),
        Topic("coordination", "coordination", ("dossier", "intake", "notifications", "signals")),
        Topic(
            "organisations",
            "coordination",
            ("dossier", "intake", "notifications"),
            compacted=True,
            encrypted=True,
        ),
        Topic("alerts", "notifications", ("dossier", "intake", "coordination", "signals")),
        Topic("signals", "signals", ("dossier",)),
        Topic("repairs", "", SERVICES, retention_days=7),
    )
}

_PUBLISHED: dict[tuple[str, str], tuple[type[EventData], ...]] = {
    ("dossier", "pupils"): (pupils.PupilRecorded, pupils.PupilLinked, pupils.PupilErased),
    ("intake", "applicants"): (pupils.PupilRecorded, pupils.PupilLinked, pupils.PupilErased),
    ("dossier", "dossiers"): (
        dossiers.PupilExpected,
        dossiers.PupilNotListed,
        dossiers.ChoiceRegistered,
        dossiers.ChoiceWithdrawn,
        dossiers.OtherRouteRegistered,
        dossiers.DossierCompleted,
        dossiers.ExamResultRecorded,
        dossiers.ConcernRaised,
        dossiers.ConcernResolved,
        dossiers.DossierHandedOver,
        dossiers.HandoverOpened,
        dossiers.HandoverAccepted,
        dossiers.HandoverRefused,
        dossiers.HandoverWithdrawn,
        dossiers.WarmHandoverRequested,
        dossiers.WarmHandoverPlanned,
        dossiers.WarmHandoverHeld,
        dossiers.WarmHandoverMissed,
        pupils.ErasureConfirmed,
    ),
    ("intake", "intakes"): (
        intakes.ApplicationStatusChanged,
        intakes.IntakeInvited,
        intakes.IntakePlanned,
        intakes.IntakeMissed,
        intakes.IntakeDone,
        intakes.StudentStarted,
        intakes.StudentNotStarted,
        intakes.AbsenceReported,
        intakes.ProgrammeSwitched,
        intakes.EnrolmentEnded,
        pupils.ErasureConfirmed,
    ),
    ("coordination", "coordination"): (
        coordination.TransitionOpened,
        coordination.TransitionClosed,
        coordination.TransitionReopened,
        coordination.CustodyOffered,
        coordination.CustodyAccepted,
        coordination.CustodyReturned,
        coordination.CustodyChanged,
        coordination.ActionOpened,
        coordination.ActionDone,
        coordination.ActionOverdue,
        coordination.StudentAtRisk,
        coordination.StudentAtRiskCleared,
        coordination.OrganisationSilent,
        coordination.TaskOpened,
        coordination.TaskOverdue,
        coordination.TaskDone,
        coordination.NormsAgreed,
        pupils.ErasureConfirmed,
    ),
    ("coordination", "organisations"): (
        organisations.ContactRecorded,
        organisations.AgreementAdopted,
    ),
    ("notifications", "alerts"): (
        alerts.AlertRaised,
        alerts.AlertDelivered,
        alerts.AlertAcknowledged,
        alerts.AlertEscalated,
        alerts.AlertResolved,
        pupils.ErasureConfirmed,
    ),
    ("signals", "signals"): (signals.SnapshotPublished, pupils.ErasureConfirmed),
    **{(service, "repairs"): (repairs.ResendRequested, repairs.HeadsAnnounced) for service in SERVICES},
}
"""(publishing service, topic) → what it publishes there."""

_TOPIC_OF = {(service, model): topic for (service, topic), models in _PUBLISHED.items() for model in models}

EVENTS: dict[str, type[EventData]] = {model.TYPE: model for _, model in _TOPIC_OF}
"""Short type → model of its data, in the one version that our services read."""


@dataclass(frozen=True, slots=True)
class Older:
    """An earlier version, sent beside the newest one for who has not moved yet: the same event, told twice."""

    model: type[EventData]
    until: date
    """What is recorded from this day on is sent in the newest version alone."""

    def express(self, payload: str) -> str | None:
        """The data of the newest version as this one says it. None: it would have to leave something out."""
        try:
            newest = read(EVENTS[self.model.TYPE], payload)
            unknown = set(type(newest).model_fields) - set(self.model.model_fields)
            told = {name: value for name, value in newest if name not in unknown}
            if any(getattr(newest, name) != type(newest).model_fields[name].default for name in unknown):
                return None
            return self.model.model_validate(told).model_dump_json()
        except ValidationError:
            return None


OLDER: dict[str, Older] = {
    intakes.ApplicationStatusChangedV1.TYPE: Older(intakes.ApplicationStatusChangedV1, date(2027, 8, 1)),
}
"""Short type → the version that goes beside the newest one."""

MODELS: dict[str, type[EventData]] = EVENTS | {f"{name}.{o.model.VERSION}": o.model for name, o in OLDER.items()}
"""Everything that is sent: short type → newest model, and such as ``application-status-changed.v1`` → an older one."""


def wire_type(model: type[EventData]) -> str:
    """Such as ``nl.overstappen.choice-registered.v1``."""
    return f"{TYPE_PREFIX}{model.TYPE}.{model.VERSION}"


def short_type(wire: str) -> tuple[str, str]:
    """``nl.overstappen.choice-registered.v1`` → (``choice-registered``, ``v1``); ("", "") when it is not ours."""
    if not wire.startswith(TYPE_PREFIX):
        return "", ""
    short, _, version = wire.removeprefix(TYPE_PREFIX).rpartition(".")
    return short, version


def topic_of(service: str, model: type[EventData]) -> Topic:
    """The topic on which this service publishes this event. KeyError when it is not this service's to publish."""
    return TOPICS[_TOPIC_OF[service, model]]


def published_on(topic: Topic) -> dict[type[EventData], tuple[str, ...]]:
    """What is published on a topic, and by whom."""
    found: dict[type[EventData], tuple[str, ...]] = {}
    for (service, name), models in _PUBLISHED.items():
        for model in models if name == topic.name else ():
            found[model] = (*found.get(model, ()), service)
    return found


def consumed_topics(service: str) -> tuple[Topic, ...]:
    """Topics this service listens to; `repairs` is read by the transport itself."""
    return tuple(t for t in TOPICS.values() if service in t.consumers and t.publisher)


def publishers_heard(service: str) -> tuple[str, ...]:
    """Services whose whole streams this service receives."""
    return tuple(dict.fromkeys(t.publisher for t in consumed_topics(service)))


def subject_length(consumer: str, publisher: str) -> int:
    """How long a subject at least is of which this consumer hears all that publisher says; 0: it hears everything.

    Who does not listen to every topic of a publisher (signals not to organisations) hears in part what bears the code
    of an organisation or region, and all of every other stream: of pupils, and of the norms of a region.
    """
    whole = all(consumer in topic.consumers for topic in TOPICS.values() if topic.publisher == publisher)
    return 0 if whole else PLACE_LENGTH + 1


@dataclass(frozen=True, slots=True)
class Grant:
    """One right of one account at the broker. What is not granted is refused."""

    account: str
    """A service, or TOPICS_JOB."""
    operation: Literal["read", "write", "create", "describe", "describe_configs"]
    resource: Literal["topic", "group"]
    name: str
    begins_with: bool = False
    """Whether it holds for every name that begins so."""


TOPICS_JOB = "topics"
"""The account that makes topics and checks them; it reads and writes nothing."""


def grants() -> tuple[Grant, ...]:
    """Every right that the installation needs: a service writes what it publishes and reads what it listens to."""
    published = [Grant(t.publisher, "write", "topic", t.name) for t in TOPICS.values() if t.publisher]
    consumed = [Grant(service, "read", "topic", t.name) for t in TOPICS.values() for service in t.consumers]
    repairs = [Grant(service, "write", "topic", "repairs") for service in SERVICES]
    groups = [Grant(service, "read", "group", f"{service}.", begins_with=True) for service in SERVICES]
    job = [Grant(TOPICS_JOB, may, "topic", "", begins_with=True) for may in ("create", "describe", "describe_configs")]
    return *published, *consumed, *repairs, *groups, *job
