"""What every page and API has in common: sign-in, messages, headers, log lines, probes."""

import httpx
import pytest
from starlette.applications import Starlette

from shared.core.errors import Forbidden
from shared.core.keys import load_keys
from shared.core.settings import Settings
from tests.unit.web.conftest import DECAAN


async def test_who_is_not_signed_in_goes_to_sign_in_and_back(client: httpx.AsyncClient) -> None:
    asked = await client.get("/dossier/?status=new")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/signin?next=%2Fdossier%2F%3Fstatus%3Dnew"
    entered = await client.post("/signin", data={"person_ref": "person-1", "next": "/dossier/?status=new"})
    assert entered.headers["location"] == "/dossier/?status=new"
    page = await client.get("/dossier/")
    assert page.status_code == 200
    assert "Mirjam Voorbeeld, Voorbeeldcollege" in page.text


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "http://evil.example", "javascript:x", ""])
async def test_sign_in_never_leads_to_another_site(client: httpx.AsyncClient, elsewhere: str) -> None:
    entered = await client.post("/signin", data={"person_ref": "person-1", "next": elsewhere})
    assert entered.headers["location"] == "/"


async def test_the_session_cookie_is_out_of_reach_and_holds_no_name(client: httpx.AsyncClient) -> None:
    cookie = (await client.post("/signin", data={"person_ref": "person-1"})).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Mirjam" not in cookie


@pytest.mark.parametrize("cookie", ["", "x", "e30.e30.e30"])
async def test_a_forged_session_is_no_session(client: httpx.AsyncClient, cookie: str) -> None:
    client.cookies.set("overstap_session", cookie)
    assert (await client.get("/dossier/")).status_code == 303


async def test_signing_out_ends_the_session(signed_in: httpx.AsyncClient) -> None:
    await signed_in.post("/signout")
    assert (await signed_in.get("/dossier/")).status_code == 303


async def test_sign_in_without_password_does_not_exist_outside_a_demo(
    client: httpx.AsyncClient, site: Starlette, settings: Settings
) -> None:
    site.state.settings = settings.model_copy(update={"demo": False})
    assert (await client.get("/signin")).status_code == 404
    assert (await client.post("/signin", data={"person_ref": "person-1"})).status_code == 404


async def test_a_message_is_shown_once_after_the_redirect_and_escaped(signed_in: httpx.AsyncClient) -> None:
    posted = await signed_in.post("/dossier/acknowledge")
    assert posted.status_code == 303
    assert "Daan" not in posted.headers["set-cookie"]
    first, second = await signed_in.get("/dossier/"), await signed_in.get("/dossier/")
    assert "Bevestigd voor &lt;Daan&gt;" in first.text
    assert "Ongedaan maken" in first.text
    assert "Daan" not in second.text


async def test_a_page_says_that_messages_go_out_later(signed_in: httpx.AsyncClient, site: Starlette) -> None:
    async def old() -> float:
        return 121.0

    site.state.apps["dossier"].state.outbox_age = old
    assert "berichten later verstuurd" in (await signed_in.get("/dossier/")).text


async def test_a_token_of_the_installation_opens_the_api_and_no_other_does(
    client: httpx.AsyncClient, settings: Settings
) -> None:
    keys = load_keys(settings)
    others = load_keys(settings.model_copy(update={"data_dir": settings.data_dir / "other"}))
    session = (await client.post("/signin", data={"person_ref": "person-1"})).cookies["overstap_session"]

    async def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return (await client.get("/dossier/api/v1/me/abc", headers=headers)).status_code

    assert await status(keys.api_token(DECAAN)) == 200
    for wrong in ("", "x", session, others.api_token(DECAAN), keys.api_token(DECAAN, hours=-1)):
        assert await status(wrong) == 401


async def test_the_log_line_names_the_route_and_the_organisation_and_nobody(
    signed_in: httpx.AsyncClient, settings: Settings, logged: list[dict[str, object]]
) -> None:
    token = load_keys(settings).api_token(DECAAN)
    await signed_in.get("/dossier/api/v1/me/secret-ref", headers={"Authorization": f"Bearer {token}"})
    await signed_in.get("/dossier/api/v1/parts/secret-ref")
    await signed_in.get("/dossier/nowhere/secret-ref")
    await signed_in.get("/nowhere/secret-ref")
    await signed_in.get("/signin?next=secret-ref")
    routes = [line["route"] for line in logged if line["event"] == "request"]
    assert routes[:2] == ["/dossier/api/v1/me/{pupil_ref}", "/dossier/api/v1/parts/{pupil_ref}"]
    assert routes[2:] == ["/dossier/*", "*", "/signin"]
    assert (logged[0]["organisation"], logged[0]["role"], logged[0]["status"]) == ("99XX00", "decaan", 200)
    assert "secret-ref" not in str(logged)


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/", "/nowhere", "/dossier/", "/dossier/fails/internal", "/static/icon.svg"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("public, max-age=86400" if "static" in path else "no-store")
    assert (await client.get("/dossier/api/v1/nowhere")).headers["api-version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://overstap.test"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
async def test_another_site_can_not_change_anything(
    client: httpx.AsyncClient, headers: dict[str, str], allowed: bool
) -> None:
    response = await client.post("/signout", headers=headers)
    assert response.status_code == (303 if allowed else 403)


async def test_the_probes_tell_living_from_ready(client: httpx.AsyncClient, site: Starlette) -> None:
    database = site.state.apps["dossier"].state.database
    assert [(await client.get(path)).status_code for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 200]
    database.answers = False
    assert [(await client.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 503]


def test_a_role_that_is_not_listed_is_refused() -> None:
    from shared.core.actor import Role
    from shared.web.auth import require

    require(DECAAN, Role.MENTOR, Role.DECAAN)
    with pytest.raises(Forbidden):
        require(DECAAN, Role.MENTOR)
