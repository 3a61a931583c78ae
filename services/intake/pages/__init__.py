"""The pages of intake: the work list, one application, and handing in files."""

from fastapi import APIRouter

from services.intake.pages import application, imports, invite, worklist

router = APIRouter(include_in_schema=False)
for part in (worklist, invite, application, imports):
    router.include_router(part.router)
