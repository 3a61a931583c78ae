"""A pupil signs in with a code of the school: once, in time, and not by trying."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from services.dossier.domain.career import invitations
from shared.core.settings import Settings
from tests.integration.dossier.bench import DECAAN, INTAKER, OTHER_DECAAN, SYSTEM, Bench
from tests.integration.dossier.mine.bench import CODE, code_of, enter, nobody, pupil, school

REFUSED = "Met deze code kun je niet inloggen"


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with school(database_url, make_settings) as made:
        yield made


@pytest.fixture
async def browser(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    async with nobody(bench) as made:
        yield made


async def test_a_code_opens_the_own_pages_however_it_is_typed(bench: Bench, browser: httpx.AsyncClient) -> None:
    code = await code_of(bench)
    page = await enter(browser, f"  {code.lower().replace('-', ' ')} ")
    assert page.url.path == "/dossier/mine"
    assert "Noor0 van Verzonnen0" in page.text
    assert "Noor1" not in page.text


async def test_a_code_works_once(bench: Bench, browser: httpx.AsyncClient) -> None:
    code = await code_of(bench)
    await enter(browser, code)
    async with nobody(bench) as other:
        page = await enter(other, code)
        assert page.status_code == 422
        assert (await other.get("/dossier/mine")).url.path == "/dossier/mine/signin"


async def test_wrong_used_replaced_and_expired_get_the_same_answer(bench: Bench, browser: httpx.AsyncClient) -> None:
    replaced = await code_of(bench)
    used = await code_of(bench)
    async with nobody(bench) as other:
        await enter(other, used)
    expired = await code_of(bench, 1)
    await bench.rows("UPDATE invitation SET expires_at = made_at WHERE pupil_ref = $1", bench.ref(1))
    answers = {(await enter(browser, code)).text for code in (replaced, used, expired, "ABCD-EFGH-JKMN")}
    assert len(answers) == 1
    assert REFUSED in answers.pop()


async def test_what_can_not_be_a_code_is_told_so_and_counts_for_nothing(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    for typed in ("", "ABC", "ABCD-EFGH-JKM0", "x" * 10_000):
        page = await enter(browser, typed)
        assert page.status_code == 422
        assert "12 letters en cijfers" in page.text
    assert await bench.rows("SELECT * FROM signin_attempt") == []


async def test_after_many_codes_that_do_not_fit_not_even_the_right_one_opens(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    right = await code_of(bench)
    for _ in range(invitations.MOST_EACH):
        assert (await enter(browser, "ABCD-EFGH-JKMN")).status_code == 422
    page = await enter(browser, right)
    assert (page.status_code, page.headers["retry-after"]) == (429, "900")
    await bench.rows("UPDATE signin_attempt SET since = since - interval '15 minutes'")
    assert (await enter(browser, right)).url.path == "/dossier/mine"


async def test_all_sources_together_are_counted_too(bench: Bench, browser: httpx.AsyncClient) -> None:
    right = await code_of(bench)
    await enter(browser, "ABCD-EFGH-JKMN")
    await bench.rows("UPDATE signin_attempt SET failures = $1 WHERE source = ''", invitations.MOST_ALL)
    assert (await enter(browser, right)).status_code == 429


async def test_what_is_kept_tells_neither_the_code_nor_where_it_was_tried(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    code = await code_of(bench)
    await enter(browser, "ABCD-EFGH-JKMN")
    plain = invitations.read(code)
    assert plain
    rows = await bench.rows("SELECT * FROM invitation") + await bench.rows("SELECT * FROM signin_attempt")
    assert plain not in str(rows).lower()
    assert "127.0.0.1" not in str(rows)
    assert code not in str(await bench.events())


async def test_no_web_process_reads_a_digest_or_an_attempt(bench: Bench) -> None:
    await code_of(bench)
    for statement in ("SELECT code_hash FROM invitation", "SELECT * FROM signin_attempt"):
        with pytest.raises(Exception, match="permission denied"):
            async with bench.service_database().as_actor(DECAAN) as conn:
                await conn.fetch(statement)


async def test_a_pupil_makes_a_code_for_the_next_time(bench: Bench, browser: httpx.AsyncClient) -> None:
    assert "Staat klaar" not in (await enter(browser, await code_of(bench))).text
    page = await browser.post("/dossier/mine/code")
    (code,) = CODE.findall(page.text)
    assert "Staat klaar" in (await browser.get("/dossier/mine")).text
    async with nobody(bench) as later:
        assert (await enter(later, code)).url.path == "/dossier/mine"


async def test_a_class_gets_a_letter_each_and_who_has_a_code_keeps_it(bench: Bench) -> None:
    first = await code_of(bench, 0)
    async with await bench.sign_in(DECAAN) as browser:
        assert "4kb1: 1 brieven" in (await browser.get("/dossier/invitations")).text
        page = await browser.post("/dossier/invitations", data={"class_name": "4kb1"})
        assert "Voor Noor1 van Verzonnen1" in page.text
        assert len(CODE.findall(page.text)) == 1
        assert (await browser.post("/dossier/invitations", data={"class_name": "4kb1"})).status_code == 422
    async with nobody(bench) as pupils:
        assert (await enter(pupils, first)).url.path == "/dossier/mine"


async def test_only_who_guides_the_pupil_invites(bench: Bench) -> None:
    path = f"/dossier/pupils/{bench.ref(0)}/invitation"
    for who, status in ((OTHER_DECAAN, 404), (INTAKER, 403), (SYSTEM, 403), (pupil(bench), 403)):
        async with await bench.sign_in(who) as browser:
            assert (await browser.post(path)).status_code == status
    assert await bench.rows("SELECT * FROM invitation") == []


async def test_a_pupil_sees_no_page_of_anybody_else(bench: Bench) -> None:
    async with await bench.sign_in(pupil(bench)) as browser:
        for path in ("/dossier/", f"/dossier/pupils/{bench.ref(0)}", "/dossier/received", "/dossier/import"):
            assert (await browser.get(path)).status_code == 403
    token = bench.headers(pupil(bench))
    assert (await bench.client.get("/dossier/api/v1/pupils", headers=token)).status_code == 401
    async with await bench.sign_in(DECAAN) as browser:
        assert (await browser.get("/dossier/mine")).url.path == "/dossier/mine/signin"


async def test_who_was_erased_must_sign_in_again_and_can_not(bench: Bench, browser: httpx.AsyncClient) -> None:
    code = await code_of(bench)
    async with await bench.sign_in(pupil(bench)) as signed_in:
        await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
        assert (await signed_in.get("/dossier/mine")).url.path == "/dossier/mine/signin"
    assert REFUSED in (await enter(browser, code)).text
