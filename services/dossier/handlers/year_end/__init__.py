"""The end of the school year: other routes than the mbo, and results of the final exam."""
