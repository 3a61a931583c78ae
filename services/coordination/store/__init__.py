"""All SQL of coordination: cases for handlers, the directory of organisations, and what the pages read."""

from services.coordination.store.cases import load, save
from services.coordination.store.directory import (
    directory,
    hold_directory,
    listings,
    looked_on,
    next_rosters,
    organisations_in,
    roster,
    save_listings,
)
from services.coordination.store.offers import Note, add_note

__all__ = [
    "Note",
    "add_note",
    "directory",
    "hold_directory",
    "listings",
    "load",
    "looked_on",
    "next_rosters",
    "organisations_in",
    "roster",
    "save",
    "save_listings",
]
