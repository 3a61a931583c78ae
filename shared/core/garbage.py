"""The collector of Python, set for processes that take many short-lived objects at a time."""

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 20
"""Objects made between two looks at the youngest, and looks at one age for one look at the next. A batch makes some ten
thousand objects that die with it, without cycles; at Python's own 700 a quarter of its time went to looking at them."""


def settle() -> None:
    """Call once, when everything that stays is loaded: it is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
