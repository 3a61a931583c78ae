"""Who may do what at Kafka, and how a client gets in, before any broker is asked."""

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.messaging.address import client_arguments
from shared.schemas.catalog import SERVICES, TOPICS, TOPICS_JOB, grants


def allowed(operation: str) -> dict[str, set[str]]:
    may = defaultdict(set)
    for grant in grants():
        if (grant.operation, grant.resource) == (operation, "topic"):
            may[grant.account].add(grant.name)
    return may


def test_a_topic_has_one_writer_and_only_its_listeners_read_it() -> None:
    write, read = allowed("write"), allowed("read")
    for name, topic in TOPICS.items():
        assert {a for a in write if name in write[a]} == ({topic.publisher} if topic.publisher else set(SERVICES))
        assert {a for a in read if name in read[a]} == set(topic.consumers)


def test_a_service_has_only_groups_of_its_own_and_makes_no_topics() -> None:
    groups = {(g.account, g.operation, g.name, g.begins_with) for g in grants() if g.resource == "group"}
    assert groups == {(service, "read", f"{service}.", True) for service in SERVICES}
    assert {g.account for g in grants() if g.operation not in ("read", "write")} == {TOPICS_JOB}
    assert not [g for g in grants() if g.account == TOPICS_JOB and g.operation in ("read", "write")]


def test_without_security_a_client_needs_nothing(make_settings: Callable[..., Settings]) -> None:
    assert client_arguments(make_settings()) == {}


def test_an_account_goes_with_encryption_unless_that_is_left_out(make_settings: Callable[..., Settings]) -> None:
    account = {"kafka_sasl_username": "overstappen.dossier", "kafka_sasl_password": "secret"}
    encrypted = client_arguments(make_settings(kafka_security_protocol="SASL_SSL", **account))
    assert (encrypted["security_protocol"], encrypted["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert encrypted["ssl_context"].check_hostname
    plain = client_arguments(
        make_settings(kafka_security_protocol="SASL_PLAINTEXT", kafka_sasl_mechanism="PLAIN", **account)
    )
    assert (plain["security_protocol"], plain["sasl_mechanism"]) == ("SASL_PLAINTEXT", "PLAIN")
    assert (plain["sasl_plain_username"], plain["sasl_plain_password"]) == ("overstappen.dossier", "secret")


def test_what_lacks_for_getting_in_is_named(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="OVERSTAP_KAFKA_SASL_USERNAME"):
        client_arguments(make_settings(kafka_security_protocol="SASL_SSL"))
    with pytest.raises(Unavailable, match="OVERSTAP_KAFKA_CA_FILE"):
        client_arguments(make_settings(kafka_security_protocol="SSL", kafka_ca_file=tmp_path / "absent.pem"))
