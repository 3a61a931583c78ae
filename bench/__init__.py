"""Measurements of the road of an event, beside the alternatives: `make bench`, `make bench-memory`."""
