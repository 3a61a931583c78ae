"""The OpenAPI document of a service, made from its routes: what `docs/openapi` keeps and the web serves."""

import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from fastapi.openapi.utils import get_openapi

from shared.web.api.once import HEADER
from shared.web.api.problem import KINDS, MODELS, MoveProblem, Problem, RequestFault, StaleProblem
from shared.web.api.router import BASE, VERSION, Api

METHODS = ("get", "put", "post", "patch", "delete")
CONTACT = {"name": "Overstap maintainers"}
LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
RETRY_AFTER_SECONDS = 10
VERSION_HEADER = {
    "description": "Version of the API (semantic versioning)",
    "schema": {"type": "string", "const": VERSION},
    "required": True,
}
RETRY_HEADER = {
    "description": "After how many seconds to try again",
    "schema": {"type": "integer", "minimum": 1},
    "required": True,
    "example": RETRY_AFTER_SECONDS,
}
CSV = {"type": "string", "description": "UTF-8, semicolons or commas, columns as in the example"}
IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A key of your own for this request: sent again within a day, it is answered as the first time and "
    "carried out once",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    "example": "0f5f8a52-0f0e-4b43-a0a3-6d2a6f0d3c11",
}
EXTRA: dict[str, Mapping[str, Any]] = {
    "invalid": {"errors": [{"where": "/body/level", "expected": "A number of at most 4", "code": "invalid"}]},
    "illegal-move": {"entity": "handover", "state": "offered", "open_moves": ["open"]},
    "stale": {"entity": "part", "version": 4, "changed_at": "2027-03-01T09:00:00+00:00", "changed_by": "mentor"},
}
"""What an example of this kind holds beside the members that every problem has."""


def document(name: str, api: Api) -> dict[str, Any]:
    """The document of one service. The server is the base path, so it holds wherever the service runs."""
    made = _framework(name, api)
    made["servers"] = [{"url": f"/{name}{BASE}", "description": "Where this service runs"}]
    made["paths"] = {path.removeprefix(BASE): _path(path, item) for path, item in made["paths"].items()}
    parts = made["components"]
    for _, _, content in operations(made):
        _describe_answers(content, parts["schemas"])
    parts["headers"] = {"API-Version": VERSION_HEADER, "Retry-After": RETRY_HEADER}
    parts["responses"] = {kind: _response(kind) for kind in _kinds(made)}
    parts["schemas"] = dict(sorted({**_without_frameworks(parts.get("schemas", {})), **_problems()}.items()))
    return made


def _framework(name: str, api: Api) -> dict[str, Any]:
    """What the framework makes of the routes. It warns of HEAD beside GET, which the document leaves out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return get_openapi(
            title=f"Overstap {name}",
            version=VERSION,
            description=api.about,
            routes=api.routes,
            tags=[{"name": tag, "description": about} for tag, about in api.tags_about.items()],
            contact=CONTACT,
            license_info=LICENCE,
        )


def operations(made: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and content of every operation of a document."""
    for path, item in made["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def _path(path: str, item: Mapping[str, Any]) -> dict[str, Any]:
    return {method: _operation(path, content) for method, content in item.items() if method in METHODS}


def _operation(path: str, content: Mapping[str, Any]) -> dict[str, Any]:
    made = deepcopy(dict(content))
    made["summary"] = _first_sentence(made["description"])
    if file := made.get("requestBody", {}).get("content", {}).get("text/csv"):
        file["schema"] = CSV
    good = {code: answer for code, answer in made["responses"].items() if code.startswith("2")}
    for answer in good.values():
        answer["headers"] = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
    refused = {str(KINDS[kind].status): {"$ref": f"#/components/responses/{kind}"} for kind in _refusals(path, made)}
    made["responses"] = {**good, **dict(sorted(refused.items()))}
    if "requestBody" in made or "202" in good:
        made["parameters"] = [*made.get("parameters", ()), IDEMPOTENCY_KEY]
    return made


def _describe_answers(content: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
    for answer in content["responses"].values():
        model = answer.get("content", {}).get("application/json", {}).get("schema", {}).get("$ref", "")
        if about := schemas.get(model.rpartition("/")[2], {}).get("description"):
            answer["description"] = _first_sentence(about)


def _first_sentence(text: str) -> str:
    return text.partition("\n")[0].partition(". ")[0].rstrip(".")


def _refusals(path: str, content: Mapping[str, Any]) -> Iterator[str]:
    """The kinds of problem an operation may answer with, told by its shape; a state machine's is declared."""
    yield from ("token-needed", "forbidden", "unavailable")
    if content.get("parameters") or "requestBody" in content:
        yield "invalid"
    if "{" in path or "404" in content["responses"]:
        yield "not-found"
    if "requestBody" in content or "202" in content["responses"]:
        yield "answer-lost"
    if "409" in content["responses"]:
        yield "illegal-move"
    if "412" in content["responses"]:
        yield "stale"
    if "requestBody" in content:
        yield from ("too-large", "media-type")


def _kinds(made: Mapping[str, Any]) -> list[str]:
    used = {
        answer["$ref"].rpartition("/")[2]
        for _, _, content in operations(made)
        for answer in content["responses"].values()
        if "$ref" in answer
    }
    return [kind for kind in KINDS if kind in used]


def _response(kind: str) -> dict[str, Any]:
    about = KINDS[kind]
    model = MODELS.get(about.status, Problem).__name__
    example = {"type": f"urn:overstap:problem:{kind}", "title": about.title, "status": about.status}
    example |= {"detail": about.detail, **EXTRA.get(kind, {})}
    headers = ["API-Version", *(["Retry-After"] if about.status == 503 else [])]
    return {
        "description": about.title,
        "headers": {header: {"$ref": f"#/components/headers/{header}"} for header in headers},
        "content": {
            "application/problem+json": {"schema": {"$ref": f"#/components/schemas/{model}"}, "example": example}
        },
    }


def _problems() -> dict[str, Any]:
    models = (Problem, RequestFault, MODELS[400], MoveProblem, StaleProblem)
    schemas = {model.__name__: model.model_json_schema(ref_template="#/components/schemas/{model}") for model in models}
    for schema in schemas.values():
        schema.pop("$defs", None)
    return schemas


def _without_frameworks(schemas: Mapping[str, Any]) -> dict[str, Any]:
    return {name: schema for name, schema in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
