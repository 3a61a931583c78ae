"""Idempotency-Key on writes: a request that comes again is answered as the first time, and carried out once."""

import re
from collections.abc import Awaitable, Callable
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, OverstapError
from shared.storage.once import ONCE, Answer, Once, Repeated, answered, give_back, keep

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
_KEY = re.compile(r'"?([A-Za-z0-9_-]{1,64})"?')
MALFORMED = Fault("/header/Idempotency-Key", "A key of your own: 1 to 64 letters, digits, - or _", "invalid")
USED = Fault("/header/Idempotency-Key", "A new key: another request came with this one", "key_used")


class AnswerLost(OverstapError):
    """A request with this key was carried out, or is being; its answer is not there. HTTP 409."""


async def once(request: Request, actor: Actor, handle: Callable[[Request], Awaitable[Response]]) -> Response:
    """Carry a request out, unless one with the same key was. Raises `Invalid` when the key is another request's."""
    asked = await _asked(request)
    database = request.app.state.database
    if found := await answered(database, actor, asked.key):
        return _again(found, asked)
    token = ONCE.set(asked)
    try:
        response = await handle(request)
    except Repeated:
        found = await answered(database, actor, asked.key)
        if found is None:
            raise AnswerLost(asked.key) from None
        return _again(found, asked)
    except Exception:
        if asked.claimed:
            await give_back(database, actor, asked.key)
        raise
    finally:
        ONCE.reset(token)
    if asked.claimed:
        await keep(database, actor, asked.key, response.status_code, bytes(response.body))
    return response


def keep_no_answer() -> None:
    """The present answer holds a secret and is kept nowhere: who asks again hears that it was carried out."""
    if asked := ONCE.get():
        asked.claimed = False


async def _asked(request: Request) -> Once:
    found = _KEY.fullmatch(request.headers[HEADER].strip())
    if not found:
        raise Invalid([MALFORMED])
    digest = sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    digest.update(await request.body())
    return Once(found[1], digest.digest())


def _again(found: Answer, asked: Once) -> Response:
    if found.fingerprint != asked.fingerprint:
        raise Invalid([USED])
    if found.status is None:
        raise AnswerLost(asked.key)
    return Response(found.body, found.status, {REPLAYED: "true"}, "application/json")
