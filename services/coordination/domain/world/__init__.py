"""What a decision needs beside the facts of a pupil: the agreement, the calendar, and who can be reached where."""
