"""Who is asking: a bearer token on the API, a session cookie on the pages.

Session and token lifetimes are wall-clock time: virtual time never signs anybody out.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from shared.core.actor import Actor, Role
from shared.core.clock import SystemClock
from shared.core.errors import Forbidden, OverstapError
from shared.core.keys import AUDIENCE, Keys, api_keys_path
from shared.core.settings import Settings

API_ALGORITHMS = ["RS256", "ES256", "Ed25519", "EdDSA"]
SESSION_COOKIE = "overstap_session"
SESSION_AUDIENCE = "overstap-pages"
PUPIL_DOOR = "/dossier/mine/signin"
"""Where pupils sign in, with an invitation code of their school."""
LATE_SECONDS = 120
"""Age of the oldest waiting event from which the pages say that messages go out later."""

_bearer = HTTPBearer(
    scheme_name="bearer", auto_error=False, bearerFormat="JWT", description="JWT with organisation, role and sub"
)


class TokenNeeded(OverstapError):
    """No valid bearer token. HTTP 401."""


class SignInNeeded(OverstapError):
    """No valid session. The page sends the person to the sign-in page and back to `destination`."""

    def __init__(self, destination: str, *, ours: bool = True):
        self.destination, self.ours = destination, ours
        super().__init__("not signed in")

    @property
    def location(self) -> str:
        """Where to sign in: staff at the front door, pupils at their own."""
        return f"/signin?{urlencode({'next': self.destination})}" if self.ours else self.destination


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody made up who can be chosen on the sign-in page of a demo."""

    organisation: str
    organisation_name: str
    role: Role
    person_ref: str
    name: str

    @property
    def actor(self) -> Actor:
        return Actor(self.organisation, self.role, self.person_ref)


async def api_actor(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]
) -> Actor:
    """The actor in the bearer token, as a FastAPI dependency; `TokenNeeded` when there is no valid one."""
    if credentials is None:
        raise TokenNeeded("a bearer token is needed")
    actor = token_actor(credentials.credentials, request.app.state.settings)
    request.state.actor = actor
    return actor


def sender(request: Request) -> Actor | None:
    """The actor in the bearer token of a request; None when there is no valid one."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        return token_actor(token, request.app.state.settings) if kind.lower() == "bearer" else None
    except TokenNeeded:
        return None


def token_actor(token: str, settings: Settings) -> Actor:
    """The actor in an API token, checked against the public keys of the installation."""
    path = api_keys_path(settings)
    try:
        keys = _public_keys(path, path.stat().st_mtime_ns)
        claims = jwt.decode(token, keys, algorithms=API_ALGORITHMS).claims
        return _actor(claims, AUDIENCE)
    except (JoseError, ValueError, KeyError) as error:
        raise TokenNeeded("the bearer token is not valid") from error


async def page_actor(request: Request) -> Actor:
    """The member of staff in the session cookie, as a FastAPI dependency; `SignInNeeded` when there is none.

    A pupil is `Forbidden` everywhere but on the pages that ask for :func:`pupil_actor`.
    """
    actor = session_actor(request)
    if actor is None:
        raise SignInNeeded(_destination(request))
    if actor.role is Role.PUPIL:
        raise Forbidden("a pupil sees their own pages only")
    age = getattr(request.app.state, "outbox_age", None)
    seconds = await age() if age else None
    request.state.late_messages = seconds is not None and seconds > LATE_SECONDS
    return actor


async def pupil_actor(request: Request) -> Actor:
    """The pupil in the session cookie, as a FastAPI dependency. Anybody else must sign in as a pupil."""
    actor = session_actor(request)
    if actor is None or actor.role is not Role.PUPIL:
        raise SignInNeeded(PUPIL_DOOR, ours=False)
    return actor


def session_actor(request: Request) -> Actor | None:
    """The actor in the session cookie, or None."""
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        return None
    try:
        claims = jwt.decode(cookie, request.app.state.keys.session, algorithms=["HS256"]).claims
        actor = _actor(claims, SESSION_AUDIENCE)
    except (JoseError, ValueError, KeyError):
        return None
    request.state.actor = actor
    return actor


def require(actor: Actor, *roles: Role) -> None:
    """Raise `Forbidden` unless the actor has one of these roles."""
    if actor.role not in roles:
        raise Forbidden(f"the role {actor.role} may not do this")


def sign_in(response: Response, actor: Actor, keys: Keys, settings: Settings) -> None:
    """Put a session cookie on the response. It holds codes only, never a name."""
    lifetime = timedelta(hours=settings.session_hours)
    claims = {
        "aud": SESSION_AUDIENCE,
        "sub": actor.person_ref,
        "organisation": actor.organisation,
        "role": actor.role.value,
        "exp": int((SystemClock().now() + lifetime).timestamp()),
    }
    token = jwt.encode({"alg": "HS256"}, claims, keys.session)
    set_cookie(response, SESSION_COOKIE, token, settings, max_age=int(lifetime.total_seconds()))


def set_cookie(response: Response, name: str, value: str, settings: Settings, *, max_age: int) -> None:
    """A cookie that scripts can not read and other sites can not send along."""
    secure = settings.public_url.startswith("https:")
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=secure)


def demo_identities(settings: Settings) -> list[Identity]:
    """The made-up people of a demo; none outside demo mode."""
    path = settings.data_dir / "demo-identities.json"
    if not settings.demo or not path.exists():
        return []
    return [Identity(**{**row, "role": Role(row["role"])}) for row in json.loads(path.read_text())]


@lru_cache(maxsize=4)
def _public_keys(path: Path, _changed: int) -> KeySet:
    """Read again when the file changes, so that keys can be replaced without a restart."""
    keys = KeySet.import_key_set(json.loads(path.read_text()))
    if any(isinstance(key, OctKey) for key in keys.keys):
        raise ValueError(f"{path} holds a secret key")
    return keys


def _actor(claims: dict[str, Any], audience: str) -> Actor:
    registry = jwt.JWTClaimsRegistry(
        exp={"essential": True},
        aud={"essential": True, "value": audience},
        organisation={"essential": True},
        role={"essential": True},
        sub={"essential": True},
    )
    registry.validate(claims)
    role = Role(claims["role"])
    if role is Role.SYSTEM or (role is Role.PUPIL and audience != SESSION_AUDIENCE):
        raise ValueError("nobody signs in as Overstap itself, and pupils use pages only")
    return Actor(str(claims["organisation"]), role, str(claims["sub"]))


def _destination(request: Request) -> str:
    """Back to the same page after signing in; a form that was sent is not sent again."""
    if request.method not in ("GET", "HEAD"):
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")
