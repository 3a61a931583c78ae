"""Errors as answers: problem+json (RFC 9457) on the API, a Dutch page elsewhere. Neither echoes what was sent."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match

from shared.core.errors import (
    Fault,
    Forbidden,
    IllegalMove,
    Invalid,
    NotFound,
    OverstapError,
    Rejected,
    Stale,
    Unavailable,
)
from shared.web.api.once import AnswerLost
from shared.web.api.problem import KINDS
from shared.web.auth import SignInNeeded, TokenNeeded
from shared.web.pages import render
from shared.web.texts import marked

RETRY_AFTER_SECONDS = "10"
NAME = re.compile(r"[0-9]{1,3}|[A-Za-z][A-Za-z_-]{0,39}")
"""Of a field, or a place in a list. Nine digits in a row could be a personal number."""
STATUS: dict[type[Exception], tuple[int, str, str]] = {
    Invalid: (400, "invalid", marked("Something is not filled in correctly")),
    Rejected: (400, "rejected", marked("This can not be processed")),
    TokenNeeded: (401, "token-needed", marked("A valid token is needed")),
    Forbidden: (403, "forbidden", marked("You may not see or do this")),
    NotFound: (404, "not-found", marked("This page does not exist")),
    AnswerLost: (409, "answer-lost", marked("This was carried out before")),
    IllegalMove: (409, "illegal-move", marked("This is not possible any more")),
    Stale: (412, "stale", marked("Somebody else changed this before you")),
    Unavailable: (503, "unavailable", marked("This does not work for a moment")),
}
"""Status, kind in the problem type, and title of every expected error."""
HTTP: dict[int, tuple[str, str]] = {
    400: ("invalid", marked("Something is not filled in correctly")),
    404: ("not-found", marked("This page does not exist")),
    405: ("method-not-allowed", marked("This request is not possible")),
    413: ("too-large", marked("This is too large")),
    415: ("media-type", marked("This request is not possible")),
}
"""Kind and title of the errors of the framework; the others are all `http-error`."""


UNREADABLE = Fault("/body", "JSON in UTF-8 (RFC 8259)")


def is_api(request: Request) -> bool:
    """Whether the sender is a program, which gets JSON, or a person, who gets a page."""
    return "/api/" in request.url.path or request.url.path.endswith("/openapi.json")


def install(app: FastAPI | Starlette) -> None:
    """Give an application the handlers of this module."""
    app.add_exception_handler(OverstapError, _overstap_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, bug)


def faults_of(errors: Iterable[Any], prefix: str = "/", translate: Callable[[str], str] = str) -> list[Fault]:
    """Faults of pydantic's error list: place and expectation, never the value."""
    return [
        Fault(prefix + "/".join(map(_step, error["loc"])), _expected(error, translate), _code(error["type"]))
        for error in errors
    ]


def _step(part: object) -> str:
    """One step of a pointer. A name that no field could have was made up by the sender, and may be anything."""
    return str(part) if NAME.fullmatch(str(part)) else "*"


def problem(
    request: Request,
    status: int,
    kind: str,
    title: str,
    *,
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """The answer for one error."""
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status == 503 else {}
    if not is_api(request):
        page = render(request, "error.html", status, title=title, kind=kind, **(extra or {}))
        page.headers.update(headers)
        return page
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="overstap"'
    about = KINDS[kind]
    body = {"type": f"urn:overstap:problem:{kind}", "title": about.title, "status": status, "detail": about.detail}
    return JSONResponse(body | dict(extra or {}), status, headers, media_type="application/problem+json")


async def _overstap_error(request: Request, error: Exception) -> Response:
    if isinstance(error, SignInNeeded):
        return RedirectResponse(error.location, 303)
    status, kind, title = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    extra: dict[str, Any] = {}
    if isinstance(error, (Invalid, Rejected)):
        extra["errors"] = [asdict(fault) for fault in error.faults]
    if isinstance(error, IllegalMove):
        extra |= {"entity": error.entity, "state": error.state, "open_moves": list(error.open_moves)}
    if isinstance(error, Stale):
        since = error.changed_at.isoformat() if error.changed_at else None
        extra |= {"entity": error.entity, "version": error.version, "changed_at": since, "changed_by": error.changed_by}
    return problem(request, status, kind, title, extra=extra)


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _overstap_error(request, Invalid(faults_of(error.errors())))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind, title = HTTP.get(error.status_code, ("http-error", marked("This request is not possible")))
    extra = {"errors": [asdict(UNREADABLE)]} if error.status_code == 400 else {}
    response = problem(request, error.status_code, kind, title, extra=extra)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> set[str]:
    """Every method of a path; the router names those of the first route only."""
    routes = getattr(request.app.state, "routes", request.app.routes)
    there = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in there for method in getattr(route, "methods", None) or ()}


async def bug(request: Request, _error: Exception) -> Response:
    """The answer to an error nobody foresaw: no details. The access log's neighbour writes them down."""
    return problem(request, 500, "internal", marked("Something went wrong on our side"))


EXPECTED: dict[str, str] = {
    "missing": marked("Fill this in"),
    "extra_forbidden": marked("This field does not exist here; remove it"),
    "json_invalid": marked("Valid JSON (RFC 8259)"),
    "string_pattern_mismatch": marked("A value that matches %(pattern)s"),
    "string_too_short": marked("At least %(min_length)s characters"),
    "string_too_long": marked("At most %(max_length)s characters"),
    "too_short": marked("At least %(min_length)s items"),
    "too_long": marked("At most %(max_length)s items"),
    "greater_than_equal": marked("A number of at least %(ge)s"),
    "less_than_equal": marked("A number of at most %(le)s"),
    "literal_error": marked("One of: %(expected)s"),
    "enum": marked("One of: %(expected)s"),
    "string_type": marked("A text"),
    "int_type": marked("A whole number"),
    "int_parsing": marked("A whole number"),
    "float_parsing": marked("A number"),
    "bool_parsing": marked("Yes or no"),
    "date_from_datetime_parsing": marked("A date, such as 2026-11-24"),
    "date_parsing": marked("A date, such as 2026-11-24"),
    "datetime_parsing": marked("A moment, such as 2026-11-24T10:14:00+01:00"),
    "datetime_from_date_parsing": marked("A moment, such as 2026-11-24T10:14:00+01:00"),
    "timezone_aware": marked("A moment, such as 2026-11-24T10:14:00+01:00"),
    "uuid_parsing": marked("A UUID"),
}
"""What pydantic's error types expect, in our words: some of its own messages repeat the value."""


def _expected(error: Mapping[str, Any], translate: Callable[[str], str]) -> str:
    return translate(EXPECTED.get(error["type"], marked("A valid value"))) % (error.get("ctx") or {})


def _code(pydantic_type: str) -> str:
    return {"missing": "missing", "extra_forbidden": "unknown_field"}.get(pydantic_type, "invalid")
