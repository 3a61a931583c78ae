"""What a pupil may put in a dossier: a PDF or a picture, told by its content and never by its name.

A picture is made again from its own parts: what stands before, between or behind them is left out. So no file is two
things at once, and the place and the device that a phone writes into a photo stay with the pupil.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from struct import pack
from typing import Literal
from zlib import crc32

from shared.core.errors import Fault, Invalid

Kind = Literal["pdf", "png", "jpeg"]
MOST_BYTES = 5 * 1024 * 1024
"""Of one file: a scan of some pages, or a photo."""
MOST_FILES = 10
TITLE_LENGTH = NAME_LENGTH = 120
MEDIA_TYPES: dict[Kind, str] = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}
ENDINGS: dict[Kind, str] = {"pdf": "pdf", "png": "png", "jpeg": "jpg"}

_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"pHYs", b"IDAT", b"IEND"})
_APP0, _EXIF, _ADOBE, _COMMENT, _SCAN, _END = 0xE0, 0xE1, 0xEE, 0xFE, 0xDA, 0xD9
_PDF_ACTS = re.compile(rb"/(JavaScript|Launch|EmbeddedFile|RichMedia)")
_OTHER_SIGNS = (b"PK\x05\x06", b"PK\x03\x04\x14\x00", b"<html", b"<script", b"<!doctype html", b"<?php")
"""What a PDF has no reason to hold: the ends of an archive, and pages."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a pupil, without its content."""

    file_id: str
    title: str
    kind: Kind
    size: int
    name: bytes
    """Sealed: as the pupil's own device calls it."""
    added_at: datetime
    shared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What is kept of a file that was handed in."""

    kind: Kind
    content: bytes


class NotThis(ValueError):
    """The content is not what its first bytes say."""


def checked(data: bytes) -> Checked:
    """What is kept of a file. Raises `Invalid` when it is larger than `MOST_BYTES`, or none of the three kinds."""
    if len(data) > MOST_BYTES:
        raise Invalid([Fault("file", f"Ten hoogste {MOST_BYTES // 1024 // 1024} MB", "too_large")])
    try:
        if data.startswith(_PNG):
            return Checked("png", _png(data))
        if data.startswith(_JPEG):
            return Checked("jpeg", _jpeg(data))
        if data.startswith(_PDF):
            return Checked("pdf", _pdf(data))
    except (NotThis, IndexError):
        pass
    raise Invalid([Fault("file", "Een PDF, een PNG of een JPEG (foto), zonder iets anders erin", "file_kind")])


def plain_name(name: str) -> str:
    """The name of a file without folders and without what a header or a file system could take for something else."""
    last = re.split(r"[/\\]", name)[-1]
    return re.sub(r"[^\w .()-]", "", last).strip(" .")[-NAME_LENGTH:] or "bestand"


def _pdf(data: bytes) -> bytes:
    """As it is, when it ends where a PDF ends and holds nothing that acts by itself or is something else.

    What stands inside compressed parts is not looked at: whoever opens it does so on their own device, as a download.
    """
    lowered = data.lower()
    if not data.rstrip(b"\r\n \t\0").endswith(b"%%EOF") or _PDF_ACTS.search(data):
        raise NotThis
    if any(sign.lower() in lowered for sign in _OTHER_SIGNS):
        raise NotThis
    return data


def _png(data: bytes) -> bytes:
    """The parts that make the picture, up to its end."""
    kept, seen = [_PNG], []
    for name, part in _png_parts(data):
        seen.append(name)
        if name in _PNG_KEPT:
            kept.append(part)
        elif name[:1].isupper():
            raise NotThis
    if seen[0] != b"IHDR" or b"IDAT" not in seen:
        raise NotThis
    return b"".join(kept)


def _png_parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        name, checksum = data[at + 4 : at + 8], data[end - 4 : end]
        if end > len(data) or crc32(data[at + 4 : end - 4]) != int.from_bytes(checksum, "big"):
            raise NotThis
        yield name, data[at:end]
        if name == b"IEND":
            return
        at = end


def _jpeg(data: bytes) -> bytes:
    """The parts that make the picture, up to its end; of what the camera wrote only which way up it is."""
    kept, scans = [b"\xff\xd8"], 0
    for marker, part in _jpeg_parts(data):
        scans += marker == _SCAN
        if marker == _EXIF:
            kept.append(_upright(part))
        elif not (_APP0 < marker <= 0xEF or marker == _COMMENT) or marker == _ADOBE:
            kept.append(part)
    if not scans:
        raise NotThis
    return b"".join(kept)


def _jpeg_parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each part with its marker; a scan together with the picture behind it."""
    at = 2
    while True:
        marker = data[at + 1]
        if data[at] != 0xFF or not 0xC0 <= marker <= 0xFE or 0xD0 <= marker <= 0xD8:
            raise NotThis
        if marker == _END:
            yield marker, data[at : at + 2]
            return
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise NotThis
        if marker == _SCAN:
            end = _end_of_scan(data, end)
        yield marker, data[at:end]
        at = end


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands: 0xFF, unless it is written out (00) or a restart (D0 to D7)."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise NotThis
        following = data[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at


def _upright(part: bytes) -> bytes:
    """An Exif part with the orientation alone; nothing when the photo is upright or does not say."""
    tiff = part[10:]
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    if part[4:10] != b"Exif\0\0" or tiff[:2] not in (b"II", b"MM"):
        return b""
    directory = int.from_bytes(tiff[4:8], order)
    for n in range(int.from_bytes(tiff[directory : directory + 2], order)):
        tag = tiff[directory + 2 + 12 * n : directory + 14 + 12 * n]
        if int.from_bytes(tag[:2], order) == 0x0112 and 2 <= (turned := int.from_bytes(tag[8:10], order)) <= 8:
            return _orientation(turned)
    return b""


def _orientation(turned: int) -> bytes:
    tiff = pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, turned, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + pack(">H", len(body) + 2) + body
