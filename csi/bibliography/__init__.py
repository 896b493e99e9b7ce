"""Works that are cited, once and as data, and how a list of references writes them."""

from csi.bibliography.styles import Style, listed
from csi.bibliography.works import Work, named_in, works

__all__ = ["Style", "Work", "listed", "named_in", "works"]
