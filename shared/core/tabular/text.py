"""The text of a CSV file: encoding, separator, and cells that a spreadsheet must not run."""

import codecs
import io
import re

from shared.core.errors import Fault

SEPARATOR = ";"
SEPARATORS = (SEPARATOR, ",")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes) -> str | Fault:
    """The text of a file in UTF-8, with or without byte order mark; else a fault that names what it looks like."""
    if data.startswith(UTF16) or data[:4000].count(0) * 4 > len(data[:4000]) > 0:
        return Fault("bestand", "een bestand in UTF-8; dit lijkt UTF-16", "encoding")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Fault(f"regel {line}", "een bestand in UTF-8; dit lijkt Windows-1252 of Latin-1", "encoding")


def separator_of(decoded: str) -> str:
    """The separator that the first non-blank line uses most; a semicolon when in doubt."""
    first = next((line for line in io.StringIO(decoded) if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def has_control(cell: str) -> bool:
    """Whether the cell holds control characters other than a tab or a line break."""
    return bool(CONTROL.search(cell))


def shield(cell: str) -> str:
    """The cell as a spreadsheet shows it without running it (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def unshield(cell: str) -> str:
    """The cell as it was before :func:`shield`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
