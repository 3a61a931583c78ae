"""What runs on a data directory, written down for ``overstap status`` and ``overstap down``."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from shared.local.processes import Identity

DOWN_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class State:
    """A stack as it was last written down."""

    supervisor: Identity
    processes: dict[str, Identity]
    addresses: dict[str, str]

    @property
    def alive(self) -> bool:
        """Whether its supervisor runs."""
        return self.supervisor.process() is not None


def write(data_dir: Path, pids: Mapping[str, int], addresses: Mapping[str, str]) -> None:
    """Note the processes and addresses of the stack that this process supervises."""
    state = State(Identity.of(os.getpid()), _identities(pids), dict(addresses))
    fresh = data_dir / "stack.json.new"
    fresh.write_text(json.dumps(asdict(state), indent=2))
    fresh.replace(data_dir / "stack.json")


def read(data_dir: Path) -> State | None:
    """The stack last started on this data directory; None when it was closed properly or never started."""
    try:
        content = json.loads((data_dir / "stack.json").read_text())
    except FileNotFoundError:
        return None
    processes = {name: Identity(**identity) for name, identity in content["processes"].items()}
    return State(Identity(**content["supervisor"]), processes, content["addresses"])


def forget(data_dir: Path) -> None:
    """Nothing runs here any more."""
    (data_dir / "stack.json").unlink(missing_ok=True)


def down(data_dir: Path) -> bool:
    """Ask the supervisor to end the stack, and wait. False when none runs.

    A supervisor that does not end within a minute is killed, and what it left with it.
    """
    state = read(data_dir)
    supervisor = state.supervisor.process() if state else None
    if supervisor is None:
        return False
    supervisor.terminate()
    try:
        supervisor.wait(DOWN_WITHIN)
    except psutil.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    end_leftovers(data_dir)
    return True


def end_leftovers(data_dir: Path) -> None:
    """End what a killed supervisor left, where the kernel did not do so; the database ends itself in order."""
    state = read(data_dir)
    if state is None:
        return
    for name, identity in state.processes.items():
        if name != "postgres":
            identity.kill()
    forget(data_dir)


def _identities(pids: Mapping[str, int]) -> dict[str, Identity]:
    found: dict[str, Identity] = {}
    for name, pid in pids.items():
        # One that died this instant is started again and noted then.
        if psutil.pid_exists(pid):
            found[name] = Identity.of(pid)
    return found
