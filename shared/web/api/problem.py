"""The errors of the API: problem details (RFC 9457), as they are answered and as they are documented."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, and the words that are the same for every occurrence."""

    status: int
    title: str
    detail: str


KINDS: dict[str, Kind] = {
    "invalid": Kind(400, "The request is not valid", "Every fault stands in errors: where, and what is expected."),
    "rejected": Kind(400, "This can not be processed", "Every fault stands in errors. Sending it again is no use."),
    "token-needed": Kind(401, "A valid token is needed", "Send a bearer token that has not expired."),
    "forbidden": Kind(403, "Not allowed", "The organisation and role in the token may not do this."),
    "other-site": Kind(403, "Not allowed from another site", "A browser said that another site asked for this."),
    "not-found": Kind(404, "Not found", "It is not there, or the organisation in the token may not know that it is."),
    "method-not-allowed": Kind(405, "No such method here", "The header Allow lists the methods that there are."),
    "illegal-move": Kind(409, "Not possible in this state", "Nothing changed. open_moves is what can be done now."),
    "answer-lost": Kind(
        409, "Carried out before", "A request with this key was carried out; its answer is not kept. Read."
    ),
    "stale": Kind(412, "Changed in the meantime", "Somebody else changed it first. Read it again."),
    "too-large": Kind(413, "Too large", "A request holds 11 MB at most, a file 10 MB."),
    "media-type": Kind(415, "This content type is not accepted", "The API document names what each operation takes."),
    "internal": Kind(500, "Something went wrong on our side", "It was logged. Sending it again may help."),
    "unavailable": Kind(503, "Not available for a moment", "Nothing changed. Try again after Retry-After seconds."),
    "http-error": Kind(400, "This request is not possible", "The API document tells what is."),
}
"""Last part of a problem's `type` → what it is. `http-error` is the rest, with a status of its own."""


class Problem(BaseModel):
    """What went wrong (RFC 9457). It never repeats what was sent."""

    type: str = Field(
        description="Kind of problem, for programs; does not change", examples=["urn:overstap:problem:not-found"]
    )
    title: str = Field(description="The kind in words", examples=["Not found"])
    status: int = Field(ge=400, le=599, description="HTTP status", examples=[404])
    detail: str = Field(description="What the sender can do", examples=["It does not exist."])


class RequestFault(BaseModel):
    """One thing wrong with what was sent. Never the value itself."""

    where: str = Field(
        description="JSON pointer from `/body`, `/query` or `/path`; in a file its row and column",
        examples=["/body/programme"],
    )
    expected: str = Field(description="What should stand there, in words", examples=["A value that matches ^[0-9]{5}$"])
    code: str = Field(description="For programs; does not change", examples=["invalid"])


class InvalidProblem(Problem):
    """The request is not valid: every fault at once."""

    errors: list[RequestFault] = Field(description="Every fault of the request")


class MoveProblem(Problem):
    """The state machine does not allow this now; nothing changed."""

    entity: str = Field(description="What it is about", examples=["handover"])
    state: str = Field(description="Where it stands now", examples=["offered"])
    open_moves: list[str] = Field(description="What the sender can do now", examples=[["open"]])


class StaleProblem(Problem):
    """Somebody else changed it first; nothing changed now."""

    entity: str = Field(description="What it is about", examples=["part"])
    version: int = Field(description="The version there is now; its ETag", examples=[4])
    changed_at: datetime | None = Field(
        description="Since when; null: not known", examples=["2027-03-01T09:00:00+00:00"]
    )
    changed_by: str | None = Field(description="Role or organisation that did it; null: not known", examples=["mentor"])


MODELS: dict[int, type[Problem]] = {400: InvalidProblem, 409: MoveProblem, 412: StaleProblem}
"""Status → its model, where it says more than `Problem`."""
