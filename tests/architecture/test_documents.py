"""What the documents say is what the code is, and nothing in the tree belongs to one machine."""

import json
import re
import subprocess
from pathlib import Path

from stdnum.nl import bsn

from shared import docs
from shared.core.logging import LOG_EVENTS
from shared.schemas import release

ROOT = Path(__file__).parents[2]
LOGGED = re.compile(r"\.(?:debug|info|warning|error|exception)\(\s*\"([a-z_]+)\"")
NOT_OURS = re.compile(
    r"pypi\.org|files\.pythonhosted|registry\.npmjs|repo1?\.maven"
    r"|/(?:work|farm|root)/[a-z]|--index-url|\"resolved\": *\"http"
)

NUMBER = re.compile(r"(?<![\w.])\d{9}(?![\w.])")
TEST_RANGE = "9999"
"""Numbers for tests begin so."""


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def test_generated_documents_are_up_to_date() -> None:
    for name, text in docs.documents().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"run 'make docs': docs/{name}"


def test_released_schemas_are_those_of_the_catalogue() -> None:
    for short in release.MODELS:
        path = release.FOLDER / f"{release.stem(short)}.json"
        assert json.loads(path.read_text()) == release.schema_of(short), f"run 'make docs': {path.name}"


def test_every_log_event_is_listed_and_every_listed_one_is_used() -> None:
    used: set[str] = set()
    for folder in ("shared", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(LOGGED.findall(path.read_text(encoding="utf-8")))
    assert used - set(LOG_EVENTS) == set(), "not listed in shared/core/logging.py"
    assert set(LOG_EVENTS) - used == set(), "listed but never logged"


def test_no_address_of_a_registry_and_no_path_of_a_machine_is_tracked() -> None:
    wrong = []
    for path in tracked():
        if path.suffix in (".woff2", ".png") or path.name in ("axe.min.js", "test_documents.py"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if NOT_OURS.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}")
    assert not wrong


def test_no_personal_number_that_could_be_somebodys_is_tracked() -> None:
    found = set()
    for path in tracked():
        if path.suffix not in (".woff2", ".png", ".lock") and path.name != "axe.min.js":
            numbers = NUMBER.findall(path.read_text(encoding="utf-8", errors="replace"))
            found |= {path.name for n in numbers if bsn.is_valid(n) and not n.startswith(TEST_RANGE)}
    assert not found


def test_every_field_of_every_event_has_a_dutch_title_and_description() -> None:
    bare = []
    for short in release.MODELS:
        schema = release.schema_of(short)
        for part in (schema, *schema.get("$defs", {}).values()):
            for name, field in part.get("properties", {}).items():
                if "description" not in field or "title" not in field:
                    bare.append(f"{short}.{name}")
    assert not bare


def test_the_list_of_decisions_has_the_titles_of_its_pages() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert listed
    assert listed == [(heading(folder / name), name) for _, name in listed]


def heading(page: Path) -> str:
    """The first line of a page, without its sign."""
    return page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
