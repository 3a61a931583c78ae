"""Warm handover: asking for a talk from either side, and every move until what was agreed is done."""
