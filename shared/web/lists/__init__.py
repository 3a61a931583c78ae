"""What every work list of pages has: filters with counts, views, groups with the most urgent first, and a CSV file.

A service says what its list is in one :class:`WorkList`; :func:`show` shows it and :func:`doors` gives the pages around
it. The template extends `lists.html`.
"""

from shared.web.lists.asked import Asked
from shared.web.lists.pages import doors, show
from shared.web.lists.worklist import Column, Facet, Group, View, WorkList

__all__ = ["Asked", "Column", "Facet", "Group", "View", "WorkList", "doors", "show"]
