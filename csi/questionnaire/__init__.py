"""Before the data: indicator hierarchies, their questionnaires and codebooks, and scores at every node."""

from csi.questionnaire.evaluation import fuzzy
from csi.questionnaire.hierarchy import Hierarchy
from csi.questionnaire.judging import AHP, ahp, entropy
from csi.questionnaire.printed import Questionnaire
from csi.questionnaire.ready import names, ready
from csi.questionnaire.signs import wording
from csi.questionnaire.weights import NodeWeights
from csi.questionnaire.words import Aspect, Branch, Question

__all__ = [
    "AHP",
    "Aspect",
    "Branch",
    "Hierarchy",
    "NodeWeights",
    "Question",
    "Questionnaire",
    "ahp",
    "entropy",
    "fuzzy",
    "names",
    "ready",
    "wording",
]
