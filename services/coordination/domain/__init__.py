"""What coordination decides: who has the pupil, what must be done next by whom, and when somebody must be warned."""
