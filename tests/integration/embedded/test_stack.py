"""One supervisor keeps the embedded stack up, and leaves nothing behind however it ends."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.local import stack as stack_module
from shared.local import state
from shared.local.processes import free_port
from shared.local.stack import AlreadyUp, Stack
from shared.messaging import address
from shared.messaging.topics import catalogued, describe_topics

pytestmark = pytest.mark.chaos
PATIENCE = 30.0  # seconds


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="overstap-") as folder:
        yield Path(folder)


@pytest.fixture
async def stack(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stack]:
    monkeypatch.setattr(stack_module, "PROGRAM", ("tests.integration.embedded.pretender",))
    stack = Stack(Settings(_env_file=None, data_dir=data_dir, web_port=0))
    yield stack
    await stack.close()


@pytest.fixture
def supervisor(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.embedded.supervised", data_dir], stdout=subprocess.PIPE, text=True
    )
    _read_until(process, "up")
    yield process
    process.kill()
    process.wait()


async def test_everything_runs_and_stands_in_the_state_file(stack: Stack, data_dir: Path) -> None:
    await stack.up()
    written = state.read(data_dir)
    assert written is not None
    assert written.alive
    assert set(written.processes) == {"postgres", "broker", "web", "worker"}
    assert all(identity.process() for identity in written.processes.values())
    log = data_dir / "logs" / "worker.log"
    await _until(lambda: log.read_text() == f"worker {data_dir} True\n")
    servers, _ = address.bootstrap(stack.settings)
    topics = catalogued(stack.settings)
    assert await describe_topics(servers, topics) == dict.fromkeys(topics, 12)


async def test_the_database_is_prepared_before_the_history_and_the_history_before_the_address(
    stack: Stack, data_dir: Path
) -> None:
    order: list[str] = []

    async def on_database_started(url: str) -> None:
        conn = await asyncpg.connect(url)
        await conn.close()
        order.append("database")

    async def on_broker_started(generation: int) -> int:
        order.append(f"broker {generation}")
        with pytest.raises(Unavailable):
            address.bootstrap(stack.settings)
        return 0

    await stack.up(
        web=False, worker=False, on_database_started=on_database_started, on_broker_started=on_broker_started
    )
    assert order == ["database", "broker 1"]
    assert address.bootstrap(stack.settings)[1] == 1


async def test_each_part_that_is_killed_is_started_again(stack: Stack, data_dir: Path) -> None:
    generations: list[int] = []

    async def on_broker_started(generation: int) -> int:
        generations.append(generation)
        return 0

    await stack.up(on_broker_started=on_broker_started)
    for name in ("web", "worker", "broker", "postgres"):
        await _kill(data_dir, name)
    assert generations == [1, 2]
    await _until(lambda: address.published(data_dir)[0] is not None)
    conn = await asyncpg.connect(str(stack.settings.database_url))
    await conn.close()


async def test_a_history_that_fails_is_tried_again_with_a_new_broker_before_the_address_is_told(
    stack: Stack, data_dir: Path
) -> None:
    generations: list[int] = []

    async def on_broker_started(generation: int) -> int:
        generations.append(generation)
        if generation == 2:
            raise Unavailable("the database is away")
        return 0

    await stack.up(web=False, worker=False, on_broker_started=on_broker_started)
    os.kill(_pids(data_dir)["broker"], signal.SIGKILL)
    await _until(lambda: address.published(data_dir) == (stack.broker and stack.broker.bootstrap, 3))
    assert generations == [1, 2, 3]


async def test_a_second_stack_on_the_same_data_directory_is_refused(stack: Stack, data_dir: Path) -> None:
    await stack.up(web=False, worker=False)
    told = address.published(data_dir)
    with pytest.raises(AlreadyUp, match="already runs on"):
        async with Stack(Settings(_env_file=None, data_dir=data_dir)) as second:
            await second.up(web=False, worker=False)
    assert address.published(data_dir) == told
    assert _pids(data_dir)
    assert stack.postgres
    assert stack.postgres.alive()


async def test_given_servers_are_used_and_nothing_is_started_in_their_place(
    kafka: str, database_url: str, make_settings: Callable[..., Settings]
) -> None:
    async def history_of_a_broker_that_forgets(_: int) -> int:
        raise AssertionError("a given broker keeps what it has")

    given = make_settings(kafka_bootstrap_servers=kafka, database_url=database_url, web_port=0)
    async with Stack(given) as stack:
        await stack.up(web=False, worker=False, on_broker_started=history_of_a_broker_that_forgets)
        topics = catalogued(given)
        assert await describe_topics(kafka, topics) == dict.fromkeys(topics, 12)
        assert _pids(given.data_dir) == {}
        assert stack.settings.database_url == database_url


async def test_a_taken_web_port_is_named_and_nothing_is_left_running(data_dir: Path) -> None:
    port = free_port()
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    with pytest.raises(Unavailable, match=f"port {port} is in use"):
        await Stack(Settings(_env_file=None, data_dir=data_dir, web_port=port)).up()
    server.close()
    assert not _processes_of(data_dir)


async def test_programs_that_do_not_start_are_reported_with_their_log(
    stack: Stack, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_module, "PROGRAM", ("no.such.module",))
    with pytest.raises(Unavailable, match=r"the pages do not start; see .*web\.log"):
        await stack.up()
    assert not _processes_of(data_dir)


def test_a_killed_supervisor_leaves_no_process_and_the_next_one_starts_at_once(
    supervisor: subprocess.Popen[str], data_dir: Path
) -> None:
    assert len(_processes_of(data_dir)) >= 2
    supervisor.kill()
    supervisor.wait()
    with subprocess.Popen(supervisor.args, stdout=subprocess.PIPE, text=True) as second:
        _read_until(second, "up")
        assert state.down(data_dir)
        _read_until(second, "closed")
    _wait_until_nothing_runs(data_dir)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_supervisor_asked_to_end_closes_everything_in_order(
    supervisor: subprocess.Popen[str], data_dir: Path, ending: signal.Signals
) -> None:
    supervisor.send_signal(ending)
    _read_until(supervisor, "closed")
    assert supervisor.wait(PATIENCE) == 0
    assert state.read(data_dir) is None
    assert address.published(data_dir)[0] is None
    assert not _processes_of(data_dir)
    assert "database system is shut down" in (data_dir / "logs" / "postgres.log").read_text()


def test_down_ends_the_supervisor_and_no_stranger_with_its_number(
    supervisor: subprocess.Popen[str], data_dir: Path
) -> None:
    written = data_dir / "stack.json"
    content = written.read_text()
    written.write_text(content.replace('"created": ', '"created": 1'))
    assert not state.down(data_dir)
    assert supervisor.poll() is None
    written.write_text(content)
    assert state.down(data_dir)
    _read_until(supervisor, "closed")
    assert not state.down(data_dir)


async def _kill(data_dir: Path, name: str) -> None:
    """Kill one part and wait until another one is in its place."""
    victim = _pids(data_dir)[name]
    os.kill(victim, signal.SIGKILL)
    await _until(lambda: _pids(data_dir)[name] != victim)


def _pids(data_dir: Path) -> dict[str, int]:
    written = state.read(data_dir)
    return {name: identity.pid for name, identity in written.processes.items()} if written else {}


def _processes_of(data_dir: Path) -> list[psutil.Process]:
    """Every process that writes to a log of this data directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(OSError):
            if Path(f"/proc/{process.pid}/fd/1").readlink().is_relative_to(data_dir):
                found.append(process)
    return found


def _read_until(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert any(line.strip() == word for line in process.stdout), f"it ended without saying '{word}'"


def _wait_until_nothing_runs(data_dir: Path) -> None:
    psutil.wait_procs(_processes_of(data_dir), PATIENCE)
    assert not _processes_of(data_dir)


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.05)
