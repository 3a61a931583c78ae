"""The tables of organisations as partners, in memory: what they were heard and what must be done about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.coordination.domain.case import Case
from services.coordination.domain.partners.partner import Part, Partner
from services.coordination.store.partners import Standing

Memory = Any
"""Whatever has `partners` and `cases`."""


async def standing(memory: Memory, codes: Iterable[str]) -> dict[str, Standing]:
    found = (memory.partners[code] for code in sorted(codes) if code in memory.partners)
    return {p.code: Standing(p.code, p.known_at, p.heard_at, p.active, p.awaited, p.silence is not None) for p in found}


async def note(memory: Memory, seen: Mapping[str, tuple[datetime, datetime | None]]) -> None:
    for code, (known, heard) in seen.items():
        before = memory.partners.get(code) or Partner(code, known)
        told = [at for at in (before.heard_at, heard) if at]
        after = replace(before, known_at=min(known, before.known_at), heard_at=max(told, default=None))
        memory.partners = {**memory.partners, code: after}


async def load(memory: Memory, codes: Iterable[str]) -> dict[str, Partner]:
    return {code: in_hand(memory.partners[code]) for code in sorted(set(codes)) if code in memory.partners}


def in_hand(one: Partner) -> Partner:
    """The organisation as a handler gets it: what is done is in the tables alone."""
    return replace(one, tasks={key: task for key, task in one.tasks.items() if task.open})


async def parts(memory: Memory, codes: Iterable[str]) -> dict[str, Part]:
    found: dict[str, Part] = {}
    for case in (case for case in memory.cases.values() if case.open):
        for code in set(codes) & _involved(case):
            before, at = found.get(code, Part()), case.transition
            tells = before.tells or code == next(iter(at.live), at.origin)
            region = min((one for one in (before.region, at.region) if one), default=None)
            found[code] = Part(True, tells, region)
    return found


def _involved(case: Case) -> set[str]:
    at = case.transition
    assert at
    return {code for code in (at.origin, at.residence, at.region, case.holder.organisation, *at.live) if code}


async def save(memory: Memory, changed: Sequence[Partner]) -> None:
    for one in changed:
        tasks = {**memory.partners[one.code].tasks, **one.tasks}
        memory.partners = {**memory.partners, one.code: replace(one, tasks=tasks)}


async def touched(memory: Memory, codes: Iterable[str]) -> list[str]:
    wanted = set(codes)
    owners = {
        code
        for code, one in memory.partners.items()
        for task in one.tasks.values()
        if task.open and task.owner.organisation in wanted
    }
    return sorted(owners | (wanted & set(memory.partners)))


async def known(memory: Memory) -> list[str]:
    return sorted(memory.partners)
