"""Parts of the page of one pupil: the road, what must still be done, and what happened."""
