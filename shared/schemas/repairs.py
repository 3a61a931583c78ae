"""Topic `repairs`: holes noticed by a consumer, and how far the streams of a publisher have come.

These two are housekeeping of the transport: they belong to no stream, carry no sequence and are never kept.
"""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.schemas.envelope import EventData
from shared.schemas.vocabulary.limits import AtMost


class ResendRequested(EventData):
    """A consumer misses events of one stream and asks the publisher to send them again. `subject` is the stream's."""

    TYPE: ClassVar[str] = "resend-requested"

    publisher: str = Field(title="Uitgever", description="Dienst die opnieuw moet sturen", max_length=32)
    consumer: str = Field(title="Vrager", description="Dienst die iets mist", max_length=32)
    first: int = Field(ge=1, title="Eerste", description="Eerste volgnummer dat ontbreekt")
    last: int = Field(ge=1, title="Laatste", description="Laatste volgnummer dat ontbreekt")


class HeadsAnnounced(EventData):
    """How far some streams of a publisher have come, so that a loss at the very end is noticed too."""

    TYPE: ClassVar[str] = "heads-announced"

    publisher: str = Field(title="Uitgever", description="Dienst waarvan dit de stand is", max_length=32)
    heads: Annotated[dict[Annotated[str, AtMost(26)], int], AtMost(300)] = Field(
        title="Standen", description="Per onderwerp het laatste volgnummer"
    )
