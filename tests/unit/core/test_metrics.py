"""The vocabulary of metrics, and the alert rules that use it."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from shared.core import metrics
from shared.sampling import TRANSPORT, own_metrics
from shared.schemas.catalog import SERVICES

ROOT = Path(__file__).parents[3]
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "deploy" / "monitoring" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
NAME = re.compile(r"\boverstap_[a-z_]+")
SELECTED = re.compile(r"(overstap_[a-z_]+)\{([^}]*)\}")
GROUPED = re.compile(r"\bby \(([a-z_, ]*)\)")


def plain(name: str) -> str:
    """The metric behind a series of a histogram."""
    base = re.sub(r"_(bucket|count|sum)$", "", name)
    return base if base in metrics.HISTOGRAMS else name


def test_every_name_that_type_checks_is_described_and_the_other_way_round() -> None:
    assert set(get_args(metrics.CounterName)) == set(metrics.COUNTERS)
    assert set(get_args(metrics.GaugeName)) == set(metrics.GAUGES)
    assert set(get_args(metrics.HistogramName)) == set(metrics.HISTOGRAMS)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_a_metric_says_what_it_means_in_which_unit_and_what_to_do(name: str) -> None:
    metric = metrics.METRICS[name]
    assert metric.meaning
    assert metric.unit
    assert metric.do.endswith((".", "?"))
    assert set(metric.labels) <= set(metrics.LABELS)


def test_no_label_can_name_a_pupil_a_person_or_an_organisation() -> None:
    assert not {"pupil_ref", "subject", "person_ref", "organisation", "event_id", "path", "case"} & set(metrics.LABELS)
    assert {label for metric in metrics.METRICS.values() for label in metric.labels} == set(metrics.LABELS)


def test_what_is_sampled_in_a_database_is_a_gauge_of_that_service() -> None:
    sampled = {name for service in SERVICES for name in own_metrics(service)} | set(TRANSPORT)
    assert sampled <= set(metrics.GAUGES)
    assert all(metrics.GAUGES[name].labels == ("service",) for name in sampled)


def test_everything_is_told_in_the_text_format_with_process_and_version() -> None:
    families = {family.name for family in text_string_to_metric_families(metrics.render().decode())}
    assert {name.removesuffix("_total") for name in metrics.METRICS} <= families
    assert "process_start_time_seconds" in families


def test_a_method_that_somebody_makes_up_is_no_new_label() -> None:
    from shared.web.middleware.access_log import METHODS

    assert "GET" in METHODS
    assert len(METHODS) == 7


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_uses_metrics_and_labels_that_exist_and_has_a_runbook(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    used = {plain(name) for name in NAME.findall(rule["expr"])}
    assert used
    assert used <= set(metrics.METRICS)
    labels = {label for name in used for label in metrics.METRICS[name].labels} | {"le"}
    for name, selectors in SELECTED.findall(rule["expr"]):
        assert set(re.findall(r"(\w+)=~?", selectors)) <= set(metrics.METRICS[plain(name)].labels)
    for group in GROUPED.findall(rule["expr"]):
        assert set(group.split(", ")) <= labels
    assert set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])) <= labels
    path, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.*)$", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    for brackets in ("()", "{}", "[]"):
        assert rule["expr"].count(brackets[0]) == rule["expr"].count(brackets[1])


def test_every_alert_has_its_own_name() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
