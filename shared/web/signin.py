"""The pages of no service in particular: start, sign in, sign out. Signing in without a password is for demos only."""

from itertools import groupby
from operator import attrgetter

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.web.auth import SESSION_COOKIE, Identity, demo_identities, session_actor, sign_in
from shared.web.pages import ROLE_NAMES, render
from shared.web.tour import ABOUT, STEPS, STOPS


async def start(request: Request) -> Response:
    """Who you are and where you can go."""
    actor = session_actor(request)
    stops = STOPS.get(actor.role, ()) if actor else ()
    return render(request, "start.html", role_names=ROLE_NAMES, stops=stops, steps=STEPS)


async def choose(request: Request) -> Response:
    """The made-up people of a demo, by organisation in the order in which pupils pass them."""
    people = [(name, list(staff)) for name, staff in groupby(_people(request), attrgetter("organisation_name"))]
    destination = _safe(request.query_params.get("next"))
    return render(request, "signin.html", people=people, role_names=ROLE_NAMES, about=ABOUT, next=destination)


async def enter(request: Request) -> Response:
    """Become one of the made-up people."""
    people = _people(request)
    form = await request.form()
    person = next((p for p in people if str(p.person_ref) == form.get("person_ref")), None)
    if person is None:
        raise NotFound
    response = RedirectResponse(_safe(form.get("next")), 303)
    sign_in(response, person.actor, request.app.state.keys, request.app.state.settings)
    return response


async def leave(_request: Request) -> Response:
    """End the session."""
    response = RedirectResponse("/", 303)
    response.delete_cookie(SESSION_COOKIE)
    return response


ROUTES = [
    Route("/", start),
    Route("/signin", choose),
    Route("/signin", enter, methods=["POST"]),
    Route("/signout", leave, methods=["POST"]),
]


def _people(request: Request) -> list[Identity]:
    settings: Settings = request.app.state.settings
    if not settings.demo:
        raise NotFound
    return demo_identities(settings)


def _safe(destination: object) -> str:
    """A path of this site, never another one: browsers read ``//`` and ``/\\`` as the start of a host."""
    path = str(destination or "/")
    return path if path.startswith("/") and path[1:2] not in ("/", "\\") and path.isprintable() else "/"
