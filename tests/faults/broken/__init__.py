"""Builds that are broken on purpose: importing a module breaks the process it is imported in, and no other."""
