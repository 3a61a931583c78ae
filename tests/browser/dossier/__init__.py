"""Pages of the dossier that came later, in a browser."""
