"""Fixtures every test may ask for; what is in the environment of the developer does not reach a test."""

import os

from hypothesis import HealthCheck, settings

from tests.stacks import database_url, kafka, make_settings, server_dir, stack_postgres, template, topic_prefix

__all__ = ["database_url", "kafka", "make_settings", "server_dir", "stack_postgres", "template", "topic_prefix"]

FOR_TESTS = ("OVERSTAP_TEST_", "OVERSTAP_REQUIRE_")

for name in [name for name in os.environ if name.startswith("OVERSTAP_") and not name.startswith(FOR_TESTS)]:
    del os.environ[name]

# The same examples every time, so that a change fails by what it changed; OVERSTAP_TEST_RANDOM=1 draws new ones, which
# is how one searches. How long an example takes says how busy the machine is, and nothing about the law.
settings.register_profile(
    "steady",
    derandomize=not os.environ.get("OVERSTAP_TEST_RANDOM"),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
