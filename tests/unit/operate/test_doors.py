"""Which door a file goes in at, and what is said of a file that fits none."""

import pytest

from shared.core.tabular import kinds
from shared.operate.doors import Refused, Unusable, door_of, sender_of

CHOICES = ";".join(kinds.CHOICES.header)


def test_a_misspelt_column_is_told_beside_the_kind_that_fits_best() -> None:
    with pytest.raises(Unusable, match="nearest is choices, which also has crebo"):
        door_of(CHOICES.replace("crebo", "opleiding").encode())


def test_a_file_in_utf_16_is_told_apart_from_a_header_that_fits_nothing() -> None:
    with pytest.raises(Unusable, match="UTF-16"):
        door_of(f"{CHOICES}\n99AA00\n".encode("utf-16"))


@pytest.mark.parametrize("rows", ["", '"99AA00;2027;1\n99AA00;2027;2\n', "\n;;\n"])
def test_a_file_that_tells_no_sender_is_refused_before_anybody_is_asked(rows: str) -> None:
    data = f"{CHOICES}\n{rows}".encode()
    with pytest.raises(Unusable, match="code of the organisation"):
        sender_of(data, door_of(data))


def test_a_refusal_tells_its_faults_and_else_what_it_is_about() -> None:
    faults = [{"where": "regel 2", "expected": "een bestand in UTF-8"}]
    body = {"title": "The request is not valid", "detail": "Every fault stands in errors."}
    assert str(Refused(400, body | {"errors": faults})) == "400 The request is not valid: regel 2: een bestand in UTF-8"
    assert str(Refused(400, body)) == "400 The request is not valid: Every fault stands in errors."


@pytest.mark.parametrize("data", [b"", b"\n99AA00\n"])
def test_a_file_without_a_header_is_told_to_have_none(data: bytes) -> None:
    with pytest.raises(Unusable, match="first line is empty"):
        door_of(data)
