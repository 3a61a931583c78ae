"""The transfer data of a dossier: what the school writes, whom it informs, and what the family objects to."""
