"""All settings of an installation. `docs/settings.md` is made from these declarations."""

import os
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.core.clock import Clock, FileClock, SystemClock


class Settings(BaseSettings):
    """Read from the environment (prefix ``OVERSTAP_``), or from a ``.env`` file beside the process."""

    model_config = SettingsConfigDict(env_prefix="OVERSTAP_", env_file=".env", extra="ignore")

    data_dir: Path = Field(
        Path(".overstap"), description="Folder of the embedded stack: database, keys, logs, virtual time"
    )
    database_url: str | None = Field(
        None, description="PostgreSQL 15-18; without it the embedded one of data_dir is used"
    )
    kafka_bootstrap_servers: str | None = Field(
        None,
        description="Kafka brokers, host:port,host:port; without it the embedded broker of data_dir is used",
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="Encryption (SSL) and accounts (SASL) of the Kafka brokers; production wants SASL_SSL"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How an account proves itself to the Kafka brokers"
    )
    kafka_sasl_username: str | None = Field(
        None,
        description="Account at the Kafka brokers; `overstap topics --acls` expects the prefix and the service, "
        "such as overstappen.dossier",
    )
    kafka_sasl_password: SecretStr | None = Field(None, description="Password at the Kafka brokers")
    kafka_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) that the Kafka brokers are checked against; without it those of the system",
    )
    kafka_session_seconds: float = Field(
        45,
        ge=2,
        le=300,
        description="After how many seconds of silence the broker gives a worker's partitions to another; "
        "the embedded broker wants 3",
    )
    kafka_poll_seconds: float = Field(
        300,
        ge=5,
        le=3600,
        description="How long one batch may take at most before the broker gives a worker's partitions to another",
    )
    worker_id: str = Field(
        "",
        pattern=r"^[A-Za-z0-9._-]{0,200}$",
        description="Name that this worker keeps over its restarts and no other worker of its service has: Kafka then "
        "waits for it, `OVERSTAP_KAFKA_SESSION_SECONDS` long, before others get its partitions; not for the embedded "
        "broker",
    )
    topic_prefix: str = Field("overstappen", description="First part of every topic name and consumer group")
    partitions: int = Field(12, ge=1, le=96, description="Partitions per topic; fixed for ever once topics exist")
    demo: bool = Field(
        False, description="Demo mode: sign-in without password and made-up people; says so on every page"
    )
    virtual_time: bool = Field(
        False, description="Business time is the instant in data_dir/clock instead of the wall clock"
    )
    web_host: str = Field("127.0.0.1", description="Address the pages and APIs listen on")
    web_port: int = Field(8400, ge=0, le=65535, description="Port the pages and APIs listen on")
    worker_host: str = Field("127.0.0.1", description="Address a worker serves its probes and metrics on")
    worker_port: int = Field(8401, ge=0, le=65535, description="Port of a worker's probes and metrics; 0: none")
    programme_page: str = Field(
        "https://www.kiesmbo.nl/zoekresultaten?tag={name}",
        description="Public page about a programme and its labour market, with {crebo} or {name}; empty: no link",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses of proxies, separated by commas, or `*`: their X-Forwarded-For tells from where a "
        "request comes, by which codes that do not fit are counted when pupils sign in",
    )
    public_url: str = Field(
        "http://127.0.0.1:8400", description="Address by which people reach the pages; used in mails"
    )
    source_oin: str = Field(
        "00000099000000000000",
        pattern=r"^[0-9A-Z]{20}$",
        description="OIN of the installation, in the source of every event",
    )
    keys_file: Path | None = Field(
        None, description="JSON Web Key Set with the secret keys; default data_dir/keys.json, made once"
    )
    api_keys_file: Path | None = Field(
        None,
        description="JSON Web Key Set with the public keys of API tokens; default data_dir/api-keys.json",
    )
    session_hours: int = Field(8, ge=1, le=24, description="How long a sign-in lasts, in hours")
    invitation_days: int = Field(
        30,
        ge=1,
        le=90,
        description="How long the code for a pupil can be used, in days: long enough for a letter that lies at home "
        "over a holiday of two weeks, and no longer than somebody remembers having it",
    )
    smtp_host: str = Field("127.0.0.1", description="Mail server")
    smtp_port: int = Field(2525, ge=1, le=65535, description="Port of the mail server")
    smtp_username: str | None = Field(None, description="User name at the mail server")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server")
    smtp_tls: Literal["none", "starttls", "tls"] = Field("none", description="Encryption to the mail server")
    mail_from: str = Field("overstap@overstap.example", description="Sender of mails")
    batch_size: int = Field(500, ge=1, le=5000, description="Records a consumer takes at most in one transaction")
    gap_seconds: float = Field(30, ge=0.5, description="Age at which a hole in a stream is asked for again, in seconds")
    heads_seconds: float = Field(
        3600, ge=1, description="How often a service tells how far its streams have come, in seconds"
    )
    late_input_minutes: int = Field(
        15,
        ge=0,
        le=120,
        description="How long a date rule waits at most for input that is still coming, in minutes",
    )
    audit_hour: int = Field(
        3,
        ge=-1,
        le=23,
        description="Hour of the night, on the Netherlands' wall clock, at which everything is audited; not on virtual "
        "time. -1: never",
    )
    live_seconds: float = Field(
        120, ge=5, description="A worker in which a loop did not turn for so many seconds is not live"
    )
    ready_outbox_seconds: float = Field(
        120, ge=1, description="A worker whose oldest unsent event is older than so many seconds is not ready"
    )
    ready_quarantine_share: float = Field(
        0.05, ge=0, le=1, description="A worker of whose input more than this share waits in quarantine is not ready"
    )
    otlp_endpoint: str | None = Field(
        None,
        validation_alias=AliasChoices("otlp_endpoint", "OVERSTAP_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        description="Collector of traces (OpenTelemetry, OTLP over HTTP), such as http://127.0.0.1:4318; also read "
        "from OTEL_EXPORTER_OTLP_ENDPOINT; without it none are made",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Lowest level that is logged")

    @cached_property
    def clock(self) -> Clock:
        """Business time of this installation."""
        return FileClock(self.data_dir / "clock") if self.virtual_time else SystemClock()

    def source(self, service: str) -> str:
        """The CloudEvents source of a service (NL GOV profile: urn with OIN and system)."""
        return f"urn:nld:oin:{self.source_oin}:systeem:{service}"

    def topic(self, name: str) -> str:
        """Full name of a topic."""
        return f"{self.topic_prefix}.{name}"


def as_environment(settings: Settings) -> dict[str, str]:
    """The environment in which another process reads these same settings: this one's, with every setting in it."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    plain = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in values.items()
    }
    return dict(os.environ) | {
        f"OVERSTAP_{name.upper()}": str(value) for name, value in plain.items() if value is not None
    }


def unknown_variables() -> list[str]:
    """Names in the environment that look like settings and are none: a slip of the pen has no effect unnoticed."""
    known = {f"OVERSTAP_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.startswith("OVERSTAP_") and name.upper() not in known)


def manual() -> str:
    """The settings as a Markdown table, made from the declarations above."""
    rows = [
        "# Settings",
        "",
        "Made from `shared/core/settings.py` by `make docs`; do not edit.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append(f"| `OVERSTAP_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"
