"""Who works where: carrying out what may take pupils from one person to another."""

from dataclasses import replace
from typing import Any

from services.coordination.handlers.presence import Unlocked
from shared.core.actor import Actor
from shared.messaging.outbox import Transport

TRIES = 5


async def carry_out(door: Any, side: Transport, actor: Actor, handler: Any, command: Any) -> Any:
    """Carry out a command, or look at what it would do, with the pupils that it turns out to touch locked first.

    Raises what the handler raises, and `Unavailable` when other pupils are touched each time.
    """
    for _ in range(TRIES - 1):
        try:
            return await door(side, actor, handler, command)
        except Unlocked as missed:
            command = replace(command, pupils=missed.pupils)
    return await door(side, actor, handler, command)
