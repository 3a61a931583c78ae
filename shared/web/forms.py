"""Forms and uploads, read with the same models as the API."""

from typing import TypeVar, get_origin

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.core.errors import Fault, Invalid
from shared.web.problems import faults_of
from shared.web.texts import gettext as _

UPLOAD_BYTES = 10 * 1024 * 1024
"""Largest file that is accepted."""
SEARCH_LENGTH = 100

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], form: FormData) -> Model:
    """The form as a model. What is left empty counts as absent; raises `Invalid` with every fault at once."""
    given: dict[str, object] = {}
    for name in form:
        values = [text for value in form.getlist(name) if isinstance(value, str) and (text := value.strip())]
        if values:
            given[name] = values if _takes_many(model, name) else values[-1]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise Invalid(faults_of(error.errors(include_input=False), prefix="", translate=_)) from None


async def searched(request: Request) -> str:
    """What somebody looks for in a list; empty: nothing. It comes in the body of a POST, never in an address: what is
    looked for is a name, and addresses stay behind in histories and logs."""
    return str((await request.form()).get("q", "")).strip()[:SEARCH_LENGTH]


async def read_upload(form: FormData, name: str, limit: int = UPLOAD_BYTES) -> bytes:
    """The bytes of an uploaded file. Raises `Invalid` without a file, and 413 when it is larger than `limit`."""
    upload = form.get(name)
    if not isinstance(upload, UploadFile) or not upload.filename:
        raise Invalid([Fault(name, _("Choose a file"), "missing")])
    content = await upload.read(limit + 1)
    if len(content) > limit:
        raise HTTPException(413)
    return content


def _takes_many(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and get_origin(field.annotation) in (list, tuple, set, frozenset)
