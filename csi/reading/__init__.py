"""Opening what survey tools export: answers with a codebook and a log of everything that was done to them."""

from csi.reading.answers import Answers, PersonalDataWarning
from csi.reading.matching import Match, match
from csi.reading.reader import read

__all__ = ["Answers", "Match", "PersonalDataWarning", "match", "read"]
