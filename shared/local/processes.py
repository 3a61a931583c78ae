"""Operating system processes of the embedded stack: none outlives the process that started it."""

import ctypes
import os
import pwd
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from shared.core.logging import get_logger

GRACE = 10.0  # seconds between SIGTERM and SIGKILL
LONGEST_REST = 10.0  # seconds between two restarts of a process that keeps dying
_PORTS = range(20000, 32000)  # below the ports that systems lend to outgoing connections
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def free_port(*, avoid: int | None = None) -> int:
    """A port on 127.0.0.1 that nobody listens on.

    Never one that the system may lend to an outgoing connection: a client that keeps trying a dead port in that
    range can end up connected to itself.
    """
    for port in random.sample(_PORTS, len(_PORTS)):
        if port != avoid and port_is_free(port):
            return port
    raise OSError("no free port on 127.0.0.1")


def port_is_free(port: int) -> bool:
    """Whether this port on 127.0.0.1 can be listened on now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def port_answers(port: int) -> bool:
    """Whether somebody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def spawn(
    command: Sequence[str | Path],
    log: Path,
    environment: Mapping[str, str],
    *,
    orphaned: signal.Signals = signal.SIGKILL,
    account: pwd.struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process that gets the signal `orphaned` from the kernel when we are gone, however we ended (Linux).

    To the kernel the parent is the *thread* that starts the process: call this from the main thread. `account` is
    the user to run as, for root only.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            # The other user may not be able to look at our working folder.
            cwd="/" if account else None,
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=[] if account else None,
            # Ctrl-C reaches the supervisor only, which ends everything in order.
            start_new_session=True,
            preexec_fn=_ended_with_parent(orphaned),
        )


def _ended_with_parent(ending: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, ending)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, told apart from a later one that got the same number."""

    pid: int
    created: float

    @classmethod
    def of(cls, pid: int) -> "Identity":
        """Identity of a running process of ours."""
        return cls(pid, psutil.Process(pid).create_time())

    def process(self) -> psutil.Process | None:
        """The process while it lives, None afterwards."""
        try:
            found = psutil.Process(self.pid)
            same = found.create_time() == self.created and found.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return None
        return found if same else None

    def kill(self) -> None:
        """End it at once and wait until it is gone; nothing when it was gone already."""
        if process := self.process():
            process.kill()
            process.wait(GRACE)


class Child:
    """A Python module run as a process of its own, with its output in a log file."""

    def __init__(self, name: str, arguments: Sequence[str], environment: Mapping[str, str], logs: Path):
        self.name, self.log = name, logs / f"{name}.log"
        self._arguments, self._environment = list(arguments), dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._rest, self._not_before = 0.0, 0.0

    @property
    def pid(self) -> int | None:
        """Process id of the last start, None before the first."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Run ``python -m <arguments>``."""
        self._process = spawn([sys.executable, "-m", *self._arguments], self.log, self._environment)
        self._not_before = time.monotonic() + self._rest

    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def revive(self) -> bool:
        """Start it again when it ended unasked; one that keeps dying rests longer each time. True when started."""
        if self._process is None or self.alive() or time.monotonic() < self._not_before:
            return False
        get_logger().warning("process_died", process=self.name, code=self._process.returncode)
        lived = time.monotonic() - self._not_before + self._rest
        self._rest = 0.0 if lived > LONGEST_REST else min(max(0.5, 2 * self._rest), LONGEST_REST)
        self.start()
        return True

    def stop(self, grace: float = GRACE) -> None:
        """Ask it to end, insist after `grace` seconds, and wait until it is gone."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
