"""Running a study: its answers read, looked at, fitted, resampled; nothing is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from csi.blocks import Said
from csi.codebook import said
from csi.display.words import Language
from csi.errors import DataError
from csi.fit import Fit
from csi.reading import Answers
from csi.studyfile import before, data
from csi.studyfile.file import StudyFile

#: Resamples of a study that does not say how many.
RESAMPLES = 10_000
SYNTHETIC = Said("SYNTHETIC: ", "【合成数据】")
Extra = Callable[[pd.DataFrame], list[Any]]


@dataclass(frozen=True, eq=False)
class Run:
    """A study that was run: its fit, the tables around it, and what is to be told."""

    file: StudyFile
    answers: Answers
    used: pd.DataFrame
    fit: Fit
    before: list[Any]
    notes: list[Said] = field(default_factory=list)

    @property
    def synthetic(self) -> bool:
        """Whether the answers are made up."""
        return self.file.synthetic or data.says_synthetic(self.answers.data)

    def title(self, language: Language) -> str:
        """What the report is called; nothing where the study has no title and its answers were given by people."""
        own = said(self.file.title, language)
        mark = SYNTHETIC.words[language] if self.synthetic else ""
        return f"{mark}{own or self.fit.model.name}" if mark or own else ""


def run(
    file: StudyFile,
    *,
    resamples: int | None = None,
    rng: int | None = None,
    progress: bool = False,
    extra: Extra | None = None,
) -> Run:
    """Read the answers, fit the model, draw resamples, make the tables around it.

    Parameters
    ----------
    file : StudyFile
    resamples, rng : int, optional
        In place of those of the file.
    progress : bool
        Whether long runs show a bar.
    extra : callable, optional
        Tables of the answers that only this study has.

    Returns
    -------
    Run

    Raises
    ------
    CsiError
        If the answers cannot be read or the model not be fitted.
    """
    answers = data.opened(file)
    notes: list[Said] = []
    used = cleaned(file, answers.data, notes)
    by = file.by[0] if len(file.by) == 1 else file.by or None
    fit = file.study.fit(replace(answers, data=used), by=by)
    size = next(n for n in (resamples, file.resamples, RESAMPLES) if n is not None)
    if size:
        fit = fit.bootstrap(size, rng=file.rng if rng is None else rng, progress=progress)
        fit = dataclasses.replace(fit, core=dataclasses.replace(fit.core, usual=file.interval))
    tables = [
        *([before.synthetic(len(answers))] if file.synthetic or data.says_synthetic(answers.data) else []),
        *(extra(used) if extra else []),
        *before.sections(file, answers.data, used, fit, notes),
    ]
    return Run(file, answers, used, fit, tables, notes)


def cleaned(file: StudyFile, answers: pd.DataFrame, notes: list[Said]) -> pd.DataFrame:
    """Leave out respondents by the signs that the study names, and say how many."""
    signs = file.screen.get("drop", ())
    signs = [signs] if isinstance(signs, str) else list(signs)
    if not signs:
        return answers
    kept = before.screening(file, answers).keep(signs)
    gone = int((~kept).sum())
    if gone == len(answers):
        raise DataError(f"screen.drop ({', '.join(signs)}) would leave out every respondent")
    notes.append(Said(f"{gone} of {len(answers):,} respondents were left out, by screen.drop ({', '.join(signs)})",
                      f"按 screen.drop（{'、'.join(signs)}）剔除 {len(answers):,} 份中的 {gone} 份"))  # fmt: skip
    return answers[kept]
