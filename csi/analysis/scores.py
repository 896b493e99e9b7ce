"""What a table compares: single items, or the mean answer of every construct."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csi.blocks import Arrays, Said

Floats = NDArray[np.float64]


def scores(answers: Arrays) -> tuple[Floats, pd.Index, Said]:
    """Columns to be compared (n, k), their names, and how they were made.

    With a Model or a mapping of blocks the columns are the means of each block's items, for respondents who
    answered all of them; else the items themselves.
    """
    if not answers.named:
        return answers.values, pd.Index(answers.names, name="item"), Said("available cases", "按可用样本计算")
    columns = [answers.values[:, list(at)].mean(axis=1) for at in answers.blocks.values()]
    names = pd.Index(list(answers.blocks), name="construct")
    treatment = Said(
        "construct scores are means of the items, from respondents with all of them",
        "潜变量得分为其题项均值，仅含全部作答者",
    )
    return np.column_stack(columns), names, treatment
