"""What a table compares: single items, or the mean answer of every construct."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blocks import Answers

Floats = NDArray[np.float64]


def scores(answers: Answers) -> tuple[Floats, pd.Index, str]:
    """Columns to be compared (n, k), their names, and how they were made.

    With a Model or a mapping of blocks the columns are the means of each block's items, for respondents who
    answered all of them; else the items themselves.
    """
    if not answers.named:
        return answers.values, pd.Index(answers.names, name="item"), "available cases"
    columns = [answers.values[:, list(at)].mean(axis=1) for at in answers.blocks.values()]
    names = pd.Index(list(answers.blocks), name="construct")
    return np.column_stack(columns), names, "construct scores are means of the items, from respondents with all of them"
