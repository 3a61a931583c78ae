"""Identifiers: sortable event ids, and the pseudonym that stands for a pupil everywhere."""

import base64
import hmac
from hashlib import sha256
from uuid import UUID

import uuid_utils.compat as uuid_utils


def new_id() -> UUID:
    """A UUIDv7: unique and sortable by the moment it was made (RFC 9562)."""
    made: UUID = uuid_utils.uuid7()
    return made


def pupil_ref(key: bytes, pgn: str) -> str:
    """The pseudonym of a pupil: first 16 bytes of HMAC-SHA256(key, PGN), lower-case base32, 26 characters.

    The same number gives the same reference within one installation; without the key it can not be reversed
    or guessed. `pgn` is a BSN or onderwijsnummer of 9 digits.
    """
    digest = hmac.new(key, pgn.encode(), sha256).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def opaque_ref(kind: str, *parts: str) -> str:
    """A stable opaque reference (26 characters) for something named by codes, such as a choice."""
    digest = sha256("\x1f".join((kind, *parts)).encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()
