"""The pages of the dossier, for the school and for the institution."""

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
