"""Pages: templates, what every page shows, and one message that survives a redirect.

A service keeps its templates in `services/<name>/templates/<name>/`; they extend `base.html`.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.core.actor import MBO_ROLES, OFFICER_ROLES, VO_ROLES, Actor, Role
from shared.core.clock import civil_date
from shared.web import texts
from shared.web.auth import Identity, demo_identities, session_actor, set_cookie
from shared.web.texts import ROOT, marked

TEMPLATES = ROOT / "shared/web/templates"
STATIC = ROOT / "shared/web/static"
FLASH_COOKIE = "overstap_flash"
FLASH_SECONDS = 60

REGIONAL = frozenset({Role.REGION_COORDINATOR, Role.LOB_CONTACT})
"""Who reads figures of a region."""
EVERYBODY = VO_ROLES | MBO_ROLES | OFFICER_ROLES | {Role.OPERATOR}
NAVIGATION: list[tuple[str, str, str, frozenset[Role]]] = [
    ("notifications", "/notifications/", marked("Alerts"), EVERYBODY),
    ("dossier", "/dossier/", marked("Dossiers"), VO_ROLES | MBO_ROLES),
    ("dossier", "/dossier/mine", marked("My overview"), frozenset({Role.PUPIL})),
    ("dossier", "/dossier/mine/career", marked("Loopbaandossier"), frozenset({Role.PUPIL})),
    ("dossier", "/dossier/mine/plus", marked("Plusdocument"), frozenset({Role.PUPIL})),
    ("dossier", "/dossier/mine/sharing", marked("Sharing"), frozenset({Role.PUPIL})),
    ("dossier", "/dossier/mine/readers", marked("Who reads along"), frozenset({Role.PUPIL})),
    ("dossier", "/dossier/feedback/figures", marked("Feedback"), REGIONAL),
    ("intake", "/intake/", marked("Intakes"), MBO_ROLES),
    ("coordination", "/coordination/", marked("Transitions"), EVERYBODY),
    ("signals", "/signals/", marked("Regional picture"), EVERYBODY | REGIONAL),
]
"""Service, path, message id and the roles that see it, in the order of the menu."""

ROLE_NAMES: dict[Role, str] = {
    Role.MENTOR: marked("mentor"),
    Role.DECAAN: marked("careers adviser"),
    Role.CARE_COORDINATOR: marked("care coordinator"),
    Role.PUPIL: marked("pupil"),
    Role.INTAKER: marked("intaker"),
    Role.INTAKE_COORDINATOR: marked("intake coordinator"),
    Role.SLBER: marked("study career adviser"),
    Role.LEERPLICHT: marked("school attendance officer"),
    Role.DOORSTROOMPUNT: marked("Doorstroompunt officer"),
    Role.REGION_COORDINATOR: marked("regional coordinator"),
    Role.LOB_CONTACT: marked("LOB contact of the region"),
    Role.SCHOOL_SYSTEM: marked("school system"),
    Role.OPERATOR: marked("operator"),
    Role.SYSTEM: marked("Overstap itself"),
}


@dataclass(frozen=True, slots=True)
class Undo:
    """A button beside a message: sends `fields` to `action`."""

    action: str
    fields: Mapping[str, str] = field(default_factory=dict)


def render(request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
    """A page. Shows and forgets the message of the request before it."""
    flash = _flash(request)
    html = (
        environment()
        .get_template(template)
        .render(
            request=request,
            flash=flash,
            late_messages=getattr(request.state, "late_messages", False),
            demo=request.app.state.settings.demo,
            today=civil_date(request.app.state.settings.clock.now()),
            **_person(request),
            **context,
        )
    )
    response = HTMLResponse(html, status_code)
    if flash:
        response.delete_cookie(FLASH_COOKIE)
    return response


def redirect(request: Request, path: str, message: str | None = None, undo: Undo | None = None) -> Response:
    """After a POST: go to `path` (303) and say there, once, what happened.

    The message may name a person: it travels encrypted.
    """
    response = RedirectResponse(path, 303)
    if message:
        state = request.app.state
        flash = json.dumps({"text": message, "undo": asdict(undo) if undo else None}).encode()
        set_cookie(response, FLASH_COOKIE, state.keys.encrypt_flash(flash), state.settings, max_age=FLASH_SECONDS)
    return response


@cache
def environment() -> Environment:
    """The templates of shared/web and of every service."""
    folders = [TEMPLATES, *sorted(ROOT.glob("services/*/templates"))]
    env = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_translations(texts.translations(), newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {
        "date": texts.in_words,
        "date_short": texts.in_short,
        "datetime": texts.moment,
        "number": texts.number,
    }
    env.globals |= {"static": static}
    return env


@cache
def static(name: str) -> str:
    """Address of a file in `static/`; changes with the content, so that browsers may keep it."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:8]}"


def _person(request: Request) -> dict[str, Any]:
    actor = getattr(request.state, "actor", None) or session_actor(request)
    return {"actor": actor, "identity": identity_of(request, actor), "navigation": _navigation(request, actor)}


def identity_of(request: Request, actor: Actor | None) -> Identity | None:
    """The made-up person behind an actor of the demo."""
    people = demo_identities(request.app.state.settings) if actor else []
    return next((person for person in people if person.actor == actor), None)


def _navigation(request: Request, actor: Actor | None) -> list[dict[str, Any]]:
    shown = [
        (path, msgid)
        for service, path, msgid, roles in NAVIGATION
        if actor and actor.role in roles and service in request.app.state.mounted
    ]
    here = max((path for path, _ in shown if request.url.path.startswith(path)), key=len, default="")
    return [{"href": path, "text": texts.gettext(msgid), "current": path == here} for path, msgid in shown]


def _flash(request: Request) -> dict[str, Any] | None:
    cookie = request.cookies.get(FLASH_COOKIE)
    content = request.app.state.keys.decrypt_flash(cookie) if cookie else None
    return json.loads(content) if content else None
