"""The catalogue of satisfaction models: `ecsi()`, `acsi()`, `ccsi()` ... by function, `get("ccsi")` by name.

Examples
--------
>>> import csi.models
>>> csi.models.acsi(items={"satisfaction": ["S1", "S2", "S3"]}, scale=(1, 5)).constructs["satisfaction"]
Construct(['S1', 'S2', 'S3'], label={'en': 'Customer satisfaction', 'zh': '顾客满意度'})
"""

from csi.models.aggregation import Rule, rule, rules
from csi.models.catalogue import Entry, all, catalogue, entries, entry, get, names
from csi.models.indices import acsi, ccsi, ecsi, ncsb, scsb, swics, tcsi, tcsi_taiwan

__all__ = [
    "Entry",
    "Rule",
    "acsi",
    "all",
    "catalogue",
    "ccsi",
    "ecsi",
    "entries",
    "entry",
    "get",
    "names",
    "ncsb",
    "rule",
    "rules",
    "scsb",
    "swics",
    "tcsi",
    "tcsi_taiwan",
]
