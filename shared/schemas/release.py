"""Writes the JSON Schema of every event to `json/`: the released contract, kept for ever."""

import json
from pathlib import Path
from typing import Any

from shared.schemas.catalog import EVENTS, VERSION, wire_type

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
    """Write all schemas; returns the files."""
    folder.mkdir(exist_ok=True)
    files = []
    for short in sorted(EVENTS):
        path = folder / f"{short}.{VERSION}.json"
        path.write_text(json.dumps(schema_of(short), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        files.append(path)
    return files


if __name__ == "__main__":
    write()
