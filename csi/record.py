"""What is known of a pass over answers beside its sums: codes, rules, rows, chance; and when two passes add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Facts:
    """What went by: a table of items (low, high, blanks, unknown, outside), and counts of codes outside their scale.

    Codes beyond the first 64 of an item are counted together, under infinity.
    """

    table: pd.DataFrame
    codes: Mapping[str, Mapping[float, int]] = field(default_factory=dict)

    def __add__(self, other: Facts) -> Facts:
        mine, its = self.table, other.table.loc[self.table.index]
        ends = {"low": np.fmin(mine["low"], its["low"]), "high": np.fmax(mine["high"], its["high"])}
        counts = {name: mine[name] + its[name] for name in ("blanks", "unknown", "outside")}
        codes = {name: dict(seen) for name, seen in self.codes.items()}
        for name, seen in other.codes.items():
            for code, times in seen.items():
                own = codes.setdefault(name, {})
                own[code] = own.get(code, 0) + times
        return Facts(pd.DataFrame(ends | counts), codes)

    def take(self, names: list[str]) -> Facts:
        """Facts of some items."""
        return Facts(self.table.loc[names], {name: self.codes[name] for name in names if name in self.codes})


@dataclass(frozen=True, eq=False)
class Record:
    """How sums came about.

    Parameters
    ----------
    scales : tuple of (low, high) or None
        Of every item.
    unknown : tuple of tuple of float
        Codes of every item that were read as blanks.
    missing : str
        Treatment of blanks.
    weighting : {"weight", "count"} or None
    clusters : str or None
        Fingerprint of the chance by which clusters are resampled, where they are.
    streams : tuple of str
        Fingerprints of the chance by which rows are resampled, one a part of the source.
    rows, dropped, unweighted : int
        Rows read; left out for a blank; left out for weight 0.
    facts : Facts or None
        None where groups were withheld, for facts speak of all of them.
    pooling : str
        In words, how covariances of groups were moved towards those of all.
    minimum, withheld : int
        Groups of fewer cases were not written to a file, and how many those were.
    """

    scales: tuple[tuple[float, float] | None, ...]
    unknown: tuple[tuple[float, ...], ...]
    missing: str
    weighting: str | None = None
    clusters: str | None = None
    streams: tuple[str, ...] = ()
    rows: int = 0
    dropped: int = 0
    unweighted: int = 0
    facts: Facts | None = None
    minimum: int = 0
    withheld: int = 0
    pooling: str = ""

    def __add__(self, other: Record) -> Record:
        known = None if self.facts is None or other.facts is None else self.facts + other.facts
        return replace(
            self,
            streams=tuple(sorted({*self.streams, *other.streams})),
            rows=self.rows + other.rows,
            dropped=self.dropped + other.dropped,
            unweighted=self.unweighted + other.unweighted,
            facts=known,
            minimum=max(self.minimum, other.minimum),
            withheld=self.withheld + other.withheld,
        )

    def take(self, at: list[int], names: list[str]) -> Record:
        """What is known of some items."""
        return replace(
            self,
            scales=tuple(self.scales[i] for i in at),
            unknown=tuple(self.unknown[i] for i in at),
            facts=None if self.facts is None else self.facts.take(names),
        )

    def differences(self, other: Record, items: tuple[str, ...]) -> Iterator[str]:
        """Why the sums of another pass over the same items do not add up with these."""
        for name, mine, its in zip(items, self.scales, other.scales, strict=True):
            if mine != its:
                yield f"item {name!r} has the scale {_scale(mine)} here and {_scale(its)} there"
        for name, codes, others in zip(items, self.unknown, other.unknown, strict=True):
            if set(codes) != set(others):
                yield f"item {name!r} has the unknown codes {codes} here and {others} there"
        if self.missing != other.missing:
            yield f"blanks are treated {self.missing} here and {other.missing} there"
        if self.weighting != other.weighting:
            yield f"cases have {_weighting(self.weighting)} here and {_weighting(other.weighting)} there"
        if self.clusters != other.clusters:
            yield (
                "resamples were drawn by clusters under one seed only, so that a cluster in both would be drawn twice;"
                " give both passes the same design and the same rng="
            )


def _scale(scale: tuple[float, float] | None) -> str:
    return "of none" if scale is None else f"{scale[0]:g}-{scale[1]:g}"


def _weighting(kind: str | None) -> str:
    return "no weights" if kind is None else f"{kind}s"
