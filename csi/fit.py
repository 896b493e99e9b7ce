"""A fit: verbs return fits, nouns return tables. The work lives in `results/`; this class only names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from csi.errors import DataError, NotAvailable, suggest_label
from csi.nouns.comparing import Comparing
from csi.nouns.estimates import Paths
from csi.nouns.indices import Indices
from csi.nouns.predictions import Predictions
from csi.nouns.structural import Structural
from csi.nouns.workbench import Workbench
from csi.results import (
    archive,
    design_effect,
    influence,
)
from csi.results import doubts as doubting
from csi.spec import Model


@dataclass(frozen=True, eq=False)
class Fit(Comparing, Indices, Paths, Workbench, Predictions, Structural):
    """Estimates of a model, in groups where asked, with replicates where drawn.

    Made by `Study.fit`. Nouns (`index()`, `paths()`, ...) return tables; verbs (`bootstrap()`, ...) return a fit
    whose nouns have intervals from replicates. Before any verb, standard errors come from linearization: the
    influence of every case on the result, by the design.

    Examples
    --------
    >>> import csi
    >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    >>> fit.paths().round(3).loc[("quality", "satisfaction")].to_dict()["estimate"]
    0.512
    """

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        """The model that was fitted.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.model
        Model('ECSI mobile': 7 constructs, 24 items, 12 paths, index satisfaction)
        """
        return self.study.model

    @property
    def n(self) -> pd.Series:
        """Number of cases of every group.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(wave=[2024, 2025] * 125)
        >>> waves = csi.Study(csi.models.ecsi()).fit(data, by="wave")
        >>> waves.n.to_dict()
        {2024: 125.0, 2025: 125.0}
        """
        labels = self.groups or ["all"]
        by = "group" if not self.core.by else self.core.by[0] if len(self.core.by) == 1 else "groups"
        return pd.Series(self.core.stack.n, index=pd.Index(labels, name=by, tupleize_cols=False), name="n")

    def __getitem__(self, group: Any) -> Fit:
        """Return the fit of one group; of several columns, name the first ones or all."""
        if not self.core.by:
            raise NotAvailable("this fit has one group; study.fit(data, by='wave') divides the cases")
        wanted = group if isinstance(group, tuple) else (group,)
        labels = [label if isinstance(label, tuple) else (label,) for label in self.core.labels]
        at = [i for i, label in enumerate(labels) if label[: len(wanted)] == wanted]
        if not at:
            hint = suggest_label(group, self.core.labels)
            raise DataError(f"{group!r} is not a group{hint}; there are {', '.join(map(repr, self.groups[:12]))}")
        by, rest = self.core.by[len(wanted) :], [labels[i][len(wanted) :] for i in at]
        named = tuple(label[0] if len(label) == 1 else label for label in rest)
        return replace(self, core=self.core.select(at, by, named), permuted=None)

    def design_effects(self, of: str = "index") -> pd.DataFrame:
        """What strata, clusters and weights cost a result, beside a simple random sample of as many cases.

        Parameters
        ----------
        of : str
            The noun: `"index"`, `"paths"`, `"loadings"`, ...

        Returns
        -------
        DataFrame
            Rows as the noun's. Columns `std_error` (by the design), `std_error_srs`, `deff` (their squared ratio) and
            `n_effective` (cases divided by deff).

        Notes
        -----
        The variance under simple random sampling (with replacement) is the weighted variance of the influences of the
        cases over n [Lumley 2004, Analysis of complex survey samples].

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi").assign(town=[row // 5 for row in range(250)])
        >>> fit = csi.Study(csi.models.ecsi(), design=csi.Design(cluster="town")).fit(data)
        >>> fit.design_effects().round(2).loc["satisfaction"].to_dict()
        {'std_error': 0.98, 'std_error_srs': 0.91, 'deff': 1.15, 'n_effective': 217.55}
        """
        return design_effect.design_effects(self.core, self._noun(of))

    def influence(self, of: str = "index") -> pd.DataFrame:
        """How much every respondent moves a result: the estimate shifts by the weighted mean of these.

        Parameters
        ----------
        of : str
            The noun: `"index"`, `"paths"`, `"loadings"`, ...

        Returns
        -------
        DataFrame
            One row a row of the data (NaN where the fit left it out), one column a row of the noun, in its unit.
            Leaving a respondent out moves the result by about minus influence / n. Under simple random sampling the
            standard error is the standard deviation of a column over the root of n.

        Raises
        ------
        NotAvailable
            Where only moments were given, or the derivative is not worked out (rank and polychoric correlations).

        Notes
        -----
        Deville (1999), Survey Methodology 25, 193-203: derivative with respect to the moments times the products of
        the case.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> moved = fit.influence("index")["satisfaction"]
        >>> (moved.std() / 250**0.5).round(3), fit.index().loc["satisfaction", "std_error"].round(3)
        (np.float64(0.91), np.float64(0.91))
        """
        return influence.influence(self.core, self._noun(of))

    def check(self, language: Literal["en", "zh"] = "en") -> pd.DataFrame:
        """Every doubt: what can be computed but should not be trusted.

        Parameters
        ----------
        language : {"en", "zh"}
            Of `message` and `remedy`.

        Returns
        -------
        DataFrame
            Columns `code, subject, value, limit, message, remedy, group`; empty when there is nothing to say.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi")
        >>> study = csi.Study(csi.models.ecsi())
        >>> study.fit(data).check().empty
        True
        >>> study.fit(data.assign(CUSA1=11 - data["CUSA1"])).check()["code"].tolist()
        ['reversed_item']
        """
        if language == "en":
            return doubting.table(self.doubts)
        from csi import report

        return report.doubts(self, language)

    @cached_property
    def doubts(self) -> list[doubting.Doubt]:
        """The doubts themselves.

        Examples
        --------
        >>> import csi
        >>> data = csi.datasets.load("mobi")
        >>> fit = csi.Study(csi.models.ecsi()).fit(data.assign(CUSA1=11 - data["CUSA1"]))
        >>> print(fit.doubts[0].message)
        CUSA1 runs against the other items of satisfaction (correlation -0.58 with their sum)
        """
        return doubting.doubts(self.core)

    def replicates(self, noun: str = "paths") -> pd.DataFrame:
        """Draws of a noun: one row a replicate, columns as the noun's rows; NaN where a replicate failed.

        Returns
        -------
        DataFrame
            With groups, they are the first row level.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> draws = fit.bootstrap(200, rng=7).replicates("paths")
        >>> draws.shape
        (200, 12)
        >>> draws[("quality", "satisfaction")].std().round(3).item()
        0.068
        """
        asked = self._noun(noun)
        drawn = self.core.drawn(asked)
        number = pd.RangeIndex(drawn.shape[1], name="replicate")
        if not self.core.by:
            return pd.DataFrame(drawn[0], index=number, columns=asked.flat_rows)
        parts = {
            label: pd.DataFrame(drawn[g], index=number, columns=asked.flat_rows)
            for g, label in enumerate(self.core.labels)
        }
        return pd.concat(parts, names=list(self.core.by))

    # -- the stairs that go up ---------------------------------------------------------------------------------

    def plot(self, ax: Any = None, language: Literal["en", "zh"] = "en", **settings: Any) -> Any:
        """Draw the path diagram with coefficients and R2; every other picture is in `csi.plots`.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure if left out.
        language : {"en", "zh"}
            Of the labels.
        **settings
            As in `csi.plots.diagram`.

        Returns
        -------
        matplotlib Axes

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> ax = fit.plot(language="zh")
        >>> type(ax).__name__
        'Axes'
        """
        from csi import plots

        return plots.diagram(self, ax, language, **settings)

    def report(
        self,
        path: str | Path | Sequence[str | Path],
        language: Literal["en", "zh"] = "en",
        before: Sequence[object] = (),
        *,
        chapter: int = 1,
        confidence_level: float = 0.95,
        title: str = "",
        fieldwork: Mapping[str, object] | None = None,
    ) -> Any:
        """Write a report of this fit: a page, a Word chapter, a workbook or Markdown, all from the same tables.

        Parameters
        ----------
        path : str or Path, or a sequence of them
            The suffix says the form: `.html`, `.docx` (thesis form), `.xlsx`, `.md`. Several are written from one
            set of tables.
        language : {"en", "zh"}
            Of the sentences and labels.
        before : sequence
            What was looked at before the model and is printed after the sample: `csi.screen(...)` with its cleaning
            log, `csi.item_analysis(...)`, `csi.efa(...)`, or tables.
        chapter : int
            Number of the chapter: tables and figures are numbered 4-1, 4-2 ... in chapter 4.
        confidence_level : float
            Of every interval.
        title : str
            Of the report; it names the model if left out.
        fieldwork : mapping of str to anything printable, optional
            What is known of the fieldwork and stands first in the section on the sample:
            `{"Period": "2018-11 to 2019-01", "Invited": 8000, "Valid": 7604, "Response rate": "95.1%"}`.

        Returns
        -------
        Path or list of Path
            The file; as many as were asked for.

        Raises
        ------
        SettingsError
            If a suffix is no form that can be written.
        MissingExtra
            If the package that writes the form is not installed.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> fit.report("mobi-study/report.html").name
        'report.html'
        >>> fit.report("mobi-study/报告.html", language="zh").name
        '报告.html'
        """
        from csi import report

        settings = {"chapter": chapter, "confidence_level": confidence_level, "title": title, "fieldwork": fieldwork}
        return report.write(self, path, language, before, **settings)

    def methods(self, language: Literal["en", "zh"] = "en") -> str:
        """The methods section of a paper: every number in it is computed from this fit.

        Returns
        -------
        str
            Paragraphs, a blank line between them: the model and its source, the method with its settings and how it
            converged, why this method, the answers with their weights and blanks, the index, how errors were found,
            the software.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi")).bootstrap(200, rng=7)
        >>> print(fit.methods().split(". ")[0] + ".")
        The model (ECSI mobile) relates 7 constructs, measured by 24 items, along 12 paths.
        """
        from csi import report

        return report.methods(self, language)

    def cite(self, style: Literal["apa", "gbt7714", "bibtex"] = "apa") -> str:
        """References of the software, the model, the method and the measures of this fit.

        Parameters
        ----------
        style : {"apa", "gbt7714", "bibtex"}
            The style of the American Psychological Association (7th edition), that of GB/T 7714-2015 (numbered), or
            entries for BibTeX.

        Returns
        -------
        str
            One reference a line; BibTeX entries with blank lines between them.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> print(fit.cite("gbt7714").splitlines()[1])
        [2] TENENHAUS M, ESPOSITO VINZI V, CHATELIN Y M, et al. PLS path modeling[J]. Computational Statistics & Data
        Analysis, 2005, 48(1): 159-205. DOI:10.1016/j.csda.2004.03.005.
        """
        from csi import report

        return report.cite(self, style)

    def save(self, path: str | Path, columns: Sequence[str] = ()) -> Path:
        """Write this fit to one file, by custom `NAME.csi`, from which `csi.open` gives it back, draws and all.

        Parameters
        ----------
        path : str or Path
            The file; one that is there is replaced when the new one is whole.
        columns : sequence of str
            Columns of the data to keep beside items, design and groups, for `compare(..., pair=...)` and the like.
            Without them nothing else of the users' table is in the file.

        Returns
        -------
        Path
            The file: a zip of a JSON header and numpy arrays; nothing in it is executed when it is read.

        Raises
        ------
        DataError
            If there is no such column.
        NotAvailable
            If a group or row has a label that the file cannot hold.

        Examples
        --------
        >>> import csi
        >>> fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
        >>> path = fit.save("mobi-study/mobi.csi")
        >>> csi.open(path).index().equals(fit.index())
        True
        """
        study = self.study
        words = {"model": study.model, "method": study.method, "design": study.design, "missing": study.missing}
        words |= {"correlations": study.correlations, "controls": study.controls}
        return archive.write(path, words, self.core, columns)

    # -- faces -------------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        from csi.display.fit import text

        return text(self)

    def _repr_html_(self) -> str:
        from csi.display.fit import html

        return html(self)
