"""From companies to industries, sectors and a nation: `csi.aggregate`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csi.errors import NotAvailable, SettingsError, check_choice, suggest
from csi.fit import Fit
from csi.models import aggregation
from csi.nouns.base import Weights
from csi.numerics.ranks import ranks, tiers
from csi.numerics.solve import Floats
from csi.results import doubts as doubting
from csi.results import index as indexing
from csi.results import membership
from csi.results.changes import Against, Correction, check_against, earlier, judged
from csi.results.core import Interval
from csi.results.joint import Joint, Known, ends
from csi.results.members import Members, Missing, Shares, changed, check
from csi.results.waves import Waves, guessed
from csi.results.weighing import Weighing

#: The level of everything together, unless it is called otherwise.
WHOLE = "nation"


def aggregate(
    fit: Fit,
    weights: Weighing | pd.DataFrame | Mapping[str, Any] | None = None,
    *,
    table: pd.DataFrame | None = None,
    levels: str | Sequence[str] | None = None,
    rule: str | None = None,
    unit: str | None = None,
    items: Weights = "unstandardized",
    missing: Missing = "refuse",
    chain: bool = False,
    order: Sequence[Any] | None = None,
    whole: str = WHOLE,
) -> Aggregate:
    """Join the indices of companies to those of industries, sectors and a nation, with their errors.

    Parameters
    ----------
    fit : Fit
        Of many groups: `Study(model).fit(data, by="company")`, or `by=["company", "quarter"]`, then every quarter is
        joined by itself. Before replicates are drawn, errors come from linearization.
    weights : str, Series, mapping or DataFrame
        What a unit counts: a column of `table` or of the data (one value for all cases of a group); numbers by unit
        (or by `(unit, wave)`); a table with one column of numbers; `"equal"`, or `"cases"` for the number of
        cases. A mapping by level, such as `{"company": "revenue", "sector": {"banks": .3, "telecoms": .7}}`, gives
        the parts of a level weights of their own in what is above; without, they weigh as much as their units together.
    table : DataFrame, optional
        One row a unit (and wave, where it has the column of the waves) with weights and levels.
    levels : str or sequence of str, optional
        Columns that say what each unit belongs to, the lowest first: `["industry", "sector"]`.
    rule : str, optional
        Levels and weights of a published index: `"acsi"`, `"ecsi_portugal"`, `"hkcsi"` ...: `csi.models.rules()`.
    unit : str, optional
        Which column of `by` has the units; the first if left out. The others are waves.
    items : {"unstandardized", "standardized", "equal"}, mapping or Fit
        Item weights of the score, as in `fit.index(weights)`.
    missing : {"refuse", "renormalize"}
        What is done about a unit with a weight and no estimate: refused, or its peers in what is lowest stand for it,
        which is said as a doubt.
    chain : bool
        Whether waves are linked by the units that are members in both, so that those who come and go move nothing.
    order : sequence, optional
        The waves in the order of time, where their labels do not say it.
    whole : str
        What everything together is called.

    Returns
    -------
    Aggregate
        With the tables `index()`, `changes()`, `league()`, `shares()`, `check()`.

    Raises
    ------
    DataError
        Naming at once weights below zero, units without weight, weights without a unit, members without a fit.
    SettingsError
        If the fit has no groups, or settings contradict each other.

    Notes
    -----
    An index is sum W_k I_k / sum W_k over its parts [Fornell et al. 1996]. Weights are taken as known. The error is
    that of the sum: group by group where cases stand for themselves, sum W_k^2 SE_k^2; jointly where clusters,
    strata or replicate weights tie groups together.

    Examples
    --------
    >>> import csi, numpy as np
    >>> model = csi.models.ecsi()
    >>> data = csi.simulate(model, 600, rng=1).assign(company=np.repeat(["A", "B", "C"], 200))
    >>> fit = csi.Study(model).fit(data, by="company")
    >>> nation = csi.aggregate(fit, {"A": 5, "B": 3, "C": 2})
    >>> one = fit.index()["estimate"].xs("satisfaction", level="construct")
    >>> bool(np.isclose(nation.index(level="nation").loc["satisfaction", "estimate"], one @ [0.5, 0.3, 0.2]))
    True
    """
    if not isinstance(fit, Fit) or not fit.core.by:
        raise SettingsError("csi.aggregate joins the groups of one fit: Study(model).fit(data, by='company')")
    check_choice(missing, "missing", ("refuse", "renormalize"))
    said = membership.Said.read(weights, table, levels, rule, unit, fit.core)
    convention = fit._convention(items)
    fit._need("an index", deviations=convention == "unstandardized")
    noun = indexing.index(fit.core.blueprint, convention)
    joint = Joint(fit.core, noun)
    members, unknown = membership.members(said, joint, whole)
    waves = membership.waves(fit.core, said, order)
    if chain and waves is None:
        raise SettingsError("chain=True links waves, and the fit has none; fit(data, by=['company', 'quarter'])")
    doubts = (
        check(members, unknown, missing, chain)
        + changed(members, waves, chain)
        + (guessed(waves, "waves") if waves else [])
    )
    rows = members.chained(waves) if chain and waves is not None else members.plain()
    return Aggregate(fit, joint, members, tuple(rows), waves, chain, tuple(doubts), said.rule)


@dataclass(frozen=True, eq=False, repr=False)
class Aggregate:
    """Indices of everything that companies are joined to, made by `csi.aggregate`; nouns return tables."""

    fit: Fit
    joint: Joint
    members: Members
    rows: tuple[Shares, ...]
    waves: Waves | None
    chain: bool
    doubts: tuple[doubting.Doubt, ...]
    rule: aggregation.Rule | None

    # -- what there is -----------------------------------------------------------------------------------------

    @property
    def levels(self) -> list[str]:
        """Levels from the units up."""
        return [self.members.unit, *self.members.levels]

    @property
    def times(self) -> tuple[str, ...]:
        """Columns of the waves."""
        return tuple(name for name in self.fit.core.by if name != self.members.unit and name not in self.levels)

    @property
    def order(self) -> list[int]:
        """Waves in the order of time."""
        if self.waves is None:
            return list(range(len(self.members.moments)))
        return [self.members.moments.index((label,)) for label in self.waves.labels]

    def _level(self, level: str) -> dict[tuple[Any, int], Floats]:
        """Shares `(G,)` of a level by `(label, wave)`."""
        check_choice(level, "level", self.levels)
        members = self.members
        if level == members.unit:
            found = {}
            for u, unit in enumerate(members.units):
                for t in self.order:
                    if members.present[u, t]:
                        found[(unit, t)] = np.eye(1, members.groups, members.group[u, t])[0]
            return found
        labels = members.labels[level]
        return {
            (label, t): self.rows[t][(level, label)]
            for label in labels
            for t in self.order
            if (level, label) in self.rows[t]
        }

    def _key(self, level: str, label: Any, t: int, all_levels: bool) -> tuple[Any, ...]:
        moment = self.members.moments[t]
        if all_levels:
            return (level, label, *moment)
        return moment if level == self.members.levels[-1] else (label, *moment)

    def _names(self, level: str | None) -> list[str]:
        if level is None:
            return ["level", "unit", *self.times]
        return list(self.times) if level == self.members.levels[-1] else [level, *self.times]

    # -- nouns -------------------------------------------------------------------------------------------------

    def index(
        self, level: str | None = None, *, interval: Interval | None = None, confidence_level: float = 0.95
    ) -> pd.DataFrame:
        """Index of every construct, of everything that units are joined to.

        Parameters
        ----------
        level : str, optional
            One level, such as `"nation"`, `"sector"` or `"company"`; all that units are joined to if left out.
        interval : {"percentile", "basic", "normal"}, optional
            Percentile after a bootstrap, normal (t under a design) before.
        confidence_level : float
            Of the interval.

        Returns
        -------
        DataFrame
            Rows `(level, unit, waves ..., construct)`, the whole first; of one level, its labels stand in its name and
            the whole needs none. Columns `estimate, std_error, conf_low, conf_high`, index points.
        """
        wanted = self.levels[:0:-1] if level is None else [level]
        keys, shares = [], []
        for name in wanted:
            for (label, t), share in self._level(name).items():
                keys.append(self._key(name, label, t, level is None))
                shares.append(share)
        estimate, draws, error = self.joint.combined(np.array(shares))
        flat = None if draws is None else np.moveaxis(draws, 1, 2).reshape(-1, draws.shape[1])
        known = Known(estimate.ravel(), flat, error.ravel())
        low, high = ends(known, self.joint.interval(interval), confidence_level, self.joint.df, self.joint.resampled)
        tuples = [(*key, construct) for key in keys for construct in self.joint.noun.rows]
        columns = {"estimate": known.estimate, "std_error": known.error, "conf_low": low, "conf_high": high}
        found = pd.DataFrame(columns, index=_index(tuples, [*self._names(level), "construct"]))
        return self._noted(found, interval, confidence_level)

    def changes(
        self,
        level: str | None = None,
        *,
        against: Against = "last",
        construct: str | None = None,
        correction: Correction | None = "holm",
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Change of an index against an earlier wave, tested.

        Parameters
        ----------
        level : str, optional
            The whole if left out.
        against : {"last", "year", "first"}
            The wave before, the same one last year, or the first.
        construct : str, optional
            The model's index if left out.
        correction : {"holm", "bonferroni", "fdr"}, optional
            For the number of changes in the table.

        Returns
        -------
        DataFrame
            Rows `(label, wave)`. The common columns and `p_adjusted`.
        """
        check_against(against, correction)
        if self.waves is None:
            raise NotAvailable("there are no waves; fit(data, by=['company', 'quarter']) has them")
        chosen, j = level or self.members.levels[-1], self._construct(construct)
        found = self._level(chosen)
        keys, shares = [], []
        for label in dict.fromkeys(label for label, _ in found):
            present = [i for i, t in enumerate(self.order) if (label, t) in found]
            for i in present:
                back = earlier(self.waves, i, against, present)
                if back is not None:
                    t, s = self.order[i], self.order[back]
                    keys.append(self._key(chosen, label, t, False))
                    shares.append(found[(label, t)] - found[(label, s)])
        if not keys:
            raise NotAvailable(f"no wave has an earlier one to be compared with (against={against!r})")
        estimate, draws, error = self.joint.combined(np.array(shares))
        known = Known(estimate[:, j], None if draws is None else draws[..., j], error[:, j])
        where = _index(keys, self._names(chosen))
        table = judged(
            known,
            where,
            self.joint.interval(interval),
            confidence_level,
            self.joint.df,
            self.joint.resampled,
            correction,
        )
        return self._noted(table, interval, confidence_level)

    def league(
        self,
        level: str | None = None,
        *,
        within: str | None = None,
        construct: str | None = None,
        simultaneous: bool = True,
        interval: Interval | None = None,
        confidence_level: float = 0.95,
    ) -> pd.DataFrame:
        """Who stands where: from the best to the last, ranks with their confidence sets, and who is not told apart.

        Parameters
        ----------
        level : str, optional
            Whose table it is; the units' if left out.
        within : str, optional
            Peers are those of the same industry (or other level); all if left out.
        construct : str, optional
            The model's index if left out.
        simultaneous : bool
            Whether all sets hold at once with the confidence level, or each by itself (for a reader of one row).
        interval, confidence_level : see `index`

        Returns
        -------
        DataFrame
            Rows `(waves ..., within, unit)`, the best first. Columns `estimate, std_error, conf_low, conf_high`; `rank`
            (1 the highest) with its confidence set `rank_low, rank_high`; `difference` from the next one below and
            `p_adjusted` of it; `tier`: rows of one tier are not told from its first.

        Notes
        -----
        Sets are from the differences of all pairs [Mogstad et al. 2024]: a rank starts at one more than the number
        of peers that are certainly better. A bootstrap of the ranks themselves would be too sure where units are
        close: their order in a resample is not that of the population. p-values are adjusted for all pairs, so that
        they hold for neighbours that the same data made neighbours.
        """
        chosen, j = level or self.members.unit, self._construct(construct)
        found, parts = self._level(chosen), []
        for key, keys in self._peers(chosen, within, found).items():
            parts.append(
                self._ladder(
                    np.array([found[k] for k in keys]),
                    [k[0] for k in keys],
                    key,
                    j,
                    simultaneous,
                    interval,
                    confidence_level,
                )
            )
        names = [*self.times, *([within] if within else []), chosen]
        table = pd.concat(parts)
        table.index = _index(list(table.index), names)
        table = self._noted(table, interval, confidence_level)
        table.attrs["ranks"] = f"{'simultaneous' if simultaneous else 'marginal'} {100 * confidence_level:g} % sets"
        return table

    def _peers(
        self, level: str, within: str | None, found: Mapping[tuple[Any, int], Floats]
    ) -> dict[tuple[Any, ...], list[Any]]:
        above = self.levels[self.levels.index(level) + 1 :]
        if within is not None:
            check_choice(within, "within", above)
        own = self.members.units if level == self.members.unit else self.members.parents[level]
        parent = {} if within is None else dict(zip(own, self.members.parents[within], strict=True))
        peers: dict[tuple[Any, ...], list[Any]] = {}
        for t in self.order:
            at = [key for key in found if key[1] == t]
            for label in self.members.labels[within] if within else (None,):
                same = [key for key in at if within is None or parent[key[0]] == label]
                if same:
                    peers[(*self.members.moments[t], *([label] if within else []))] = same
        return peers

    def _ladder(
        self, shares: Floats, labels: list[Any], key: tuple[Any, ...], j: int, simultaneous: bool,
        interval: Interval | None, level: float,
    ) -> pd.DataFrame:  # fmt: skip
        """Table of one set of peers."""
        estimate, draws, error = self.joint.combined(shares)
        known = Known(estimate[:, j], None if draws is None else draws[..., j], error[:, j])
        low, high = ends(known, self.joint.interval(interval), level, self.joint.df, self.joint.resampled)
        columns = {"estimate": known.estimate, "std_error": known.error, "conf_low": low, "conf_high": high}
        order = np.argsort(-known.estimate, kind="stable")
        blank = np.full(len(order), np.nan)
        found = {name: blank.copy() for name in ("rank", "rank_low", "rank_high", "difference", "p_adjusted", "tier")}
        if np.isfinite(known.error).all():
            # The same vectors are simulated every time, so that a table is the same whenever it is asked for.
            cov = self.joint.covariance(shares, j)
            ranked = ranks(known.estimate, cov, level, np.random.default_rng(0), simultaneous)
            found |= {"rank": ranked.rank, "rank_low": ranked.low, "rank_high": ranked.high}
            found["difference"][order[:-1]] = -np.diff(known.estimate[order])
            found["p_adjusted"][order[:-1]] = ranked.p[order[:-1], order[1:]]
            told = (ranked.p < 1 - level)[np.ix_(order, order)]
            found["tier"][order] = tiers(known.estimate[order], told)
        else:
            found["rank"][order] = np.arange(1.0, len(order) + 1)
        table = pd.DataFrame(
            {**columns, **found}, index=_index([(*key, label) for label in labels], ["_"] * (len(key) + 1))
        )
        return table.iloc[order]

    def shares(self, level: str | None = None) -> pd.DataFrame:
        """Share of every unit in what it is joined to.

        Parameters
        ----------
        level : str, optional
            The whole if left out.

        Returns
        -------
        DataFrame
            Rows `(label, waves ..., unit)`. Column `estimate`, adding up to one; under chain linking the plain share.
        """
        chosen = level or self.members.levels[-1]
        check_choice(chosen, "level", self.levels[1:])
        rows, values = [], []
        for t in self.order:
            plain = self.members.shares(t, self.members.present[:, t])
            for (name, label), share in plain.items():
                for u in np.flatnonzero(self.members.present[:, t]):
                    value = share[self.members.group[u, t]]
                    if name == chosen and value > 0:
                        rows.append((*self._key(name, label, t, False), self.members.units[u]))
                        values.append(value)
        return pd.DataFrame({"estimate": values}, index=_index(rows, [*self._names(chosen), self.members.unit]))

    def check(self) -> pd.DataFrame:
        """Every doubt about membership and order, before those of the fit itself (`fit.check()`).

        Returns
        -------
        DataFrame
            Columns `code, subject, value, limit, message, remedy, group`; empty when there is nothing to say.
        """
        return doubting.table(self.doubts)

    # -- small things ------------------------------------------------------------------------------------------

    def _construct(self, name: str | None) -> int:
        rows = list(self.joint.noun.rows)
        if name is None:
            return 0
        if name not in rows:
            raise SettingsError(f"{name!r} is not a construct{suggest(name, rows)}; there are {', '.join(rows)}")
        return rows.index(name)

    def _noted(self, table: pd.DataFrame, interval: Interval | None, level: float) -> pd.DataFrame:
        table.attrs["interval"] = self.fit.core.describe(self.joint.interval(interval), level, self.joint.noun)
        table.attrs["note"] = "; ".join(self._notes())
        if self.doubts:
            table.attrs["doubts"] = [str(doubt) for doubt in self.doubts]
        return table

    def _notes(self) -> Iterator[str]:
        yield f"{len(self.members.units)} units ({self.members.unit}); weights taken as known"
        if self.chain:
            yield "waves linked by the members of both"
        if self.rule is not None:
            yield f"rule of {self.rule.title['en']}: {self.rule.reference}"

    def __repr__(self) -> str:
        lines = [f"Aggregate: {'; '.join(self._notes())}", *(f"doubt: {doubt}" for doubt in self.doubts)]
        shown = (
            self.index(level=self.members.levels[-1]).xs(self.joint.noun.rows[0], level="construct")
            if self.times
            else (self.index(level=self.members.levels[-1]).iloc[:1])
        )
        return "\n".join([*lines, shown.round(2).to_string()])


def _index(tuples: list[Any], names: list[str]) -> pd.Index:
    """Rows with one label or several."""
    if len(names) == 1:
        flat = [key[0] if isinstance(key, tuple) else key for key in tuples]
        return pd.Index(flat, name=names[0])
    return pd.MultiIndex.from_tuples(tuples, names=names)
