"""The next version: an event has an optional field more, which every event of this build carries."""

from pydantic.fields import FieldInfo

from shared.schemas.coordination import CustodyChanged

CustodyChanged.__pydantic_fields__["edition"] = FieldInfo(annotation=str, default="next")
CustodyChanged.model_rebuild(force=True)
