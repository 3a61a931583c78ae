"""`overstap doctor`: what is wrong with an installation and what to do about it. Changes nothing, sends no mail."""

import asyncio
import json
import shutil
import stat
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

import aiosmtplib
from joserfc.errors import JoseError

from shared.core import reference
from shared.core.clock import FileClock, SystemClock, civil_date
from shared.core.errors import Invalid, Rejected, Unavailable
from shared.core.keys import Keys, api_keys_path, keys_path, load_keys
from shared.core.reference.coverage import lacking
from shared.core.settings import Settings, unknown_variables
from shared.messaging.address import bootstrap, client_arguments
from shared.messaging.topics import catalogued, describe_topics, other_retention
from shared.operate.quiet import SQL, reader
from shared.schemas.catalog import SERVICES, TOPICS
from shared.storage.migrate import StaleSchema, check
from shared.storage.pool import role_of

Grade = Literal["away", "wrong", "advice"]
WITHIN = 30.0  # seconds per check
OLDEST, NEWEST = 15, 18  # PostgreSQL
APART = timedelta(seconds=2)
LEAST_FREE = 1 << 30  # bytes
TEST_OIN = "00000099"
HERE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    settings: Settings
    embedded: bool
    """Whether it is the embedded stack of a demo, for which the rules of a public installation do not hold."""
    schema: bool = True
    """Whether the database was found well, so that other checks may ask it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    grade: Grade
    """away: a server does not answer; wrong: must be mended; advice: works, and will not always."""
    what: str
    do: str
    check: str = ""
    """Which check found it; :func:`examine` tells."""


Check = Callable[[Patient], Awaitable[list[Finding]]]


async def examine(patient: Patient) -> list[Finding]:
    """Run every check; one that fails does not keep the others from running."""
    found: list[Finding] = []
    for name, look in CHECKS.items():
        try:
            async with asyncio.timeout(WITHIN):
                ills = await look(patient)
        except (Unavailable, TimeoutError) as error:
            ills = [Finding("away", str(error) or "no answer", "start it, or mend its address, account or network")]
        if name == "database" and ills:
            patient = replace(patient, schema=False)
        found += [replace(one, check=name) for one in ills]
    return found


def exit_code(found: list[Finding]) -> int:
    """3 when a server is away, 1 when something is wrong, 0 when there is advice at most."""
    grades = {finding.grade for finding in found}
    return 3 if "away" in grades else 1 if "wrong" in grades else 0


async def settings(patient: Patient) -> list[Finding]:
    """Settings that contradict each other or are unsafe."""
    unknown = [
        Finding("advice", f"{name} is no setting", "mend its name; docs/settings.md lists them")
        for name in unknown_variables()
    ]
    return [*unknown, *_contradictions(patient.settings), *(() if patient.embedded else _unsafe(patient.settings))]


def _contradictions(given: Settings) -> Iterator[Finding]:
    if given.virtual_time and not given.demo:
        yield Finding("wrong", "virtual time outside a demo", "unset OVERSTAP_VIRTUAL_TIME: deadlines would never come")
    if given.smtp_username and not given.smtp_password:
        yield Finding(
            "wrong", "a user name for mail without a password", "set OVERSTAP_SMTP_PASSWORD, or unset the name"
        )
    if given.smtp_password and given.smtp_tls == "none" and given.smtp_host not in HERE:
        yield Finding("wrong", "the mail password would travel unencrypted", "set OVERSTAP_SMTP_TLS to starttls or tls")


def _unsafe(given: Settings) -> Iterator[Finding]:
    """Rules for an installation on servers of its own."""
    address = urlsplit(given.public_url)
    local = address.hostname in HERE
    if given.kafka_security_protocol == "PLAINTEXT":
        yield Finding(
            "advice", "Kafka without accounts and encryption", "set OVERSTAP_KAFKA_SECURITY_PROTOCOL, see settings"
        )
    if given.database_url and not given.kafka_bootstrap_servers:
        yield Finding("wrong", "a database is given and no Kafka", "set OVERSTAP_KAFKA_BOOTSTRAP_SERVERS")
    if given.demo:
        yield Finding("advice" if local else "wrong", "demo mode: sign-in asks no password", "unset OVERSTAP_DEMO")
        return
    if given.source_oin.startswith(TEST_OIN):
        yield Finding(
            "wrong", "events carry an OIN for tests", "set OVERSTAP_SOURCE_OIN to the OIN of your organisation"
        )
    if local:
        yield Finding("advice", "mails point at this computer", "set OVERSTAP_PUBLIC_URL to the address people use")
    elif address.scheme != "https":
        yield Finding("wrong", "the pages are not encrypted", "set OVERSTAP_PUBLIC_URL to an https address")


async def clock(patient: Patient) -> list[Finding]:
    """Business time, and whether this machine and the database agree on the wall clock."""
    now = patient.settings.clock
    if isinstance(now, FileClock) and not now.path.exists():
        return [Finding("wrong", "virtual time without a clock", "start the demo with 'overstap up', which sets it")]
    if not patient.schema:
        return []
    before = SystemClock().now()
    theirs: datetime = await _ask(patient, "SELECT clock_timestamp()")
    apart = abs(theirs - before)
    if apart > APART + (SystemClock().now() - before):
        return [Finding("wrong", f"{apart.total_seconds():.0f} s between here and the database", "run NTP on both")]
    return []


async def dates(patient: Patient) -> list[Finding]:
    """Whether the dated tables are whole, and reach far enough to count deadlines with."""
    try:
        tables = reference.load()
    except Invalid as refused:
        faults = refused.faults
        return [Finding("wrong", f"{one.where}: expected {one.expected}", "mend this table") for one in faults]
    if patient.embedded:
        return []
    missing = lacking(tables, civil_date(SystemClock().now()))
    return [Finding("advice", what, "add the rows, docs/reference.md says which") for what in missing]


async def database(patient: Patient) -> list[Finding]:
    """Version, roles and schema."""
    url = patient.settings.database_url
    if not url:
        raise Unavailable("no database: set OVERSTAP_DATABASE_URL or start the embedded stack with 'overstap up'")
    try:
        await check(url, SERVICES)
    except StaleSchema as error:
        return [Finding("wrong", str(error), "run 'overstap migrate' of this version")]
    version = int(await _ask(patient, "SELECT current_setting('server_version_num')::int")) // 10000
    ills = []
    if not OLDEST <= version <= NEWEST:
        ills.append(Finding("wrong", f"PostgreSQL {version}", f"use PostgreSQL {OLDEST} to {NEWEST}"))
    roles = [role_of(service, side) for service in SERVICES for side in ("web", "worker")]
    lacking = await _ask(patient, SQL["roles_lacking"], roles)
    ills += [Finding("wrong", f"the login is no member of {role}", f"GRANT {role} TO the login") for role in lacking]
    return ills


async def kafka(patient: Patient) -> list[Finding]:
    """Whether every topic is there, with the right number of partitions, and keeps its events long enough."""
    wanted, given = catalogued(patient.settings), patient.settings
    servers, client = bootstrap(given)[0], client_arguments(given)
    present = await describe_topics(servers, wanted, **client)
    ills = [Finding("wrong", f"no topic {name}", "run 'overstap topics'") for name in sorted(wanted.keys() - present)]
    for name, partitions in sorted(present.items()):
        if partitions != given.partitions:
            what = f"{name} has {partitions} partitions, not {given.partitions}"
            ills.append(Finding("wrong", what, "make a new topic under another OVERSTAP_TOPIC_PREFIX and republish"))
    if not patient.embedded:
        kept = await other_retention(servers, {name: wanted[name] for name in present}, **client)
        ills += [
            Finding("wrong", what, "alter the topic, or delete it, run 'overstap topics' and republish")
            for what in kept
        ]
    return ills


async def disk(patient: Patient) -> list[Finding]:
    """Room where this process writes; the disks of the servers are theirs to watch."""
    folder = patient.settings.data_dir
    if not folder.is_dir():
        return [Finding("wrong", f"no folder {folder}", "make it, or set OVERSTAP_DATA_DIR")]
    room = shutil.disk_usage(folder)
    if room.free < LEAST_FREE:
        return [Finding("wrong", f"{room.free >> 20} MB free in {folder}", "make room: at least 1 GB")]
    if room.free < room.total // 20:
        return [Finding("advice", f"less than 5 % free in {folder}", "make room")]
    return []


async def mail(patient: Patient) -> list[Finding]:
    """Whether the mail server lets us in; nothing is sent."""
    given = patient.settings
    server = aiosmtplib.SMTP(
        hostname=given.smtp_host,
        port=given.smtp_port,
        username=given.smtp_username,
        password=given.smtp_password.get_secret_value() if given.smtp_password else None,
        use_tls=given.smtp_tls == "tls",
        start_tls=given.smtp_tls == "starttls",
        timeout=10,
    )
    try:
        async with server:
            await server.noop()
    except aiosmtplib.SMTPAuthenticationError:
        return [Finding("wrong", "the mail server refuses the account", "mend OVERSTAP_SMTP_USERNAME and _PASSWORD")]
    except aiosmtplib.SMTPNotSupported:
        return [Finding("wrong", "the mail server offers no login or no STARTTLS", "mend OVERSTAP_SMTP_TLS or _PORT")]
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unavailable(f"mail server {given.smtp_host}:{given.smtp_port}: {type(error).__name__}") from error
    return []


async def keys(patient: Patient) -> list[Finding]:
    """The secret keys: there, whole, for the owner alone, and those with which the database was written."""
    path, restore = keys_path(patient.settings), "put back the keys of this installation from their own backup"
    try:
        loose = stat.S_IMODE(path.stat().st_mode) & 0o077
        own = _load(patient.settings)
    except FileNotFoundError:
        return [Finding("wrong", f"no keys in {path}", f"'overstap keys' makes them, once; later: {restore}")]
    except PermissionError:
        return [Finding("wrong", f"{path} can not be read", "let the user of these processes read it, and nobody else")]
    except (ValueError, KeyError, TypeError, JoseError):
        return [Finding("wrong", f"{path} does not hold whole keys", restore)]
    ills = [Finding("wrong", f"others than the owner may read {path}", f"chmod 600 {path}")] if loose else []
    if patient.schema and not await _opens(patient, own):
        ills.append(Finding("wrong", "the database was written with other keys", restore))
    return ills


def _load(given: Settings) -> Keys:
    for path in (keys_path(given), api_keys_path(given)):
        path.read_bytes()  # load_keys() would make what is missing
    return load_keys(given)


async def _opens(patient: Patient, own: Keys) -> bool:
    """Whether the newest encrypted event of every service that has one can be read."""
    encrypted = [(t.publisher, t.name) for t in TOPICS.values() if t.encrypted and t.publisher]
    for service, topic in encrypted:
        payload = await _ask(patient, SQL["newest_payload"].format(service=service), topic)
        try:
            if payload:
                own.decrypt(payload)
        except Rejected:
            return False
    return True


async def api_keys(patient: Patient) -> list[Finding]:
    """The public keys that tokens of school systems are checked against."""
    path = api_keys_path(patient.settings)
    try:
        held: list[dict[str, Any]] = json.loads(path.read_text())["keys"]
    except (OSError, ValueError, KeyError, TypeError):
        return [Finding("wrong", f"no readable public keys in {path}", "'overstap keys' writes them")]
    ills = (
        [] if held else [Finding("wrong", f"{path} is empty: every token is refused", "add the keys of your partners")]
    )
    if any("d" in key or key.get("kty") == "oct" for key in held):
        ills.append(Finding("wrong", f"{path} holds secret keys", "keep the public parts only, and replace those keys"))
    return ills


async def _ask(patient: Patient, query: str, *arguments: object) -> Any:
    pool = await reader(patient.settings)
    try:
        async with pool.acquire() as conn:
            return await conn.fetchval(query, *arguments)
    finally:
        await pool.close()


CHECKS: dict[str, Check] = {
    "settings": settings,
    "database": database,
    "clock": clock,
    "dates": dates,
    "kafka": kafka,
    "disk": disk,
    "mail": mail,
    "keys": keys,
    "api-keys": api_keys,
}
