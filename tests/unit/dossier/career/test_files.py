"""What a pupil may put in a dossier is told by its content, and a picture is kept without what it has no need of."""

import zlib
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.career.files import MOST_BYTES, checked, plain_name
from shared.core.errors import Invalid

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
GPS = b"GPS 52.0907 N 5.1214 E"


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


def png(*extra: bytes) -> bytes:
    header = chunk(b"IHDR", pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(b"\0abc")) + chunk(b"IEND")


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + pack(">H", len(data) + 2) + data


def exif(turned: int) -> bytes:
    """As a camera writes it: which way up, and where it was taken."""
    tiff = pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, turned, 0, 0)
    return segment(0xE1, b"Exif\0\0" + tiff + GPS)


SCAN = segment(0xDA, bytes(6)) + b"picture\xff\x00with\xff\xd3restarts"


def jpeg(*extra: bytes) -> bytes:
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"".join(extra) + segment(0xC0, bytes(9)) + SCAN + b"\xff\xd9"


@pytest.mark.parametrize(("data", "kind"), [(PDF, "pdf"), (png(), "png"), (jpeg(), "jpeg")])
def test_the_three_kinds_are_told_by_content_and_kept_as_they_are(data: bytes, kind: str) -> None:
    assert (checked(data).kind, checked(data).content) == (kind, data)


def test_what_a_phone_adds_to_a_photo_is_left_out_and_the_photo_stays_upright() -> None:
    second = jpeg()  # the film or the second picture that phones put behind the first
    kept = checked(jpeg(exif(6), segment(0xFE, b"remark"), segment(0xE2, b"MPF")) + second).content
    assert GPS not in kept
    assert b"remark" not in kept
    assert b"MPF" not in kept
    assert kept.endswith(SCAN + b"\xff\xd9")
    assert kept.count(b"\xff\xd8") == 1
    assert pack(">HHIH", 0x0112, 3, 1, 6) in kept
    assert checked(kept).content == kept, "a second look changes nothing"


@pytest.mark.parametrize("turned", [0, 1, 9, 65535])
def test_a_photo_that_is_upright_or_says_something_odd_keeps_no_exif(turned: int) -> None:
    assert checked(jpeg(exif(turned))).content == jpeg()


def test_a_picture_keeps_nothing_but_its_parts() -> None:
    hidden = png(chunk(b"tEXt", b"Author\0Noor"), chunk(b"eXIf", GPS)) + b"PK\x03\x04 an archive behind it"
    assert checked(hidden).content == png()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"PK\x03\x04word/document.xml",
        b" " + PDF,
        PDF + b"<html><script>",
        PDF.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript /JS (x) >>"),
        PDF.replace(b"%%EOF", b"PK\x05\x06" + bytes(18) + b"%%EOF"),
        b"%PDF-1.7 without an end",
        png()[:-12],
        png().replace(b"IDAT", b"IDAX"),
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND"),
        png(chunk(b"EVIL")),
        b"\xff\xd8\xff\xd9",
        jpeg()[:-2],
        jpeg()[:30],
        jpeg(b"stray"),
        b"\xff\xd8\xff<?php",
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        checked(data)
    assert [fault.code for fault in refused.value.faults] == ["file_kind"]


def test_there_is_a_limit_to_the_size() -> None:
    with pytest.raises(Invalid) as refused:
        checked(PDF.rjust(MOST_BYTES + 1))
    assert [fault.code for fault in refused.value.faults] == ["too_large"]


@given(
    st.sampled_from([PDF, png(chunk(b"tEXt", b"a\0b")), jpeg(exif(3))]),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.binary(max_size=20),
)
def test_whatever_comes_is_kept_as_one_of_the_three_or_refused(
    data: bytes, damage: list[tuple[int, int]], behind: bytes
) -> None:
    broken = bytearray(data + behind)
    for at, value in damage:
        broken[at % len(broken)] = value
    try:
        kept = checked(bytes(broken))
    except Invalid:
        return
    assert checked(kept.content) == kept
    assert kept.kind == "pdf" or len(kept.content) <= len(broken) + 40


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Noor\\cv.pdf", "cv.pdf"),
        ('a"b\r\nSet-Cookie: x.png', "abSet-Cookie x.png"),
        ("é foto (1).jpg", "é foto (1).jpg"),
        ("..", "bestand"),
        ("", "bestand"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_a_name_and_no_path_or_header(given_name: str, kept: str) -> None:
    assert plain_name(given_name) == kept
