"""What a pass is to keep: names, codes, weights, groups and replicates, as plain words that travel to a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from csi.blueprint import compile_model
from csi.chance import entropy_of
from csi.design import Design
from csi.errors import ModelError, NotAvailable, SettingsError, check_choice
from csi.spec import Model

#: Treatments of blanks that sums can hold.
Missing = Literal["pairwise", "listwise", "mean"]


@dataclass(frozen=True)
class Plan:
    """Columns of a pass and what is done with them.

    Parameters
    ----------
    items : tuple of str
    scales : tuple of (low, high) or None
        Of every item; answers outside are counted.
    unknown : tuple of tuple of float
        Codes of every item that mean no answer.
    by : tuple of str
        Columns that divide the cases.
    weight, count, cluster : str or None
        Columns of the design.
    missing : {"pairwise", "listwise", "mean"}
    replicates : int
        Poisson replicates beside the estimate.
    entropy : int
        Where their chance begins.
    memory : float
        Bytes that the sums may take.
    """

    items: tuple[str, ...]
    scales: tuple[tuple[float, float] | None, ...]
    unknown: tuple[tuple[float, ...], ...]
    by: tuple[str, ...] = ()
    weight: str | None = None
    count: str | None = None
    cluster: str | None = None
    missing: Missing = "pairwise"
    replicates: int = 0
    entropy: int = 0
    memory: float = 1e9

    @property
    def roles(self) -> dict[str, str]:
        """Every column that is read, and what for."""
        roles = dict.fromkeys(self.items, "item")
        clusters = [self.cluster] if self.replicates else []
        for what, names in (("by column", self.by), ("weight", [self.weight, self.count]), ("cluster", clusters)):
            for name in names:
                if name:
                    roles.setdefault(name, what)
        return roles

    @property
    def columns(self) -> list[str]:
        """Every column that is read, once."""
        return list(self.roles)


def plan(
    model: Model,
    by: str | Sequence[str] | None,
    design: Design | None,
    missing: Missing,
    replicates: int,
    rng: Any,
    memory: float,
) -> Plan:
    """Compile what was asked for.

    Raises
    ------
    ModelError, SettingsError, NotAvailable
        If it contradicts itself, or one pass of sums cannot give it.
    """
    if not isinstance(model, Model):
        raise ModelError(f"model must be a csi.Model, which says what the items are; not {type(model).__name__}")
    check_choice(missing, "missing", get_args(Missing))
    if (
        isinstance(replicates, bool)
        or not isinstance(replicates, (int, np.integer))
        or replicates < 0
        or replicates == 1
    ):
        raise SettingsError(f"replicates must be 0 or a whole number of at least 2; not {replicates!r}")
    said = design or Design()
    _check_design(said, replicates)
    blueprint = compile_model(model)
    if model.products:
        raise NotAvailable(
            f"{model.products[0]} multiplies answers, and a pass keeps sums of the items, not of their"
            " products. Fit the table itself, Study(model).fit(data), or leave the interaction out of the model"
        )
    names = () if by is None else (by,) if isinstance(by, str) else tuple(by)
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise SettingsError(f"by= names {twice[0]!r} twice")
    return Plan(
        tuple(blueprint.item_names),
        tuple(None if scale is None else (float(scale.low), float(scale.high)) for scale in blueprint.scales),
        tuple(tuple(map(float, item.unknown)) for item in blueprint.items),
        names,
        said.weight,
        said.count,
        said.cluster,
        missing,
        int(replicates),
        entropy_of(rng) if replicates else 0,
        memory,
    )


def _check_design(design: Design, replicates: int) -> None:
    """Refuse what a pass cannot carry through."""
    if design.replicates is not None:
        raise NotAvailable(
            "replicate weights of a design are not added up in a pass; fit the table: study.fit(data).replicate()"
        )
    if not replicates:
        return
    if design.stratum is not None or design.fpc is not None:
        raise NotAvailable(
            "Poisson replicates know no strata and no finite population; leave stratum= and fpc= out (intervals are"
            " then a little wide), or fit the table itself: study.fit(data).bootstrap()"
        )
    if design.count is not None:
        raise NotAvailable(
            "a row with a count stands for several cases, which replicates would have to draw apart; repeat the rows,"
            " or leave replicates= out"
        )
