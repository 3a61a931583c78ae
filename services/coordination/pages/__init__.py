"""The pages of coordination: what must be done, one pupil, and who can be reached."""

from fastapi import APIRouter

from services.coordination.pages import (
    agreements,
    casetables,
    contacts,
    imports,
    offers,
    pupil,
    region,
    tasks,
    timeline,
    worklist,
)

router = APIRouter(include_in_schema=False)
for part in (worklist, offers, pupil, contacts, imports, agreements, casetables, region, timeline, tasks):
    router.include_router(part.router)
