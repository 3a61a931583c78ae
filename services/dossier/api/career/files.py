"""A file of a pupil as an answer, for programs and for people."""

from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from services.dossier.domain.career.files import ENDINGS, MEDIA_TYPES, plain_name
from services.dossier.handlers.mine.files import ReadFile, read_file
from shared.core.actor import Actor
from shared.messaging.outbox import perform

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}},
    404: {},
}


async def download(request: Request, actor: Actor, command: ReadFile) -> Response:
    """A file for whoever may read it: always as a download, under a name of ours with the title the pupil gave it."""
    state = request.app.state
    file, sealed = await perform(state.transport, actor, read_file, command)
    name = quote(f"{plain_name(file.title)}.{ENDINGS[file.kind]}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(state.keys.unseal_bytes(sealed), media_type=MEDIA_TYPES[file.kind], headers=headers)
