"""Named SQL: queries live in `.sql` files, Python holds their names."""

import re
from pathlib import Path

_NAME = re.compile(r"^-- name: (?P<name>[a-z0-9_]+)[ \t]*$", re.MULTILINE)


def load(path: Path) -> dict[str, str]:
    """Read a file of queries, each headed by ``-- name: some_name`` and a line that says what it is for."""
    text = path.read_text(encoding="utf-8")
    marks = list(_NAME.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    queries = {mark["name"]: text[mark.end() : end].strip() for mark, end in zip(marks, ends, strict=True)}
    if len(queries) != len(marks):
        raise ValueError(f"{path.name}: two queries have the same name")
    return queries
