"""A study: model, method, design and the treatment of blanks. Data come last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from os import PathLike
from typing import Any, cast, get_args

import numpy as np
from numpy.typing import NDArray

from csi import draws as drawing
from csi import frames
from csi.blueprint import Blueprint
from csi.controls import checked, with_controls
from csi.design import Design
from csi.errors import DataError, EstimationError, ModelError, NotAvailable, SettingsError, check_choice
from csi.fit import Fit
from csi.methods.estimates import Method, Solution
from csi.methods.pls import PLS, blueprint_of
from csi.numerics.moments import Stack
from csi.numerics.products import recentred
from csi.results.core import Core
from csi.sample import Correlations, Missing, Sample, read_sample
from csi.spec import Model
from csi.waist import Moments


@dataclass(frozen=True)
class Study:
    """What is done with answers, before there are any.

    Parameters
    ----------
    model : Model
        Constructs, paths and index.
    method : PLS, PLSc or CBSEM
        How numbers come out of moments.
    design : Design, optional
        How the answers were drawn: names of the columns with weights, strata, clusters.
    missing : {"pairwise", "listwise", "em", "mean", "fiml"}, optional
        What is done about blanks: the answers that are there (PLS, where nothing is said); complete cases; maximum
        likelihood under blanks at random; the item's mean in place of each blank (what seminr and SmartPLS do, for
        parity); maximum likelihood of the model itself (`CBSEM`, which refuses blanks until a treatment is chosen).

    correlations : {"pearson", "spearman", "polychoric"}
        Of what kind the correlations of the items are under PLS: of the codes; of their ranks; or of the normal
        variables that ordered answers may stand for (means and variances, and so the index, stay those of the codes).
        The last two have no linearized errors, and every resample estimates all correlations anew, which takes some
        milliseconds a resample.
    controls : list of str, or mapping of construct to list of str, optional
        Columns of the data that are held constant: in the equation of every construct with causes, or of those that
        are named. Numbers (and truth values) enter as they are; text and pandas categories as columns of zeros and
        ones against their first level, `region=north`. Their rows stand behind the others in `paths()`, `vif()` and
        `f2()`, per standard deviation of the column; impacts and predictions hold them constant too. They measure
        nothing: no item weight, no score, no index and no picture depends on them. In SmartPLS and seminr a control
        is a construct of one item and has a say in the inner weights of the others; a model with such a construct
        gives their numbers (on `mobi` paths then move by less than .001).

    Raises
    ------
    ModelError, SettingsError
        If the method cannot estimate the model.

    Examples
    --------
    >>> import csi
    >>> study = csi.Study(csi.models.ecsi())
    >>> fit = study.fit(csi.datasets.load("mobi"))
    >>> round(fit.index().loc["satisfaction", "estimate"], 2)
    np.float64(72.45)
    """

    model: Model
    method: Method = field(default_factory=PLS)
    design: Design | None = None
    missing: Missing | None = None
    correlations: Correlations = "pearson"
    controls: Sequence[str] | Mapping[str, Sequence[str]] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.model, Model):
            raise ModelError(_no_model(self.model))
        if isinstance(self.method, type) and hasattr(self.method, "solve"):
            raise SettingsError(f"method must be called with its settings: csi.{self.method.__name__}()")
        if not hasattr(self.method, "solve"):
            raise SettingsError(f"method must be a method with its settings, such as csi.PLS(); not {self.method!r}")
        if self.design is not None and not isinstance(self.design, Design):
            raise SettingsError(f"design must be a csi.Design(weight='...', ...); not {self.design!r}")
        check_choice(self.missing, "missing", (None, *get_args(Missing)))
        self.method.check_missing(self.missing)
        check_choice(self.correlations, "correlations", get_args(Correlations))
        if self.correlations != "pearson":
            self._check_ordered()
        self.method.check(self.blueprint)
        object.__setattr__(self, "controls", checked(self.controls, self.model))
        if self.controls:
            self._check_controls()
        if self.blueprint.interactions:
            self._check_products()

    def _check_ordered(self) -> None:
        """Refuse what correlations of another kind do not go with."""
        if self.method.family == "covariance":
            raise SettingsError(
                f"correlations={self.correlations!r} are for PLS; ordered answers in a covariance structure model are"
                " csi.CBSEM(estimator='WLSMV')"
            )
        if self.missing in ("em", "mean"):
            raise SettingsError(
                f"correlations={self.correlations!r} use the answers that are there; missing={self.missing!r} does not"
                " go with them, 'pairwise' or 'listwise' do"
            )

    def _check_controls(self) -> None:
        """Refuse methods and correlations in which a control would be something else."""
        if self.blueprint.interactions:
            raise SettingsError(
                f"controls= beside an interaction ({self.blueprint.interactions[0].name}) are not worked out; let the"
                " control be a construct of one item with paths of its own:"
                " model.replace(constructs={..., 'age': ['age']}, paths={..., 'age': ['satisfaction']})"
            )
        if self.method.family == "covariance":
            raise SettingsError(
                "controls= are for PLS; in a covariance structure model a control is a construct of one item with paths"
                " of its own: model.replace(constructs={..., 'age': ['age']}, paths={..., 'age': ['satisfaction']})"
            )
        if self.correlations == "polychoric":
            raise SettingsError(
                "correlations='polychoric' take every column for ordered answers, which a control need not be; use"
                " 'spearman' or 'pearson' with controls="
            )

    def _check_products(self) -> None:
        """Refuse treatments in which a product of two answers is not what it is."""
        name = self.blueprint.interactions[0].name
        if self.correlations != "pearson":
            raise SettingsError(
                f"{name} multiplies answers, and correlations={self.correlations!r} take none of their sizes; leave"
                " correlations= out, or the interaction"
            )
        if self.missing == "em":
            raise SettingsError(
                f"missing='em' takes answers for normal, and their products ({name}) are not; 'pairwise', 'listwise'"
                " or 'mean' go with interactions"
            )

    @cached_property
    def blueprint(self) -> Blueprint:
        """The model, compiled; what columns the controls become, only the data know."""
        return blueprint_of(self.model, self.method)

    def _with_controls(self, data: Any, by: str | Sequence[str] | None) -> Blueprint:
        """The blueprint with the controls as the data have them."""
        if not self.controls:
            return self.blueprint
        opened = None if isinstance(data, Moments) else frames.table(data)
        groups = () if by is None else (by,) if isinstance(by, str) else tuple(by)
        asked = cast(Mapping[str, tuple[str, ...]], self.controls)
        return with_controls(self.blueprint, asked, opened, groups)

    def fit(self, data: Any, by: str | Sequence[str] | None = None) -> Fit:
        """Estimate the model.

        Parameters
        ----------
        data : DataFrame or Moments
            One row a respondent, one column an item (pandas, polars, Arrow); or moments.
        by : str or list of str, optional
            Columns that divide the respondents into groups (waves, companies), all fitted at once. A group that
            cannot be estimated has NaN rows and a doubt that names it.

        Returns
        -------
        Fit

        Raises
        ------
        DataError
            Naming at once everything that is wrong with the data.
        EstimationError
            If nothing can be estimated.

        Examples
        --------
        >>> import csi
        >>> mobi = csi.datasets.load("mobi")
        >>> study = csi.Study(csi.models.ecsi())
        >>> study.fit(mobi).index().round(2).loc["satisfaction", ["conf_low", "conf_high"]].tolist()
        [70.67, 74.24]
        >>> study.fit(mobi.assign(wave=[2024, 2025] * 125), by="wave").groups
        [2024, 2025]
        """
        if isinstance(data, Moments):
            core = self._from_moments(data, by)
        else:
            core = self._from_answers(self._sample(data, by))
        if not np.isfinite(core.solution.values).all(axis=0).any():
            raise EstimationError(self.method.why_not(core.blueprint, core.stack) or _why_not(core))
        return Fit(self, core)

    def _sample(self, data: Any, by: str | Sequence[str] | None) -> Sample:
        """Read the answers; blanks are refused where neither the study nor the method says what to do about them."""
        chosen = self.missing or self.method.missing
        sample = read_sample(
            self._with_controls(data, by), data, self.design, by, cast(Missing, chosen or "pairwise"), self.correlations
        )
        blanks = sample.facts["blanks"]
        if chosen is None and blanks.any():
            items = ", ".join(f"{name} ({count})" for name, count in blanks[blanks > 0].head(8).items())
            raise DataError(
                f"{int(blanks.sum()):,} answers are missing ({items}{' and more' if (blanks > 0).sum() > 8 else ''}),"
                f" and {self.method.name} does not choose for you: Study(..., missing='fiml') uses every answer,"
                " 'listwise' complete cases only, 'em' moments under blanks at random"
            )
        return sample

    def _from_answers(self, sample: Sample) -> Core:
        stacks = [sample.stack(g) for g in range(len(sample.groups))]
        return self._core(sample.blueprint, join(stacks), sample.groups.names, sample.groups.labels, sample)

    def _from_moments(self, moments: Moments, by: Any) -> Core:
        if by is not None or not self._in_pass(moments):
            word = "by" if by is not None else "design"
            raise DataError(f"{word}= divides or weights cases, and moments have none; the moments already hold it")
        if moments.standardized and not getattr(self.method, "standardized", True):
            raise NotAvailable(
                f"{self.method!r} weights covariances, and these moments are correlations without standard deviations;"
                " give them (Moments.from_table(correlation, sd=..., n=...)), or standardize"
            )
        blueprint = self._with_controls(moments, None)
        _need_controls(moments, blueprint)
        chosen = _columns_of(moments, blueprint)
        self._check_pass(chosen)
        stack = chosen.stack
        if blueprint.interactions:
            stack = recentred(stack, blueprint.pairs, stack.mean[: len(blueprint.items)])
        core = self._core(blueprint, blueprint.to_points(stack), moments.by, moments.groups, None)
        core = replace(core, published=moments.standardized, record=chosen.record)
        if not chosen.replicates:
            return core
        if blueprint.interactions:
            raise NotAvailable(
                "replicates of a pass hold products about no means; make the moments without them: replicates=0"
            )
        drawing.check_moments(self.method, None)
        drawn = drawing.poisson_draws(blueprint, self.method, core.stack, core.solution, chosen.drawn)
        return replace(core, draws=drawn)

    def _in_pass(self, moments: Moments) -> bool:
        """Whether the design is none, or one that a pass over the answers has carried out."""
        design, record = self.design, moments.record
        if design is None:
            return True
        if record is None or design.stratum or design.fpc or design.replicates:
            return False
        return record.weighting == ("count" if design.count else "weight" if design.weight else None)

    def _check_pass(self, moments: Moments) -> None:
        """Refuse moments of a pass that treated answers otherwise than this study says."""
        record = moments.record
        if record is None:
            return
        said, items = self.missing or self.method.missing, self.blueprint.items
        blank = [name for name, paired in zip(moments.items, _blank(moments), strict=True) if paired]
        if (blank or record.dropped) and said in ("em", "fiml"):
            raise NotAvailable(
                f"missing={said!r} reads every case with its blanks, and moments hold no cases; fit the table, or"
                " make the moments of complete cases and say so: Study(..., missing='listwise')"
            )
        if said is None and blank:
            raise NotAvailable(
                f"answers are missing ({', '.join(blank[:8])}), which {self.method.name} cannot leave out pair by"
                " pair; make the moments of complete cases: csi.moments(..., missing='listwise')"
            )
        if self.missing is not None and self.missing != record.missing and (blank or record.dropped):
            raise DataError(
                f"the study treats blanks {self.missing}, and these moments were made {record.missing}; say"
                f" csi.moments(..., missing={self.missing!r})"
            )
        other = [
            item.name
            for item, codes in zip(items, record.unknown[: len(items)], strict=True)
            if set(map(float, item.unknown)) != set(codes)
        ]
        if other:
            raise DataError(
                f"the codes that mean unknown are not those of the pass: {', '.join(other[:8])}; make the moments with"
                " the model that is fitted"
            )

    def _core(
        self, blueprint: Blueprint, stack: Stack, by: tuple[str, ...], labels: tuple[Any, ...], sample: Sample | None
    ) -> Core:
        begun = None if sample is None else self.method.begin(blueprint, sample, stack)
        solution: Solution = begun or self.method.solve(blueprint, stack)
        estimates = self.method.estimates(blueprint, stack, solution)
        groups = tuple(range(stack.size))
        return Core(blueprint, self.method, stack, solution, estimates, by, labels, groups, sample)

    def replace(self, **changes: Any) -> Study:
        """Return a copy with some settings changed.

        Examples
        --------
        >>> import csi
        >>> csi.Study(csi.models.ecsi()).replace(method=csi.PLSc()).method
        PLSc()
        """
        return replace(self, **changes)

    # -- as a file ---------------------------------------------------------------------------------------------

    @classmethod
    def from_toml(cls, path: str | PathLike[str]) -> Study:
        r"""Read the study of a file that `csi study` runs: model, method, design, treatment of blanks.

        Parameters
        ----------
        path : str or Path
            The file, or its folder. `docs/study_file.md` explains every key.

        Returns
        -------
        Study
            What the file says of data, groups, resamples and reports is for `csi study`, and not part of it.

        Raises
        ------
        SettingsError
            Naming at once everything that is not understood, each with its line and with what would be right.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "study.toml"
        >>> _ = file.write_text('model = "acsi"\nscale = [1, 5]\nmissing = "em"', encoding="utf-8")
        >>> Study.from_toml(file).model.scale
        Scale(1, 5)
        """
        from csi.studyfile import load

        return load(path).study

    def to_toml(self, path: str | PathLike[str] | None = None) -> str:
        """Write the study as TOML, from which `from_toml` makes an equal one.

        Parameters
        ----------
        path : str or Path, optional
            Also write it to this file.

        Returns
        -------
        str

        Examples
        --------
        >>> import csi
        >>> study = csi.Study(csi.models.acsi(), method=csi.PLS(scheme="centroid"))
        >>> print(study.to_toml().splitlines()[0])
        method = { name = "PLS", scheme = "centroid" }
        """
        from csi.studyfile.writing import toml

        written = toml(self)
        if path is not None:
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(written)
        return written


def _no_model(given: Any) -> str:
    """What was given in place of a model, and how to come by one."""
    if isinstance(given, str):
        return f"a study begins with a model: Study(csi.models.get({given!r})); not with its name"
    if callable(given):
        name = getattr(given, "__name__", "ecsi")
        return f"a study begins with a model, and {name} makes one when it is called: {name}()"
    return (
        f"a study begins with a model, such as csi.models.ecsi(); not {type(given).__name__}."
        " The data come last: Study(model).fit(data)"
    )


def _need_controls(moments: Moments, blueprint: Blueprint) -> None:
    """Refuse moments that lack the controls."""
    lacking = [control.name for control in blueprint.controls if control.name not in moments.items]
    if lacking:
        raise NotAvailable(
            f"the controls {', '.join(map(repr, lacking))} are not among the moments: csi.moments keeps the items of a"
            " model only. Fit the answers themselves, or give csi.Moments whose items include the controls"
        )


def _columns_of(moments: Moments, blueprint: Blueprint) -> Moments:
    """The columns that a model asks for: items, controls, and products of answers where it has interactions."""
    at, names, known = blueprint.pairs, blueprint.column_names, set(moments.items)
    if not len(at):
        return moments.select(names)
    p = len(names) - len(at)
    found = [name if name in known else ":".join(reversed(name.split(":"))) for name in names[p:]]
    missing = [name for name, there in zip(names[p:], found, strict=True) if there not in known]
    if missing:
        first, second = missing[0].split(":")
        raise NotAvailable(
            f"{blueprint.interactions[0].name} needs the moments of products of answers; these moments lack"
            f" {', '.join(missing[:4])}{' and others' if len(missing) > 4 else ''}. Give the answers themselves, or"
            f" moments of a table with columns such as data[{missing[0]!r}] = data[{first!r}] * data[{second!r}]"
        )
    if moments.standardized or np.isnan(moments.mean).any():
        raise NotAvailable(
            "products are taken about the means of the items; give means and standard deviations:"
            " csi.Moments.from_table(correlation, mean=..., sd=..., n=...)"
        )
    return moments.select([*names[:p], *found])


def _blank(moments: Moments) -> NDArray[np.bool_]:
    """Which items are blank in some case that moments hold."""
    if moments.tallies:
        return np.asarray(np.any([each.answered < each.n for each in moments.tallies], axis=0))
    facts = None if moments.record is None else moments.record.facts
    return np.zeros(len(moments.items), bool) if facts is None else facts.table["blanks"].to_numpy() > 0


def join(stacks: list[Stack]) -> Stack:
    """Put the moments of groups side by side."""
    means, covs, n = zip(*stacks, strict=True)
    return Stack(np.concatenate(means, axis=1), np.concatenate(covs, axis=2), np.concatenate(n))


def _why_not(core: Core) -> str:
    """Name what keeps a model from being estimated."""
    n = core.stack.n
    if (n < 3).all():
        return f"the data hold {n.max():g} case{'s' if n.max() != 1 else ''}; an estimate needs at least 3"
    names, items = core.blueprint.column_names, core.blueprint.plain.column_names
    variance = np.einsum("iib->ib", core.stack.cov)
    constant = [name for name, varies in zip(names, (variance > 0).any(axis=1), strict=True) if not varies]
    products = [name for name in constant if name not in items]
    constant = [name for name in constant if name in items]
    if products and not constant:
        return (
            f"{', '.join(map(repr, products[:8]))}: the product of these answers is the same for everybody, as the"
            " square of an item with two values in equal parts is. Take it out of the paths"
        )
    if constant:
        verb = "do" if len(constant) > 1 else "does"
        return (
            f"{', '.join(map(repr, constant))} {verb} not vary: every answer is the same, or there is none,"
            f" so nothing correlates with it. Leave it out: model.without({', '.join(map(repr, constant))})"
        )
    apart = np.argwhere(np.isnan(core.stack.cov[: len(names), : len(names)]).all(axis=2))
    if len(apart):
        return (
            f"nobody answered both {names[apart[0, 0]]!r} and {names[apart[0, 1]]!r}, so they have no correlation."
            " Leave one of them out, or fit the groups that were asked different questions apart"
        )
    return (
        "a block of items or the causes of a construct are linear combinations of each other, so their weights do not"
        " exist. Look for a copied item or for fewer cases than items; mode 'A' needs no independent items"
    )
