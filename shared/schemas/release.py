"""The JSON Schema of every event: the newest in `json/`, and every one ever released in `json/released/`, for ever.

`make docs` writes the newest. `python -m shared.schemas.release` releases it: refused when a released one would break.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.schemas.catalog import MODELS, wire_type
from shared.schemas.contract.compatibility import broken

FOLDER = Path(__file__).parent / "json"


def schema_of(name: str) -> dict[str, Any]:
    """JSON Schema of the data of one event, as released."""
    schema = MODELS[name].model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:overstap:schema:{wire_type(MODELS[name])}",
        **schema,
    }


def write(folder: Path = FOLDER) -> list[Path]:
    """Write the newest of all schemas; returns the files."""
    folder.mkdir(exist_ok=True)
    return [_write(folder / f"{stem(name)}.json", name) for name in sorted(MODELS)]


def stem(name: str) -> str:
    """Short type and version, as the files are called."""
    return f"{MODELS[name].TYPE}.{MODELS[name].VERSION}"


def released(folder: Path = FOLDER) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """Every schema ever released, in order: name of its model ("" when there is none), file, schema."""
    names = {stem(name): name for name in MODELS}
    for path in sorted((folder / "released").glob("*.json"), key=lambda path: (_stem(path), _number(path))):
        yield names.get(_stem(path), ""), path, json.loads(path.read_text(encoding="utf-8"))


def breaking(folder: Path = FOLDER) -> list[str]:
    """What the models no longer keep of anything released; each names the file and the field. Empty: all is kept."""
    found = []
    for name, path, schema in released(folder):
        if not name:
            found.append(f"{path.name}: the event is gone; add a version beside it")
        else:
            found += [f"{path.name}: {what}" for what in broken(schema, schema_of(name))]
    return found


def release(folder: Path = FOLDER) -> list[Path]:
    """Release what is new or has grown; returns the new files. Raises `ValueError` when a released one would break."""
    if found := breaking(folder):
        raise ValueError("\n".join(found))
    last = {name: (path, schema) for name, path, schema in released(folder)}
    (folder / "released").mkdir(parents=True, exist_ok=True)
    new = []
    for name in sorted(MODELS):
        path, schema = last.get(name, (None, None))
        if schema != schema_of(name):
            number = _number(path) + 1 if path else 1
            new.append(_write(folder / "released" / f"{stem(name)}.{number}.json", name))
    return new


def _stem(path: Path) -> str:
    return ".".join(path.name.split(".")[:2])


def _number(path: Path) -> int:
    return int(path.name.split(".")[2])


def _write(path: Path, name: str) -> Path:
    path.write_text(json.dumps(schema_of(name), indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    write()
    try:
        release()
    except ValueError as error:
        sys.exit(str(error))
