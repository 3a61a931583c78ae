"""The NL API Design Rules, as far as a machine can check them: over every operation of every document, and on answers.

`docs/api-design-rules.md` tells of every rule how it is met; here stands what proves it.
"""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.dossier.api import examples
from services.intake.api import models as intake
from shared.core.actor import Actor, Role
from shared.core.keys import Keys, load_keys
from shared.core.reference import load as reference
from shared.core.settings import Settings
from shared.core.tabular import kinds, transfer
from shared.service import load, web
from shared.web.api.document import operations
from shared.web.api.router import VERSION
from tests.contract.region import NOW, documents

DOCUMENTS = documents()
Document = dict[str, Any]
Rule = Callable[[Document], Iterator[str]]
ROOT = Path(__file__).parents[2]
VERBS = {
    "accept",
    "acknowledge",
    "create",
    "delete",
    "done",
    "erase",
    "get",
    "link",
    "open",
    "refuse",
    "resolve",
    "update",
}
SINGULAR = {
    "return",
    "timeline",
    "opening",
    "acceptance",
    "refusal",
    "withdrawal",
    "erasure",
    "intake",
    "invitation",
    "appointment",
    "start",
    "non-start",
    "end",
    "enrolment",
    "completion",
    "acknowledgement",
    "resolution",
    "treatment",
    "transfer-data",
    "information",
    "care-part",
    "supplement",
    "calendar",
    "plan",
    "report",
    "route",
    "confirmation",
    "exam",
}
"""Of a parent there is one at most; everything else that has no key after it is a collection."""


def segments(path: str) -> list[str]:
    return [part for part in path.split("/") if part and not part.startswith("{")]


def no_verbs(made: Document) -> Iterator[str]:
    yield from (path for path in made["paths"] if VERBS & set(segments(path)))


def plural_collections(made: Document) -> Iterator[str]:
    names = {name: path for path in made["paths"] for name in segments(path)}
    yield from (f"{path}: {name}" for name, path in names.items() if name not in SINGULAR and not name.endswith("s"))


def no_trailing_slash(made: Document) -> Iterator[str]:
    yield from (path for path in made["paths"] if path.endswith("/"))


def kebab_case(made: Document) -> Iterator[str]:
    yield from (path for path in made["paths"] for part in segments(path) if not re.fullmatch(r"[a-z0-9-]+", part))


def camel_case_queries(made: Document) -> Iterator[str]:
    for path, method, content in operations(made):
        for parameter in content.get("parameters", []):
            if parameter["in"] == "query" and not re.fullmatch(r"[a-z][a-zA-Z0-9]*", parameter["name"]):
                yield f"{method} {path}: {parameter['name']}"


def standard_methods(made: Document) -> Iterator[str]:
    for path, item in made["paths"].items():
        yield from (f"{method} {path}" for method in item if method not in ("get", "put", "post", "patch", "delete"))


def dates_have_a_format(made: Document) -> Iterator[str]:
    for name, schema in made["components"]["schemas"].items():
        for field, content in schema.get("properties", {}).items():
            wanted = "date-time" if field.endswith("_at") else "date" if field.endswith(("_date", "_on")) else None
            if wanted and f'"{wanted}"' not in json.dumps(content):
                yield f"{name}.{field} is no {wanted}"


def problems(made: Document) -> Iterator[str]:
    for path, method, content in operations(made):
        for code, answer in content["responses"].items():
            if code[0] in "45":
                found = made["components"]["responses"][answer["$ref"].rpartition("/")[2]]["content"]
                model = found["application/problem+json"]["schema"]["$ref"].rpartition("/")[2]
                required = set(made["components"]["schemas"][model]["required"])
                if not {"status", "title", "detail"} <= required or code == "422":
                    yield f"{method} {path}: {code}"


def invalid_input(made: Document) -> Iterator[str]:
    for path, method, content in operations(made):
        if (content.get("parameters") or "requestBody" in content) and "400" not in content["responses"]:
            yield f"{method} {path}"


def openapi_3(made: Document) -> Iterator[str]:
    if not made["openapi"].startswith("3."):
        yield made["openapi"]
    for ref in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(made)):
        part: Any = made
        for step in ref.split("/"):
            part = part.get(step)
            if part is None:
                yield f"nothing at {ref}"
                break


def contact(made: Document) -> Iterator[str]:
    if not made["info"].get("contact", {}).get("name"):
        yield "no contact"


def version_in_the_path(made: Document) -> Iterator[str]:
    yield from (server["url"] for server in made["servers"] if not re.search(r"/v[0-9]+$", server["url"]))


def semantic_version(made: Document) -> Iterator[str]:
    if not re.fullmatch(r"\d+\.\d+\.\d+", made["info"]["version"]):
        yield made["info"]["version"]


def version_header(made: Document) -> Iterator[str]:
    for path, method, content in operations(made):
        for code, answer in content["responses"].items():
            whole = made["components"]["responses"][answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
            if "API-Version" not in whole["headers"]:
                yield f"{method} {path}: {code}"


def no_sensitive_uris(made: Document) -> Iterator[str]:
    personal = {"pgn", "bsn", "name", "first_name", "last_name", "birth_date", "email", "q"}
    for path, method, content in operations(made):
        yield from (f"{method} {path}: {p['name']}" for p in content.get("parameters", []) if p["name"] in personal)


def described(made: Document) -> Iterator[str]:
    """Every operation tells what it does, who may, what it takes and gives, with examples."""
    for path, method, content in operations(made):
        wanted = ("operationId", "summary", "description", "tags", "security", "responses")
        yield from (f"{method} {path}: no {name}" for name in wanted if not content.get(name))
        yield from (f"{method} {path}: {p['name']}" for p in content.get("parameters", []) if not p.get("description"))
        for kind, body in content.get("requestBody", {}).get("content", {}).items():
            if kind == "text/csv" and not body.get("examples"):
                yield f"{method} {path}: no example of the file"
    for name, schema in made["components"]["schemas"].items():
        if "description" not in schema:
            yield f"{name} is not described"
        for field, content in schema.get("properties", {}).items():
            if "description" not in json.dumps(content):
                yield f"{name}.{field} is not described"


def unique_names(made: Document) -> Iterator[str]:
    names = [content["operationId"] for _, _, content in operations(made)]
    yield from {name for name in names if names.count(name) > 1}


def pages(made: Document) -> Iterator[str]:
    """A list comes in pages: `items` and `next`. A file is no list."""
    for path, method, content in operations(made):
        answer = content["responses"]["200"]["content"] if method == "get" else {}
        if answer.get("application/json", {}).get("schema", {}).get("type") == "array":
            yield f"{path} answers with a bare array"


DOCUMENT_RULES: dict[str, Rule] = {
    "/core/naming-resources": no_verbs,
    "/core/naming-collections": plural_collections,
    "/core/no-trailing-slash": no_trailing_slash,
    "/core/path-segments-kebab-case": kebab_case,
    "/core/query-keys-camel-case": camel_case_queries,
    "/core/date-time/format": dates_have_a_format,
    "/core/http-methods": standard_methods,
    "/core/error-handling/problem-details": problems,
    "/core/error-handling/invalid-input": invalid_input,
    "/core/doc-openapi": openapi_3,
    "/core/doc-openapi-contact": contact,
    "/core/uri-version": version_in_the_path,
    "/core/semver": semantic_version,
    "/core/version-header": version_header,
    "/core/transport/no-sensitive-uris": no_sensitive_uris,
    "described with examples": described,
    "unique operation ids": unique_names,
    "pages": pages,
}


@pytest.mark.parametrize("service", DOCUMENTS)
@pytest.mark.parametrize("rule", DOCUMENT_RULES)
def test_every_document_follows_the_rule(rule: str, service: str) -> None:
    assert not list(DOCUMENT_RULES[rule](DOCUMENTS[service])), f"{service} breaks {rule}"


def test_the_table_tells_of_every_rule_that_is_checked() -> None:
    table = (ROOT / "docs" / "api-design-rules.md").read_text(encoding="utf-8")
    assert not [rule for rule in DOCUMENT_RULES if rule.startswith("/core/") and f"`{rule}`" not in table]


def test_every_file_in_the_documents_can_be_read() -> None:
    today = NOW.date()
    for kind, text in (
        (kinds.pupils(reference(), today), examples.PUPILS),
        (kinds.CHOICES, examples.CHOICES),
        (kinds.HANDOVERS, examples.HANDOVERS),
        (transfer.DOSSIERS, examples.DOSSIERS),
        (transfer.INFORMED, examples.INFORMED),
        (kinds.applications(reference(), today), intake.STATUSES_EXAMPLE),
        (kinds.INTAKES, intake.INTAKES_EXAMPLE),
    ):
        table = kind.read(text.encode())
        assert (len(table.rows), table.faults) == (1, ())
    for path, kind in (
        ("/organisation-lists", kinds.ORGANISATIONS),
        ("/contact-lists", kinds.CONTACTS),
        ("/staff-absence-lists", kinds.STAFF_ABSENCES),
    ):
        body = DOCUMENTS["coordination"]["paths"][path]["post"]["requestBody"]["content"]["text/csv"]
        assert not kind.read(body["examples"]["file"]["value"].encode()).faults


# What answers, without a database behind it


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    away = "postgresql://127.0.0.1:1/nowhere"
    return Settings(_env_file=None, data_dir=tmp_path, database_url=away, public_url="https://overstap.example")


@pytest.fixture
def keys(settings: Settings) -> Keys:
    return load_keys(settings)


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(web(load(settings), settings))
    async with httpx.AsyncClient(transport=transport, base_url="https://overstap.example") as opened:
        yield opened


@pytest.mark.parametrize("service", DOCUMENTS)
async def test_the_document_is_served_to_anybody_as_it_stands_in_docs(client: httpx.AsyncClient, service: str) -> None:
    answer = await client.get(f"/{service}/api/v1/openapi.json", headers={"Origin": "https://elsewhere.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads((ROOT / "docs" / "openapi" / f"{service}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("service", DOCUMENTS)
async def test_every_answer_carries_version_and_security_headers(client: httpx.AsyncClient, service: str) -> None:
    for path in ("/openapi.json", "/nowhere", next(iter(DOCUMENTS[service]["paths"]))):
        headers = (await client.get(f"/{service}/api/v1{path}")).headers
        assert headers["api-version"] == VERSION == DOCUMENTS[service]["info"]["version"]
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["strict-transport-security"].startswith("max-age=31536000")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in headers or path == "/openapi.json"


async def test_a_slash_too_many_is_not_found_and_not_redirected(client: httpx.AsyncClient) -> None:
    assert (await client.get("/dossier/api/v1/pupils/")).status_code == 404


async def test_another_method_is_refused_with_all_that_there_are(client: httpx.AsyncClient) -> None:
    for path in ("/dossier/api/v1/handovers", "/dossier/api/v1/talks"):
        answer = await client.request("TRACE", path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
        assert answer.json()["detail"]


async def test_another_content_type_is_refused(client: httpx.AsyncClient, keys: Keys) -> None:
    token = keys.api_token(Actor("99XA", Role.SCHOOL_SYSTEM))
    for path, kind in (("applications", "text/csv"), ("application-lists", "application/json")):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": kind}
        answer = await client.post(f"/intake/api/v1/{path}", content=b"{}", headers=headers)
        assert answer.status_code == 415


async def test_a_database_that_is_away_is_told_with_when_to_try_again(client: httpx.AsyncClient, keys: Keys) -> None:
    from shared.core.errors import Unavailable

    app = client._transport.app.state.apps["signals"]  # type: ignore[attr-defined]

    def away(_actor: Actor) -> Any:
        raise Unavailable("away")

    app.state.database.as_actor = away
    headers = {"Authorization": f"Bearer {keys.api_token(Actor('15', Role.REGION_COORDINATOR))}"}
    answer = await client.get("/signals/api/v1/snapshots", headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


async def test_a_refusal_tells_every_fault_at_once_and_nothing_of_what_was_sent(
    client: httpx.AsyncClient, keys: Keys
) -> None:
    sent = {
        "own_id": "Geheim Persoon",
        "version": "veel",
        "pgn": "12345678a",
        "first_name": "Geheim\u0000",
        "last_name": "",
        "birth_date": 20100506,
        "999990007": "Geheim",
        "programme": "Geheim",
        "pathway": "Geheim",
        "status": "Geheim",
        "status_at": "Geheim",
    }
    headers = {"Authorization": f"Bearer {keys.api_token(Actor('99XA', Role.SCHOOL_SYSTEM))}"}
    answer = await client.post("/intake/api/v1/applications", json=sent, headers=headers)
    places = sorted(fault["where"] for fault in answer.json()["errors"])
    named = [name for name in sent if name != "999990007"]
    assert (answer.status_code, places) == (400, sorted(["/body/*", *(f"/body/{name}" for name in named)]))
    assert not re.search("Geheim|veel|12345678a|20100506|999990007", answer.text)


async def test_a_wrong_query_is_told_with_its_names(client: httpx.AsyncClient, keys: Keys) -> None:
    headers = {"Authorization": f"Bearer {keys.api_token(Actor('99XA00', Role.DECAAN))}"}
    answer = await client.get("/dossier/api/v1/pupils?cohort=x&limit=0&cohrot=2027", headers=headers)
    assert sorted(f["where"] for f in answer.json()["errors"]) == ["/query/cohort", "/query/cohrot", "/query/limit"]
