"""The names that people and outside checks call the library by: there, documented, typed, spoken alike."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pandas as pd
import pytest
from test_groups import SMALL

import csi

#: The names of design section 4 that stand; an issue that fills another one adds it here.
NAMES = [
    "CBSEM", "Construct", "Design", "Fit", "Hierarchy", "Item", "Model", "Moments", "NotAvailable", "PLS", "PLSc",
    "Plan", "Study", "adequacy", "aggregate", "audit", "compare", "datasets", "describe", "efa", "item_analysis",
    "items", "match", "measures", "models", "moments", "open", "plots", "power", "read", "sampling", "screen",
    "service", "show_versions", "simulate", "track",
]  # fmt: skip
METHODS = {
    csi.Fit: """groups bootstrap jackknife replicate index impacts what_if paths effects indirect loadings weights r2
                correlations scores parameters priorities compare check replicates reliability validity cross_loadings
                vif f2 goodness invariance modification_indices residuals influence predict predictive permute plot
                report save methods cite slopes""",
    csi.Study: "fit from_toml replace to_toml",
    csi.Model: "parse replace without rename labels translate hypotheses to",
    csi.Moments: "from_table save load pooled",
}
ARGUMENTS = {
    csi.Study: "model method design missing controls",
    csi.Study.fit: "data by",
    csi.Study.from_toml: "path",
    csi.PLS: "scheme modes standardized tolerance max_iter higher_order interactions",
    csi.Design: "weight stratum cluster fpc count replicates kind scale rscales df",
    csi.Model: "name constructs paths index scale higher covariances extra",
    csi.Model.parse: "text index",
    csi.Item: "name scale reversed unknown label",
    csi.Construct: "items kind label of",
    csi.Moments: "n mean cov",
    csi.Moments.from_table: "correlation mean sd n",
    csi.moments: "source model by design replicates rng missing memory",
    csi.Moments.save: "path minimum",
    csi.simulate: "model n rng",
    csi.compare: "of invariance interval confidence_level",
    csi.aggregate: "fit weights table levels rule unit items missing chain order whole",
    csi.track: "fit wave construct weights standardize pair breaks order",
    csi.Fit.bootstrap: "n_resamples rng cases kind memory",
    csi.Fit.index: "weights interval confidence_level",
    csi.Fit.impacts: "on points weights interval confidence_level tidy",
    csi.Fit.what_if: "changes",
    csi.Fit.paths: "interval confidence_level p",
    csi.Fit.effects: "interval confidence_level tidy",
    csi.Fit.r2: "interval confidence_level tidy",
    csi.Fit.loadings: "interval confidence_level",
    csi.Fit.weights: "interval confidence_level",
    csi.Fit.scores: "weights",
    csi.Fit.compare: "first second of pair standardize interval confidence_level",
    csi.Fit.report: "path language before chapter confidence_level fieldwork",
    csi.Fit.methods: "language",
    csi.Fit.cite: "style",
    csi.Fit.replicates: "noun",
}
#: One word for one thing: these are the words of other libraries for arguments that we call otherwise.
FOREIGN = {
    "seed": "rng", "random_state": "rng", "n_boot": "n_resamples", "nboot": "n_resamples", "B": "n_resamples",
    "ci": "confidence_level", "conf_level": "confidence_level", "level": "confidence_level",
    "lang": "language", "locale": "language", "groupby": "by", "group_by": "by", "dataset": "data", "axes": "ax",
}  # fmt: skip
COMMON = ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]


def callables() -> dict[str, object]:
    """Every public function, class and method."""
    found = {}
    for name in NAMES:
        thing = getattr(csi, name)
        if callable(thing) and name != "NotAvailable":
            found[name] = thing
    for owner, names in METHODS.items():
        found |= {
            f"{owner.__name__}.{name}": getattr(owner, name) for name in names.split() if callable(getattr(owner, name))
        }
    return found


def parameters(thing: object) -> list[str]:
    return [name for name in inspect.signature(thing).parameters if name not in ("self", "cls")]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_the_library(name):
    assert hasattr(csi, name)
    assert name in dir(csi)


@pytest.mark.parametrize("owner", METHODS)
def test_names_of_its_things(owner):
    missing = [name for name in METHODS[owner].split() if not hasattr(owner, name)]
    assert not missing


@pytest.mark.parametrize("thing", ARGUMENTS, ids=lambda thing: thing.__qualname__)
def test_arguments_keep_their_names(thing):
    missing = [name for name in ARGUMENTS[thing].split() if name not in parameters(thing)]
    assert not missing


def test_one_word_for_one_thing():
    strange = {
        f"{name}({parameter})": FOREIGN[parameter]
        for name, thing in callables().items()
        for parameter in parameters(thing)
        if parameter in FOREIGN
    }
    assert not strange


@pytest.mark.parametrize("name", callables())
def test_everything_public_is_documented_and_typed(name):
    thing = callables()[name]
    text = inspect.getdoc(thing) or ""
    assert len(text.splitlines()[0]) > 10
    for parameter in inspect.signature(thing).parameters.values():
        if parameter.name in ("self", "cls") or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        assert parameter.annotation is not inspect.Parameter.empty, f"{name}: {parameter.name} has no type"


def test_names_beyond_the_reserved_ones_have_a_line_in_the_architecture(repository):
    reserved = {
        *NAMES, "open", "PLSc", "CBSEM", "moments", "Hierarchy", "read", "match", "Plan", "power", "service", "audit",
        "aggregate", "track",
    }  # fmt: skip
    text = (repository / "docs" / "architecture.md").read_text(encoding="utf-8")
    written = set(re.findall(r"`(?:csi\.)?(\w+)/?`", text))
    # Rooms are drawn in the plan of the house; functions and classes need a line.
    known = reserved | written | set(csi._ROOMS)
    invented = [name for name in dir(csi) if not name.startswith("_") and name not in known]
    assert not invented, f"write a line about {', '.join(invented)} in docs/architecture.md, or use a reserved name"


def test_unknown_names_come_with_the_closest():
    with pytest.raises(AttributeError, match="csi has no 'Stduy'; did you mean 'Study'"):
        csi.Stduy  # noqa: B018
    assert csi.__version__.count(".") == 2


# -- one table out --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fits() -> list[csi.Fit]:
    data = csi.datasets.load("mobi").assign(wave=[1, 2] * 125)
    plain = csi.Study(SMALL).fit(data)
    return [plain, plain.bootstrap(20, rng=1), csi.Study(SMALL).fit(data, by="wave")]


@pytest.mark.parametrize("noun", ["paths", "loadings", "weights", "correlations", "indirect"])
def test_one_number_a_row_has_the_common_columns(fits, noun):
    for fit in fits:
        table = getattr(fit, noun)()
        assert table.columns.tolist() == COMMON
        assert all(pd.api.types.is_float_dtype(kind) for kind in table.dtypes)


@pytest.mark.parametrize(
    ("noun", "columns"),
    [("effects", ["direct", "indirect", "total"]), ("r2", ["r2", "r2_adjusted"]), ("impacts", ["direct", "total"])],
)
def test_wide_nouns_are_tidy_on_demand(fits, noun, columns):
    for fit in fits:
        table, tidy = getattr(fit, noun)(), getattr(fit, noun)(tidy=True)
        assert table.columns.tolist() == columns
        assert tidy.index.names[-1] == "measure"
        assert tidy.columns.tolist() == [name for name in COMMON if name in tidy]
        np.testing.assert_allclose(tidy["estimate"], table.to_numpy().ravel())


def test_numbers_are_floats_and_groups_come_first(fits):
    for noun in (
        "index",
        "paths",
        "loadings",
        "weights",
        "r2",
        "effects",
        "impacts",
        "correlations",
        "indirect",
        "priorities",
        "scores",
    ):
        table = getattr(fits[2], noun)()
        assert all(pd.api.types.is_float_dtype(kind) for kind in table.dtypes)
        assert noun == "scores" or table.index.names[0] == "wave"


def test_parameters_are_one_table(fits):
    table = fits[0].parameters()
    assert table.index.names == ["kind", "left", "right"]
    assert table.columns.tolist() == COMMON
    assert table.loc["paths"].shape[0] == 2
    pd.testing.assert_frame_equal(table.loc["loadings"], fits[0].loadings(), check_names=False)
    assert fits[2].parameters().index.names[-2:] == ["left", "right"]


def test_words_are_one_line_and_fits_start_with_their_doubts(fits):
    assert "\n" not in repr(SMALL)
    assert repr(csi.PLS(scheme="centroid")) == "PLS(scheme='centroid')"
    for fit in fits:
        text = repr(fit)
        assert text.encode("ascii")
        assert text.index("doubt") < text.index("Index")
