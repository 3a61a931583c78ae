"""Versions of what is changed by several people: an ETag with what is read, If-Match with what is written."""

import re
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

from shared.core.errors import Fault, Invalid

_TAG = re.compile(r'"([0-9]{1,9})"')


def tag(response: Response, version: int) -> None:
    """Put the version of what is answered in the header ETag (RFC 9110, 8.8.3)."""
    response.headers["ETag"] = f'"{version}"'


def fingerprint(response: Response, answer: BaseModel) -> None:
    """Put what tells this answer from any other in the header ETag: for what has no version of its own."""
    digest = sha256(answer.model_dump_json(by_alias=True).encode()).hexdigest()
    response.headers["ETag"] = f'"{digest[:32]}"'


def _expected(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The ETag that was read; a newer version answers 412", examples=['"3"']),
    ] = None,
) -> int | None:
    if if_match in (None, "*"):
        return None
    found = _TAG.fullmatch(if_match.strip())
    if not found:
        raise Invalid([Fault("/header/If-Match", 'The ETag of an earlier answer, such as "3"', "invalid")])
    return int(found[1])


Expected = Annotated[int | None, Depends(_expected)]
"""The version that the sender read; None when the sender does not say (for `check_version`)."""
STALE: dict[int | str, dict[str, object]] = {412: {}}
"""For `responses` of an operation that takes If-Match."""
