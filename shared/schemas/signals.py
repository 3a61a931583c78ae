"""Topic `signals`: dated, protected figures. Nothing in it can be led back to a pupil."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from shared.schemas.envelope import Cohort, EntityId, EventData, Region
from shared.schemas.vocabulary.limits import AtMost


class SnapshotPublished(EventData):
    """A dated set of tables of one region was published. `subject` is the region."""

    TYPE: ClassVar[str] = "snapshot-published"

    snapshot_id: EntityId = Field(title="Publicatie", description="Sleutel van de publicatie")
    region: Region = Field(title="Regio", description="Doorstroompuntregio")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    reference_date: date = Field(title="Peildatum", description="Dag waarop de stand is opgenomen")
    cells: Annotated[dict[Annotated[str, AtMost(48)], Annotated[str, AtMost(8)]], AtMost(176)] = Field(
        title="Cijfers", description="Naam van het cijfer en de waarde; c beschermd, x niet bekend"
    )
