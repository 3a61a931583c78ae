"""The tests of this folder that are written in Node, as one test of ours."""

import subprocess

import pytest

from tests.node.tools import FOLDER, installed

pytestmark = pytest.mark.node


def test_the_contract_holds_for_the_asyncapi_parser_and_the_cloudevents_sdk_of_node() -> None:
    installed()
    done = subprocess.run(["node", "--test"], cwd=FOLDER, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    passed = next(line for line in done.stdout.splitlines() if line.startswith("# pass"))
    assert int(passed.rpartition(" ")[2]) > 80
