"""An index through time: `csi.track`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtrc, ndtri

from csi.errors import DataError, NotAvailable, SettingsError, listing, suggest
from csi.fit import Fit
from csi.nouns.base import Weights
from csi.numerics import intervals
from csi.numerics.exchange import adjusted
from csi.numerics.solve import Floats
from csi.results import comparison, series
from csi.results import doubts as doubting
from csi.results import index as indexing
from csi.results.changes import Against, Correction, check_against, earlier, judged
from csi.results.core import Interval, check_level
from csi.results.joint import Joint, Known, ends
from csi.results.series import Parts, Scoring
from csi.results.smoothing import Smoothed, smooth
from csi.results.waves import Waves, guessed, waves_of

WORDS = {"own": "of each wave", "first": "of the first wave", "chained": "chained"}
SCORINGS = tuple(WORDS)
#: Error probability, over all waves and lines, at which a jump or a shift of weights is doubted as a break.
ALPHA = 0.01
#: Standard deviation of a normal distribution in medians of its absolute values.
USUAL = 1.4826
#: Cases of a wave from which the ends of its answers are compared, and how much of the range they must move.
ENOUGH, MOVED = 50, 0.25


def track(
    fit: Fit,
    wave: str | None = None,
    *,
    construct: str | None = None,
    weights: Scoring | Weights = "own",
    standardize: str | None = None,
    pair: str | None = None,
    breaks: Any = None,
    order: Sequence[Any] | None = None,
) -> Track:
    """Follow an index from wave to wave: its level, its changes and what they are made of, and the level behind them.

    Parameters
    ----------
    fit : Fit
        Of several waves: `fit(data, by="wave")`; with `by=["company", "quarter"]` every company is a line.
    wave : str, optional
        Which column of `by` has the waves; the last if left out. Labels such as 2024Q1, 2018-11, 2024, `2024年1季度`,
        dates, periods and `wave 10` are put in the order of time; where they say none, the order is doubted.
    construct : str, optional
        The model's index if left out.
    weights : {"own", "first", "chained"}, or as in `fit.index(weights)`
        Item weights of the scores: each wave's own; those of the first wave; or chained, each change from one wave to
        the next valued by the mean of both, so that changing weights move nothing. Given weights, `"equal"`,
        `"standardized"` or those of another fit are also understood.
    standardize : str, optional
        Column of classes of respondents; the part of every change that comes from their changed shares is shown as
        `mix`.
    pair : str, optional
        Column that says who answered, where the same people answer several waves. Errors then come from the
        influence of each person on all waves, whether there are replicates or not.
    breaks : label, sequence of labels or mapping of label to reason, optional
        Waves at which the questionnaire or the method changed. A change across a break is shown but not tested, and
        smoothing begins anew.
    order : sequence, optional
        The waves in the order of time, where their labels do not say it.

    Returns
    -------
    Track
        With the tables `index()`, `changes()`, `smooth()`, `check()`.

    Raises
    ------
    SettingsError
        If there are no waves, or a name is unknown.
    DataError
        If a break is no wave.

    Examples
    --------
    >>> import csi, numpy as np
    >>> model = csi.models.ecsi()
    >>> data = csi.simulate(model, 600, rng=1).assign(wave=np.repeat(["2024Q1", "2024Q2", "2024Q3"], 200))
    >>> tracked = csi.track(csi.Study(model).fit(data, by="wave"))
    >>> change = tracked.changes()
    >>> bool(np.allclose(change["answers"] + change["weights"], change["estimate"]))
    True
    """
    if not isinstance(fit, Fit) or not fit.core.by:
        raise SettingsError("csi.track follows the waves of one fit: Study(model).fit(data, by='wave')")
    by = fit.core.by
    named = wave or by[-1]
    if named not in by:
        raise SettingsError(f"wave={named!r} is not a column of by={list(by)}{suggest(named, by)}")
    chosen, scoring = _construct(fit, construct), weights if isinstance(weights, str) and weights in SCORINGS else None
    if isinstance(weights, str) and scoring is None and weights not in ("equal", "standardized", "unstandardized"):
        raise SettingsError(
            f"weights={weights!r} are unknown{suggest(weights, SCORINGS)}; there are 'own', 'first', 'chained',"
            " 'equal', 'standardized', weights by item, or a fit"
        )
    convention = fit._convention("unstandardized" if scoring else weights)
    fit._need("an index", deviations=convention == "unstandardized")
    people = None if pair is None else fit._classes(pair, "pair")[0]
    joint = Joint(fit.core, series.pieces(fit.core.blueprint, chosen, convention), people)
    lines, waves = _lines(fit, named, order)
    # Given weights are the same in every wave, so that the first wave's are everybody's.
    given = scoring is None and convention not in ("unstandardized", "standardized")
    how: Scoring = "first" if given else scoring or "own"  # type: ignore[assignment]
    classes = None if standardize is None else fit._classes(standardize, "standardize column")
    if len(waves.labels) < 2:
        raise SettingsError(f"there is one wave, {waves.labels[0]!r}; a series needs two")
    said = f"{indexing.describe(weights)}, the same in every wave" if given else WORDS[how]
    return Track(fit, joint, chosen, named, waves, lines, how, classes, _breaks(breaks, waves), said)


def _construct(fit: Fit, name: str | None) -> str:
    known = fit.core.blueprint.constructs
    chosen = name or fit.model.index or known[0]
    if chosen not in known:
        raise SettingsError(f"{chosen!r} is not a construct{suggest(chosen, known)}; there are {', '.join(known)}")
    return chosen


def _lines(fit: Fit, wave: str, order: Sequence[Any] | None) -> tuple[dict[tuple[Any, ...], NDArray[np.intp]], Waves]:
    """Groups `(T,)` of every line, -1 where a wave is not there, and the order of the waves."""
    core = fit.core
    at = core.by.index(wave)
    labels = [label if isinstance(label, tuple) else (label,) for label in core.labels]
    waves = waves_of(core, wave, [label[at] for label in labels], order)
    found: dict[tuple[Any, ...], NDArray[np.intp]] = {}
    for g, label in enumerate(labels):
        key = (*label[:at], *label[at + 1 :])
        found.setdefault(key, np.full(len(waves.labels), -1))[waves.labels.index(label[at])] = g
    return found, waves


def _breaks(said: Any, waves: Waves) -> dict[Any, str]:
    """Breaks by wave, with their reasons."""
    if said is None:
        return {}
    if isinstance(said, Mapping):
        found = {label: str(why) for label, why in said.items()}
    else:
        found = dict.fromkeys([said] if isinstance(said, str) or not isinstance(said, Iterable) else said, "")
    named = [str(label) for label in waves.labels]
    problems = [
        f"{label!r} is not a wave"
        + (f"; {waves.labels[named.index(label)]!r} is" if label in named else suggest(str(label), named))
        for label in found
        if label not in waves.labels
    ]
    if problems:
        raise DataError(listing(problems, "breaks= names waves"))
    return {label: found[label] for label in waves.labels if label in found}


@dataclass(frozen=True, eq=False)
class _Line:
    """Waves of one line that have an estimate, and the level in each."""

    at: list[int]
    groups: list[int]
    pieces: Floats
    known: Known


@dataclass(frozen=True, eq=False, repr=False)
class Track:
    """An index through time, made by `csi.track`; nouns return tables."""

    fit: Fit
    joint: Joint
    construct: str
    wave: str
    waves: Waves
    lines: Mapping[tuple[Any, ...], NDArray[np.intp]]
    scoring: Scoring
    classes: tuple[NDArray[np.intp], list[Any]] | None
    breaks: Mapping[Any, str]
    words: str

    # -- nouns -------------------------------------------------------------------------------------------------

    def index(self, *, interval: Interval | None = None, confidence_level: float = 0.95) -> pd.DataFrame:
        """Level of the index in every wave.

        Parameters
        ----------
        interval : {"percentile", "basic", "normal"}, optional
            Percentile after a bootstrap, normal (t under a design) before, and where people are paired.
        confidence_level : float
            Of the interval.

        Returns
        -------
        DataFrame
            Rows `(..., wave)` in the order of time. Columns `estimate, std_error, conf_low, conf_high`, index points.
        """
        known = _joined([line.known for line in self._levels.values()])
        low, high = ends(known, self.joint.interval(interval), confidence_level, self.joint.df, self.joint.resampled)
        columns = {"estimate": known.estimate, "std_error": known.error, "conf_low": low, "conf_high": high}
        rows = [(*key, self.waves.labels[i]) for key, line in self._levels.items() for i in line.at]
        return self._noted(pd.DataFrame(columns, index=self._rows(rows)), interval, confidence_level)

    def changes(
        self,
        against: Against = "last",
        *,
        correction: Correction | None = "holm",
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Change against an earlier wave, tested, and what it is made of.

        Parameters
        ----------
        against : {"last", "year", "first"}
            The wave before, the same one last year, or the first.
        correction : {"holm", "bonferroni", "fdr"}, optional
            For the number of changes in the table that are tested.
        interval, confidence_level : see `index`

        Returns
        -------
        DataFrame
            Rows `(..., wave)`. The common columns and `p_adjusted`; `answers, weights` (and `mix`) add up to the
            estimate; `broken` is 1 where a break lies between the waves, and nothing is tested.

        Notes
        -----
        Each part is valued at the mean of both waves [Bennet 1920; Kitagawa 1955 for the mix], so that no part
        depends on the direction of time and nothing is left over. p-values come from the statistic.
        """
        check_against(against, correction)
        rows, knowns, made, broken = [], [], [], []
        for key, line in self._levels.items():
            pairs = self._pairs(line, against)
            if not pairs:
                continue
            knowns.append(self._differences(line, pairs))
            made.append(self._parts(line, pairs))
            rows += [(*key, self.waves.labels[line.at[t]]) for _, t in pairs]
            broken += [self._crosses(line.at[s], line.at[t]) for s, t in pairs]
        if not rows:
            raise NotAvailable(f"no wave has an earlier one to be compared with (against={against!r})")
        skipped = np.array(broken, bool)
        known = _joined(knowns)
        table = judged(
            known,
            self._rows(rows),
            self.joint.interval(interval),
            confidence_level,
            self.joint.df,
            self.joint.resampled,
            correction,
            skipped,
        )
        for name in ("answers", "weights", *(["mix"] if self.classes else [])):
            table[name] = np.concatenate([getattr(parts, name) for parts in made])
        if self.breaks:
            table["broken"] = skipped.astype(float)
        table.attrs["difference"] = {
            "last": "the wave before",
            "year": "the same wave last year",
            "first": "the first wave",
        }[against]
        return self._noted(table, interval, confidence_level)

    def smooth(self, *, confidence_level: float = 0.95) -> pd.DataFrame:
        """Level behind the samples: a local level with the sampling errors that the survey has.

        Returns
        -------
        DataFrame
            Rows `(..., wave)`. Columns `estimate, std_error, conf_low, conf_high` of the smoothed level, and `step`,
            the estimated standard deviation of its change from wave to wave (0: one level throughout, and the
            samples differ by chance).

        Notes
        -----
        Every wave lends from its neighbours, the more the smaller its sample is: y_t = level_t + e_t and
        level_t = level_{t-1} + u_t, the variance of e_t known [Scott & Smith 1974; Durbin & Koopman 2012]. Waves that
        were left out widen the error; a break begins a new level. Errors of the waves are taken as independent, also
        where people are paired, and the step as if it were known.
        """
        check_level(confidence_level)
        if not any(np.isfinite(line.known.error).any() for line in self._levels.values()):
            raise NotAvailable(
                "smoothing needs the sampling errors of the waves, which moments alone do not give; draw replicates in"
                " the pass: csi.moments(..., replicates=200, rng=7), or fit the table of answers"
            )
        rows, levels, errors, steps = [], [], [], []
        for key, line in self._levels.items():
            for stretch, found in self._smoothed(line):
                places = [self.waves.at[i] - self.waves.at[stretch[0]] for i in stretch]
                rows += [(*key, self.waves.labels[i]) for i in stretch]
                levels += found.level[places].tolist()
                errors += found.std_error[places].tolist()
                steps += [found.step] * len(stretch)
        level, error = np.array(levels), np.array(errors)
        low, high = intervals.student(level, error, confidence_level)
        columns = {"estimate": level, "std_error": error, "conf_low": low, "conf_high": high, "step": steps}
        table = pd.DataFrame(columns, index=self._rows(rows))
        table.attrs["interval"] = (
            f"{100 * confidence_level:g} % normal interval of the smoothed level, its step as estimated"
        )
        table.attrs["note"] = "local level with known sampling errors, by maximum likelihood"
        return table

    def check(self) -> pd.DataFrame:
        """Every doubt about the series: an order that is a guess, breaks said and found, waves without an estimate.

        Returns
        -------
        DataFrame
            Columns `code, subject, value, limit, message, remedy, group`; empty when there is nothing to say.
        """
        return doubting.table(self.doubts)

    @cached_property
    def doubts(self) -> list[doubting.Doubt]:
        """The doubts themselves."""
        return [*self._said(), *self._moved_scales(), *self._jumps(), *self._shifts()]

    # -- levels and changes --------------------------------------------------------------------------------------

    @cached_property
    def _levels(self) -> dict[tuple[Any, ...], _Line]:
        found = {}
        for key, groups in self.lines.items():
            at = [i for i, g in enumerate(groups) if g >= 0 and np.isfinite(self.joint.values[g]).all()]
            if not at:
                continue
            chosen = [int(groups[i]) for i in at]
            pieces = self.joint.values[chosen]
            drawn = None
            if self.joint.drawn is not None:
                drawn = series.levels(np.moveaxis(self.joint.drawn[chosen], 1, 2), self.scoring)
            estimate = series.levels(pieces, self.scoring)
            error = self.joint.error(estimate, drawn, chosen, self._slopes(pieces))
            found[key] = _Line(at, chosen, pieces, Known(estimate, drawn, error))
        return found

    def _slopes(self, pieces: Floats) -> Floats:
        """Derivatives `(T, T, 2b)` of the levels; differences are exact, for levels are products of two numbers."""
        waves, k = pieces.shape
        step = np.repeat(np.where(np.arange(k) < k // 2, 1.0, 1e-2)[None], waves, 0).ravel()
        moved = np.diag(step).reshape(waves, k, -1)
        up, down = (series.levels(pieces[..., None] + sign * moved, self.scoring) for sign in (1, -1))
        return np.asarray(((up - down) / (2 * step)).reshape(waves, waves, k))

    def _pairs(self, line: _Line, against: Against) -> list[tuple[int, int]]:
        """Places in a line `(earlier, later)`."""
        found = []
        for t, at in enumerate(line.at):
            back = earlier(self.waves, at, against, line.at)
            if back is not None:
                found.append((line.at.index(back), t))
        return found

    def _differences(self, line: _Line, pairs: list[tuple[int, int]]) -> Known:
        one, two = (list(side) for side in zip(*pairs, strict=True))
        drawn = line.known.draws
        gaps = None if drawn is None else drawn[two] - drawn[one]
        slopes = self._slopes(line.pieces)
        return self.joint.known(
            line.known.estimate[two] - line.known.estimate[one], gaps, line.groups, slopes[two] - slopes[one]
        )

    def _parts(self, line: _Line, pairs: list[tuple[int, int]]) -> Parts:
        if self.classes is None:
            return series.parts(line.pieces, self.scoring, pairs, None)
        links = [(max(t - 1, 0), t) for t in range(len(line.at))] if self.scoring == "chained" else pairs
        mixed = np.array([self._mix(line.groups[s], line.groups[t]) for s, t in links])
        return series.parts(line.pieces, self.scoring, pairs, mixed)

    def _mix(self, first: int, second: int) -> Floats:
        """Change of the item means that comes from the mix of classes alone."""
        blueprint, core = self.fit.core.blueprint, self.fit.core
        block = blueprint.blocks[blueprint.position(self.construct)]
        codes, names = self.classes if self.classes is not None else (np.zeros(0, np.intp), [])
        return comparison.Mix(core, codes, names, first, second).change(blueprint.slots[block])

    # -- breaks ------------------------------------------------------------------------------------------------

    def _crosses(self, s: int, t: int) -> bool:
        """Whether a break lies after one wave and not after the other."""
        return any(s < self.waves.labels.index(label) <= t for label in self.breaks)

    def _smoothed(self, line: _Line) -> Iterator[tuple[list[int], Smoothed]]:
        """Yield the waves of each stretch between breaks, and its smoothed level, in steps of time."""
        left = list(line.at)
        while left:
            stretch = [i for i in left if not self._crosses(left[0], i)]
            begin, end = self.waves.at[stretch[0]], self.waves.at[stretch[-1]]
            values, errors = np.full(end - begin + 1, np.nan), np.full(end - begin + 1, np.nan)
            for i in stretch:
                place, t = self.waves.at[i] - begin, line.at.index(i)
                values[place], errors[place] = line.known.estimate[t], line.known.error[t]
            yield stretch, smooth(values, errors)
            left = left[len(stretch) :]

    # -- doubts ------------------------------------------------------------------------------------------------

    def _said(self) -> Iterator[doubting.Doubt]:
        yield from guessed(self.waves, self.wave)
        for label, why in self.breaks.items():
            said = f"there is a break at {label}{': ' + why if why else ''}"
            yield doubting.Doubt("break", str(label), 1, 0, said, "Changes across it are not tested", label)
        for key, groups in self.lines.items():
            lost = [
                label for i, label in enumerate(self.waves.labels) if groups[i] >= 0 and i not in self._present(key)
            ]
            for label in lost:
                where = (*key, label) if key else label
                yield doubting.Doubt(
                    "wave_without_estimate",
                    str(label),
                    1,
                    0,
                    f"{where!r} could not be estimated",
                    "fit.check() says why",
                    where,
                )

    def _present(self, key: tuple[Any, ...]) -> list[int]:
        return self._levels[key].at if key in self._levels else []

    def _moved_scales(self) -> Iterator[doubting.Doubt]:
        """Items whose least or largest answer moves for good at some wave: another scale, or other codes."""
        sample = self.fit.core.sample
        if sample is None:
            return
        block = self.fit.core.blueprint.blocks[self.fit.core.blueprint.position(self.construct)]
        for slot in self.fit.core.blueprint.slots[block]:
            ranges = np.array([self._range(slot, i) for i in range(len(self.waves.labels))])
            for i in range(1, len(ranges)):
                before, after = ranges[:i], ranges[i:]
                low, high = np.nanmin(ranges[:, 0]), np.nanmax(ranges[:, 1])
                gap = max(_gap(before[:, 1], after[:, 1]), _gap(before[:, 0], after[:, 0])) / max(high - low, 1e-12)
                if gap > MOVED:
                    name, label = self.fit.core.blueprint.item_names[slot], self.waves.labels[i]
                    said = f"answers to {name!r} lie in another range from {label} on"
                    remedy = f"If the question changed, say so: breaks={[label]!r}"
                    yield doubting.Doubt("break_found", name, gap, MOVED, said, remedy, label)

    def _range(self, item: int, wave: int) -> tuple[float, float]:
        """Least and largest answer to an item in a wave, over all lines."""
        core = self.fit.core
        sample = core._cases()
        codes = sample.item(item)
        cells = [codes[sample.rows[core.groups[groups[wave]]]] for groups in self.lines.values() if groups[wave] >= 0]
        found = np.concatenate(cells)
        found = found[~np.isnan(found)]
        return (float(found.min()), float(found.max())) if len(found) >= ENOUGH else (np.nan, np.nan)

    def _jumps(self) -> Iterator[doubting.Doubt]:
        """Changes far beyond the sampling error and what the line usually does between two waves."""
        seen: list[tuple[tuple[Any, ...], int, float]] = []
        for key, line in self._levels.items():
            pairs = [(s, t) for s, t in self._pairs(line, "last") if not self._crosses(line.at[s], line.at[t])]
            if len(pairs) < 3:
                continue
            known = self._differences(line, pairs)
            # The median knows what is usual even where one change is not.
            usual = USUAL * float(np.median(np.abs(known.estimate)))
            scale = np.maximum(known.error, usual)
            seen += [(key, line.at[t], float(z)) for (_, t), z in zip(pairs, known.estimate / scale, strict=True)]
        limit = -float(ndtri(ALPHA / 2 / max(len(seen), 1)))
        for key, i, z in seen:
            if abs(z) > limit:
                label = self.waves.labels[i]
                where = (*key, label) if key else label
                side = "above" if z > 0 else "below"
                said = f"{where!r} lies far {side} the wave before: {abs(z):.1f} times what is usual"
                remedy = f"If the method changed, say so: breaks={[label]!r}; if not, it is news"
                yield doubting.Doubt("jump", str(label), abs(z), limit, said, remedy, where)

    def _shifts(self) -> Iterator[doubting.Doubt]:
        """Neighbouring waves whose item weights differ."""
        if self.scoring == "first" or not (self.joint.resampled or self.joint.independent):
            return
        found = [
            (key, line.at[t], self._shift(line, t - 1, t))
            for key, line in self._levels.items()
            for t in range(1, len(line.at))
        ]
        p = adjusted(np.array([p for _, _, p in found]), "holm")
        for (key, i, _), value in zip(found, p, strict=True):
            if value < ALPHA:
                label = self.waves.labels[i]
                where = (*key, label) if key else label
                said = f"the item weights at {where!r} differ from those of the wave before (p = {value:.2g})"
                remedy = "weights='first' or 'chained' hold them; fit.invariance() tests whether waves measure the same"
                yield doubting.Doubt("weights_shifted", str(label), value, ALPHA, said, remedy, where)

    def _shift(self, line: _Line, s: int, t: int) -> float:
        """Wald test that the shares of the items are the same in two waves."""
        b = line.pieces.shape[1] // 2
        if b < 2:
            return float("nan")
        cov = self._share_covariance(line.groups[s], line.groups[t])
        gap = (line.pieces[t] - line.pieces[s])[b:-1]
        if not np.isfinite(cov).all() or np.linalg.matrix_rank(cov) < len(gap):
            return float("nan")
        return float(chdtrc(len(gap), gap @ np.linalg.solve(cov, gap)))

    def _share_covariance(self, one: int, two: int) -> Floats:
        """Covariance of the difference of all shares but the last between two waves."""
        b = self.joint.values.shape[1] // 2
        if self.joint.drawn is not None and self.joint.resampled:
            gap = self.joint.drawn[two][:, b:-1] - self.joint.drawn[one][:, b:-1]
            kept = gap[np.isfinite(gap).all(axis=1)]
            return np.atleast_2d(np.cov(kept.T)) if len(kept) > b else np.full((b - 1, b - 1), np.nan)
        if not self.joint.core.linearizes():
            return np.full((b - 1, b - 1), np.nan)
        return sum(self.joint.own_covariance(g)[b:-1, b:-1] for g in (one, two))  # type: ignore[return-value]

    # -- small things ------------------------------------------------------------------------------------------

    def _rows(self, rows: list[tuple[Any, ...]]) -> pd.Index:
        names = [*(name for name in self.fit.core.by if name != self.wave), self.wave]
        if len(names) == 1:
            return pd.Index([row[0] for row in rows], name=names[0])
        return pd.MultiIndex.from_tuples(rows, names=names)

    def _noted(self, table: pd.DataFrame, interval: Interval | None, level: float) -> pd.DataFrame:
        if self.joint.people is not None:
            table.attrs["interval"] = f"{100 * level:g} % normal interval, linearized standard errors by person"
        else:
            table.attrs["interval"] = self.fit.core.describe(self.joint.interval(interval), level, self.joint.noun)
        table.attrs["note"] = f"{self.construct}, item weights: {self.words}"
        return table

    def __repr__(self) -> str:
        count = f"{len(self.lines)} lines, " if len(self.lines) > 1 else ""
        head = f"Track of {self.construct}: {count}{len(self.waves.labels)} waves, item weights {self.words}"
        doubts = [f"doubt: {doubt}" for doubt in self.doubts[:8]]
        return "\n".join([head, *doubts, self.index().head(24).round(2).to_string()])


def _gap(before: Floats, after: Floats) -> float:
    """Least distance of two sets of numbers that do not overlap; 0 where they do, or one is empty."""
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if not len(before) or not len(after):
        return 0.0
    return max(float(after.min() - before.max()), float(before.min() - after.max()), 0.0)


def _joined(parts: list[Known]) -> Known:
    draws = [part.draws for part in parts if part.draws is not None]
    whole = np.concatenate(draws) if len(draws) == len(parts) else None
    return Known(np.concatenate([p.estimate for p in parts]), whole, np.concatenate([p.error for p in parts]))
