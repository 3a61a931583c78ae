"""docker-compose.yml, held to the Compose specification and to what Overstap is; no engine is needed."""

import json
import re
import stat
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
import typer
from click.testing import CliRunner

from shared.cli import app
from shared.core.settings import Settings
from shared.schemas.catalog import SERVICES
from tests.image.compose import ROOT, load, secrets, variables
from tests.stacks import KAFKA_IMAGE, POSTGRES_IMAGE, kafka_environment
from tests.tools import require

SCHEMA = Path(__file__).parent / "compose-spec.json"
POM = ROOT / "deploy" / "kafka" / "pom.xml"
NGINX = ROOT / "deploy" / "proxy" / "nginx.conf"
JOBS = {"keys", "migrate", "topics"}


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A .env as the script writes it, once."""
    target = tmp_path_factory.mktemp("env") / ".env"
    subprocess.run([ROOT / "deploy" / "make-secrets", target], check=True, capture_output=True)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    again = subprocess.run([ROOT / "deploy" / "make-secrets", target], capture_output=True, check=False)
    assert again.returncode == 1, "never overwrites"
    return secrets(target)


@pytest.fixture(scope="module")
def compose(values: dict[str, str]) -> dict[str, Any]:
    return load(values)


@pytest.fixture(scope="module")
def containers(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(compose["services"])


def ours(containers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in containers.items() if one["image"].startswith("overstap:")}


def test_the_file_is_what_the_compose_specification_allows(compose: dict[str, Any]) -> None:
    schema = json.loads(SCHEMA.read_text())
    check = jsonschema.Draft201909Validator(schema)
    # The schema is of before the specification had a name for the whole.
    check.validate({key: value for key, value in compose.items() if key != "name"})
    assert not check.is_valid({"services": {"web": {"imagee": "x"}}}), "the schema can refuse"


def test_every_secret_is_asked_for_and_none_has_a_default(values: dict[str, str]) -> None:
    assert {one.kind for one in variables()} == {":?"}
    assert {one.name for one in variables()} == set(values), "make-secrets writes what the file asks for, and no more"
    passwords = [value for name, value in values.items() if name.endswith("_PASSWORD")]
    assert len(set(passwords)) == len(passwords)
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in passwords)
    assert not any(name.startswith("OVERSTAP_") for name in values), "a .env here is read by every overstap command"


def test_every_service_has_pages_and_a_worker(containers: dict[str, dict[str, Any]]) -> None:
    for service in SERVICES:
        for side in ("web", "worker"):
            assert containers[f"{side}-{service}"]["command"] == ["run", service, side]
    assert ours(containers).keys() == JOBS | {f"{side}-{s}" for s in SERVICES for side in ("web", "worker")}


def test_every_command_is_one_of_the_command_line(containers: dict[str, dict[str, Any]]) -> None:
    command = typer.main.get_command(app)
    for one in ours(containers).values():
        answer = CliRunner().invoke(command, [*one["command"], "--help"])
        assert answer.exit_code == 0, answer.output
        name, *words = one["command"]
        known = {option for p in command.commands[name].params for option in p.opts}  # type: ignore[attr-defined]
        assert [word for word in words if word.startswith("--") and word not in known] == []


def test_every_variable_is_a_setting_with_a_value_it_accepts(containers: dict[str, dict[str, Any]]) -> None:
    known = {f"OVERSTAP_{name.upper()}" for name in Settings.model_fields}
    for one in ours(containers).values():
        environment = one.get("environment", {})
        assert environment.keys() <= known
        Settings(_env_file=None, **{k.removeprefix("OVERSTAP_").lower(): v for k, v in environment.items()})


def test_pages_know_no_account_at_kafka_and_each_worker_only_its_own(
    containers: dict[str, dict[str, Any]], values: dict[str, str]
) -> None:
    for service in SERVICES:
        assert not [k for k in containers[f"web-{service}"]["environment"] if "KAFKA" in k]
        own = containers[f"worker-{service}"]["environment"]
        assert own["OVERSTAP_KAFKA_SASL_USERNAME"] == f"overstappen.{service}"
        assert own["OVERSTAP_KAFKA_SASL_PASSWORD"] == values[f"KAFKA_{service.upper()}_PASSWORD"]
        account = f'user_overstappen.{service}="{values[f"KAFKA_{service.upper()}_PASSWORD"]}"'
        assert account in containers["kafka"]["environment"]["KAFKA_LISTENER_NAME_CLIENT_PLAIN_SASL_JAAS_CONFIG"]


def test_every_container_is_probed_or_ends_and_waits_for_what_it_needs(containers: dict[str, dict[str, Any]]) -> None:
    for name, one in containers.items():
        assert ("healthcheck" in one) != (name in JOBS), name
        assert (one["restart"] == "no") == (name in JOBS), name
        for other, how in one.get("depends_on", {}).items():
            ends = other in JOBS
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), name


def test_every_container_is_held_tight(containers: dict[str, dict[str, Any]], compose: dict[str, Any]) -> None:
    for name, one in containers.items():
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["read_only"] or name == "kafka", name
        assert re.search(r":(v?\d|local$)", one["image"]), f"{name}: a version"
        for port in one.get("ports", []):
            assert port.startswith("127.0.0.1:"), name
        if "edge" not in one["networks"]:
            assert not one.get("ports"), f"{name}: an internal network publishes nothing"
    assert compose["networks"]["inside"]["internal"] is True


def test_what_must_last_is_in_named_volumes(containers: dict[str, dict[str, Any]], compose: dict[str, Any]) -> None:
    kept = {v.split(":")[0] for one in containers.values() for v in one.get("volumes", []) if not v.startswith(".")}
    assert kept == compose["volumes"].keys() == {"postgres-data", "kafka-data", "keys"}
    writers = [name for name, one in ours(containers).items() if "keys:/var/lib/overstap" in one["volumes"]]
    assert writers == ["keys"], "everybody else reads them"
    files = {v.split(":")[0] for one in containers.values() for v in one.get("volumes", []) if v.startswith(".")}
    assert all((ROOT / path).is_file() for path in files)


def test_kafka_is_the_version_that_is_tested(containers: dict[str, dict[str, Any]]) -> None:
    version = ElementTree.parse(POM).findtext(".//{*}kafka.version")
    assert containers["kafka"]["image"] == KAFKA_IMAGE == f"apache/kafka:{version}"
    assert containers["postgres"]["image"] == POSTGRES_IMAGE


def test_the_broker_of_the_tests_in_containers_is_told_what_the_image_understands() -> None:
    told = kafka_environment(9092)
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    assert told["KAFKA_PROCESS_ROLES"] == "broker,controller"
    assert all(re.fullmatch(r"KAFKA_[A-Z_]+", name) for name in told)


def test_the_proxy_knows_every_service_and_no_other(containers: dict[str, dict[str, Any]]) -> None:
    conf = NGINX.read_text()
    (named,) = re.findall(r"\(\?<named>([a-z|]+)\)", conf)
    assert tuple(named.split("|")) == SERVICES
    assert set(containers["proxy"]["depends_on"]) == {f"web-{service}" for service in SERVICES}


@pytest.mark.image
def test_the_proxy_accepts_its_configuration(tmp_path: Path) -> None:
    require("nginx")
    conf = tmp_path / "nginx.conf"
    conf.write_text(NGINX.read_text())
    done = subprocess.run(["nginx", "-t", "-p", tmp_path, "-c", conf], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
