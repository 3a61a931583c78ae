"""The case that follows what somebody did: accepted from outside, handed on, never mixed up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.contextvars import get_contextvars

from shared.core import tracing
from shared.core.settings import Settings

A = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
B = "00-1bf7651916cd43dd8448eb211c80319d-b7ad6b7169203332-00"


NO_TRACE, NO_SPAN = f"00-{'0' * 32}-{A[36:]}", A.replace("b7ad6b7169203331", "0" * 16)


@pytest.mark.parametrize("text", [None, "", "x", A.upper(), A[:-1], A + "0", "01" + A[2:], NO_TRACE, NO_SPAN])
def test_what_is_no_traceparent_is_not_taken_over(text: str | None) -> None:
    assert tracing.readable(text) is None
    assert tracing.readable(A) == A


@given(st.text())
def test_any_text_is_read_or_left(text: str) -> None:
    assert tracing.readable(text) in (None, text)


def test_something_new_gets_a_case_of_its_own() -> None:
    assert tracing.readable(tracing.fresh())
    assert tracing.fresh() != tracing.fresh()


def test_what_is_decided_belongs_to_the_event_of_its_subject_else_to_what_is_done() -> None:
    assert tracing.cause_of("a") is None
    with tracing.span("request", "server", B) as request:
        assert request.traceparent == B
        with tracing.handling("dossiers", [("a", "pupil-expected", A), ("b", "pupil-expected", B), ("c", "x", None)]):
            assert (tracing.cause_of("a"), tracing.cause_of("b")) == (A, B)
            assert tracing.cause_of("c") not in (A, B, None)
        assert tracing.cause_of("a") == B
    assert tracing.cause_of("a") is None


def test_a_batch_of_one_case_gives_it_to_all_it_decides() -> None:
    with tracing.handling("dossiers", [("a", "pupil-expected", A)]):
        decided = tracing.cause_of("somebody-else")
    assert decided
    assert tracing.case_of(decided) == tracing.case_of(A)


def test_a_line_about_one_case_names_it_and_about_several_names_them_up_to_a_limit() -> None:
    with tracing.logged([A, None, A]):
        assert get_contextvars() == {"case": tracing.case_of(A)}
    with tracing.logged([A, B]):
        assert get_contextvars() == {"cases": [tracing.case_of(A), tracing.case_of(B)]}
    with tracing.logged(tracing.fresh() for _ in range(100)):
        assert len(get_contextvars()["cases"]) == tracing.CASES_TOLD
    with tracing.logged([None]):
        assert get_contextvars() == {}


def test_without_a_collector_nothing_is_set_up() -> None:
    tracing.configure(Settings(_env_file=None), "dossier-web")
    assert tracing.fresh().endswith("-00"), "not sampled"


@pytest.mark.parametrize("name", ["OVERSTAP_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_the_collector_is_set_by_either_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:4318")
    assert Settings(_env_file=None).otlp_endpoint == "http://127.0.0.1:4318"
