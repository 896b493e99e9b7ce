"""Items in blocks: the answers that a table before any model needs, with groups, case weights and the design."""

from csi.blocks.answers import Arrays, Group, Mean, Replicates, Scale, keys, said_doubt, stacked
from csi.blocks.joined import each_group
from csi.blocks.reading import ModelLike, read
from csi.blocks.said import Said, also, chinese

__all__ = [
    "Arrays",
    "Group",
    "Mean",
    "ModelLike",
    "Replicates",
    "Said",
    "Scale",
    "also",
    "chinese",
    "each_group",
    "keys",
    "read",
    "said_doubt",
    "stacked",
]
