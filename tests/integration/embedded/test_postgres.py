"""The embedded PostgreSQL keeps what was committed, and never outlives whoever started it."""

import multiprocessing
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from shared.core.errors import Unavailable
from shared.local.postgres import Postgres, let_pass, let_read

pytestmark = pytest.mark.chaos


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="overstap-") as folder:
        yield Path(folder)


@pytest.fixture
def server(data_dir: Path) -> Iterator[Postgres]:
    server = Postgres(data_dir)
    server.start()
    yield server
    server.stop()


async def test_committed_rows_survive_kill_9_of_the_server(server: Postgres) -> None:
    conn = await asyncpg.connect(server.url())
    await conn.execute("CREATE TABLE kept (n int)")
    await conn.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    url, pid = server.url(), server.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(10)
    assert not server.alive()

    server.start()
    assert server.url() == url
    conn = await asyncpg.connect(server.url())
    assert await conn.fetchval("SELECT count(*) FROM kept") == 1000
    await conn.close()


async def test_the_database_speaks_utf8_and_writes_through_to_disk(server: Postgres) -> None:
    conn = await asyncpg.connect(server.url())
    try:
        assert await conn.fetchval("SHOW server_encoding") == "UTF8"
        assert await conn.fetchval("SHOW fsync") == "on"
        assert await conn.fetchval("SHOW max_connections") == "200"
        assert await conn.fetchval("SELECT upper('zoë')") == "ZOË"
    finally:
        await conn.close()


async def test_a_wrong_password_is_refused_and_the_right_one_is_for_its_owner_alone(
    server: Postgres, data_dir: Path
) -> None:
    password = (data_dir / "postgres.password").read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url().replace(password, "guess"))
    assert (data_dir / "postgres.password").stat().st_mode & 0o777 == 0o600


def test_another_process_learns_the_address_from_the_data_directory(server: Postgres, data_dir: Path) -> None:
    assert Postgres(data_dir).url() == server.url()
    with pytest.raises(Unavailable, match="there is no embedded database"):
        Postgres(data_dir / "elsewhere").url()


def test_folders_are_opened_to_another_user_no_further_than_needed(data_dir: Path) -> None:
    inside = data_dir / "package" / "bin"
    inside.mkdir(parents=True)
    (inside / "program").touch(mode=0o700)
    (inside / "text").touch(mode=0o600)
    inside.chmod(0o700)
    inside.parent.chmod(0o700)
    let_pass(inside)
    assert [path.stat().st_mode & 0o777 for path in (inside.parent, inside)] == [0o701, 0o700]
    let_read(inside)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (inside, *inside.iterdir())}
    assert modes == {"bin": 0o705, "program": 0o705, "text": 0o604}


def test_another_port_is_taken_when_the_remembered_one_is_in_use(server: Postgres, data_dir: Path) -> None:
    server.stop()
    with socket.create_server(("127.0.0.1", server.port)):
        second = Postgres(data_dir)
        second.start()
        assert second.port != server.port
        second.stop()


def test_a_pid_file_that_names_a_stranger_does_not_stop_it(server: Postgres, data_dir: Path) -> None:
    pid_file = data_dir / "postgres" / "postmaster.pid"
    left = pid_file.read_text()
    pid = server.pid
    server.stop()
    pid_file.write_text(left.replace(str(pid), str(os.getpid()), 1))
    server.start()
    assert server.alive()


def test_a_half_made_data_directory_is_made_again(data_dir: Path) -> None:
    (data_dir / "postgres.new").mkdir()
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18")
    server = Postgres(data_dir)
    server.start()
    server.stop()
    assert not (data_dir / "postgres.new").exists()


def test_it_stops_when_its_parent_is_killed_and_starts_again_at_once(data_dir: Path) -> None:
    # It sleeps until it is killed.
    program = (
        "import pathlib, sys, time; from shared.local.postgres import Postgres;"
        "server = Postgres(pathlib.Path(sys.argv[1])); server.start(); print(server.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, data_dir], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    first = psutil.Process(int(next(line for line in parent.stdout if line.strip().isdigit())))
    parent.kill()
    parent.wait()

    server = Postgres(data_dir)
    server.start()
    assert not first.is_running()
    assert server.alive()
    server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_started_by_root_it_runs_as_somebody_else(server: Postgres) -> None:
    assert psutil.Process(server.pid).uids().effective == pwd.getpwnam("nobody").pw_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_starts_it_too(server: Postgres, data_dir: Path) -> None:
    account = pwd.getpwnam("daemon")
    own = data_dir / "own"
    own.mkdir()
    os.chown(own, account.pw_uid, account.pw_gid)
    child = multiprocessing.get_context("fork").Process(target=_start_as, args=(account, own))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert (own / "postgres").owner() == "daemon"


def _start_as(account: pwd.struct_passwd, data_dir: Path) -> None:
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    server = Postgres(data_dir)
    server.start()
    server.stop()
