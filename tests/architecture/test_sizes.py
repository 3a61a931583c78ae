"""Sizes that one person can hold in the head (docs/architecture.md)."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILE_LINES, FUNCTION_LINES, USUAL_LINES, FOLDER_FILES, PARAMETERS = 400, 50, 30, 12, 5


def sources() -> Iterator[Path]:
    for folder in ("shared", "services", "bench", "tests"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sources():
        if path.is_relative_to(ROOT / "tests"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    assert function.end_lineno
    return function.end_lineno - function.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)


def is_route(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A route or a command of the command line declares its inputs as parameters; the framework fills them in."""
    return any("router" in ast.unparse(d) or "app." in ast.unparse(d) for d in function.decorator_list)


def test_no_file_is_longer_than_one_can_hold() -> None:
    assert not [str(p) for p in sources() if len(p.read_text(encoding="utf-8").splitlines()) > FILE_LINES]


def test_functions_are_small() -> None:
    lengths = {name: length(function) for name, function in functions()}
    assert not {name: n for name, n in lengths.items() if n > FUNCTION_LINES}
    assert sum(n <= USUAL_LINES for n in lengths.values()) >= 0.95 * len(lengths)


def test_no_folder_holds_more_files_than_one_can_take_in() -> None:
    folders = {path.parent for path in sources()}
    crowded = {
        str(folder.relative_to(ROOT)): n
        for folder in folders
        if (n := len([p for p in folder.glob("*.py") if p.name != "__init__.py"])) > FOLDER_FILES
    }
    assert not crowded


def test_functions_take_few_parameters() -> None:
    many = {}
    for name, function in functions():
        arguments = function.args
        names = [a.arg for a in (*arguments.posonlyargs, *arguments.args) if a.arg not in ("self", "cls")]
        if len(names) > PARAMETERS and not is_route(function):
            many[name] = len(names)
    assert not many
