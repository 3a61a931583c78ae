"""Fixtures every test may ask for; what is in the environment of the developer does not reach a test."""

import os

from tests.stacks import database_url, kafka, make_settings, server_dir, stack_postgres, template, topic_prefix

__all__ = ["database_url", "kafka", "make_settings", "server_dir", "stack_postgres", "template", "topic_prefix"]

FOR_TESTS = ("OVERSTAP_TEST_", "OVERSTAP_REQUIRE_")

for name in [name for name in os.environ if name.startswith("OVERSTAP_") and not name.startswith(FOR_TESTS)]:
    del os.environ[name]
