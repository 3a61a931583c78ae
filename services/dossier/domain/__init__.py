"""The rules of the dossier: pure functions of what is known, without I/O and without a clock."""
