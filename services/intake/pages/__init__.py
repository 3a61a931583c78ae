"""The pages of intake: the work list, one application, and handing in files."""

from fastapi import APIRouter

from services.intake.pages import application, exports, imports, invite, shadows, worklist

router = APIRouter(include_in_schema=False)
for part in (worklist, invite, application, exports, imports, shadows):
    router.include_router(part.router)
