"""A worker that is told to end does, whatever its libraries do with a cancellation."""

import asyncio
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest

from shared import service
from shared.messaging.outbox import Transport
from shared.service import _ended, _every, _forever, _lasting

SIDE = cast(Transport, SimpleNamespace(service="signals"))


class Swallowing:
    """As `asyncio.wait_for` of Python 3.11 does when its answer comes in the same turn."""

    def __init__(self) -> None:
        self.under_way = asyncio.Event()

    async def __call__(self, *_: Any) -> None:
        self.under_way.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


@pytest.mark.timeout(30)
async def test_a_job_whose_cancellation_was_swallowed_is_not_begun_again() -> None:
    job = Swallowing()
    task = asyncio.create_task(_forever("job", SIDE, job))
    await job.under_way.wait()
    task.cancel()
    await task


@pytest.mark.timeout(30)
async def test_work_of_the_leader_whose_cancellation_was_swallowed_ends_without_complaint() -> None:
    job = Swallowing()
    task = asyncio.create_task(_lasting(_every(0, job)))
    await job.under_way.wait()
    task.cancel()
    await task


async def test_work_of_the_leader_that_ends_unasked_is_loud() -> None:
    with pytest.raises(RuntimeError):
        await _lasting(asyncio.sleep(0))


@pytest.mark.timeout(30)
async def test_who_does_not_end_in_time_is_waited_for_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "END_SECONDS", 0.05)
    over = asyncio.Event()

    async def stubborn() -> None:
        while not over.is_set():
            with suppress(asyncio.CancelledError):
                await over.wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)  # one turn: it is now under way
    await _ended([task])
    assert not task.done()
    over.set()
    await task
