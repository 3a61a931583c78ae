"""Errors as answers, and input through forms."""

import json

import httpx
import pytest

STATUSES = {
    "invalid": 400,
    "rejected": 400,
    "forbidden": 403,
    "not-found": 404,
    "illegal-move": 409,
    "stale": 412,
    "unavailable": 503,
    "internal": 500,
}


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
async def test_an_error_is_a_problem_on_the_api_and_a_dutch_page_elsewhere(
    client: httpx.AsyncClient, kind: str, status: int
) -> None:
    api, page = await client.get(f"/dossier/api/v1/fails/{kind}"), await client.get(f"/dossier/fails/{kind}")
    assert (api.status_code, page.status_code) == (status, status)
    assert api.headers["content-type"] == "application/problem+json"
    assert api.json()["type"] == f"urn:overstap:problem:{kind}"
    assert '<html lang="nl">' in page.text
    assert "Naar de startpagina" in page.text
    if status == 503:
        assert api.headers["retry-after"] == page.headers["retry-after"] == "10"


async def test_an_unexpected_error_tells_and_logs_nothing_personal(
    client: httpx.AsyncClient, logged: list[dict[str, object]]
) -> None:
    response = await client.get("/dossier/api/v1/fails/internal")
    assert "999990019" not in response.text + str(logged)
    (line,) = [line for line in logged if line["event"] == "unexpected_error"]
    assert line["error"] == "RuntimeError"
    assert "api_fails" in str(line["traceback"])


async def test_a_refused_move_names_the_state_and_the_open_moves(client: httpx.AsyncClient) -> None:
    body = (await client.get("/dossier/api/v1/fails/illegal-move")).json()
    assert (body["entity"], body["state"], body["open_moves"]) == ("handover", "offered", ["open", "withdraw"])


async def test_every_fault_of_a_body_is_told_at_once_and_no_value_comes_back(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/dossier/api/v1/wishes", json={"crebo": "Jansen", "cohort": "Pietersen", "pgn": "999990019"}
    )
    assert response.status_code == 400
    faults = {fault["where"]: fault["code"] for fault in response.json()["errors"]}
    assert faults == {"/body/crebo": "invalid", "/body/cohort": "invalid", "/body/pgn": "unknown_field"}
    assert not any(value in response.text for value in ("Jansen", "Pietersen", "999990019"))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"crebo": 1}'])
async def test_a_body_that_is_no_such_object_is_a_problem_too(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/dossier/api/v1/wishes", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["type"] == "urn:overstap:problem:invalid"


async def test_a_form_becomes_the_model_and_empty_means_absent(client: httpx.AsyncClient) -> None:
    form = {"crebo": " 25180 ", "cohort": "2026", "levels": ["2", "3"], "remark": " "}
    response = await client.post("/dossier/form", data=form)
    assert response.json() == {"crebo": "25180", "cohort": 2026, "levels": [2, 3], "remark": None}


async def test_the_faults_of_a_form_are_in_dutch(client: httpx.AsyncClient) -> None:
    text = (await client.post("/dossier/form", data={"cohort": "1999"})).text
    assert "crebo: Vul dit in" in text
    assert "cohort: Een getal van 2000 of hoger" in text


@pytest.mark.parametrize(("size", "status"), [(0, 200), (1000, 200), (1001, 413), (12 * 1024 * 1024, 413)])
async def test_an_upload_has_a_limit(client: httpx.AsyncClient, size: int, status: int) -> None:
    response = await client.post("/dossier/upload", files={"file": ("list.csv", b"x" * size)})
    assert response.status_code == status


async def test_a_form_without_a_file_says_so(client: httpx.AsyncClient) -> None:
    assert "Kies een bestand" in (await client.post("/dossier/upload")).text


async def test_the_openapi_document_has_the_api_and_no_pages(client: httpx.AsyncClient) -> None:
    document = json.loads((await client.get("/dossier/api/v1/openapi.json")).text)
    assert set(document["paths"]) == {"/me/{pupil_ref}", "/parts/{pupil_ref}", "/wishes", "/fails/{kind}"}
    assert document["components"]["securitySchemes"]
