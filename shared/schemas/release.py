"""The JSON Schema of every event: the newest in `json/`, and every one ever released in `json/released/`, for ever.

`make docs` writes the newest. `python -m shared.schemas.release` releases it: refused when a released one would break.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.schemas.catalog import EVENTS, VERSION, wire_type
from shared.schemas.contract.compatibility import broken

FOLDER = Path(__file__).parent / "json"


def schema_of(short: str) -> dict[str, Any]:
    """JSON Schema of the data of one event, as released."""
    schema = EVENTS[short].model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:overstap:schema:{wire_type(short)}",
        **schema,
    }


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the newest of all schemas; returns the files."""
    folder.mkdir(exist_ok=True)
    return [_write(folder / f"{short}.{VERSION}.json", short) for short in sorted(EVENTS)]


def released(folder: Path = FOLDER) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Every schema ever released, in order: short type, file, schema."""
    for path in sorted((folder / "released").glob("*.json"), key=lambda path: (path.name.split(".")[0], _number(path))):
        yield path.name.split(".")[0], path, json.loads(path.read_text(encoding="utf-8"))


def breaking(folder: Path = FOLDER) -> list[str]:
    """What the models no longer keep of anything released; each names the file and the field. Empty: all is kept."""
    found = []
    for short, path, schema in released(folder):
        if short not in EVENTS:
            found.append(f"{path.name}: the event is gone; publish v2 beside it")
        else:
            found += [f"{path.name}: {what}" for what in broken(schema, schema_of(short))]
    return found


def release(folder: Path = FOLDER) -> list[Path]:
    """Release what is new or has grown; returns the new files. Raises `ValueError` when a released one would break."""
    if found := breaking(folder):
        raise ValueError("\n".join(found))
    last = {short: (path, schema) for short, path, schema in released(folder)}
    (folder / "released").mkdir(parents=True, exist_ok=True)
    new = []
    for short in sorted(EVENTS):
        path, schema = last.get(short, (None, None))
        if schema != schema_of(short):
            number = _number(path) + 1 if path else 1
            new.append(_write(folder / "released" / f"{short}.{VERSION}.{number}.json", short))
    return new


def _number(path: Path) -> int:
    return int(path.name.split(".")[2])


def _write(path: Path, short: str) -> Path:
    path.write_text(json.dumps(schema_of(short), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    write()
    try:
        release()
    except ValueError as error:
        sys.exit(str(error))
