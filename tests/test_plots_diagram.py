"""Path diagrams: every catalogue model in both languages, nothing on top of anything else, no box for a character."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, FancyArrowPatch
from matplotlib.text import Text

import csi.models
from csi.errors import ModelError, SettingsError
from csi.plots.diagram import diagram
from csi.plots.style import missing_glyphs
from csi.plots.texts import ScaledText, overlaps, wrap, wrap_round
from csi.spec import Construct, Item, Model, Path
from csi.spec.graphs import place
from csi.spec.layers import layered

CATALOGUE = csi.models.all()
EXTRA = [csi.models.ccsi(image_to_loyalty=True), csi.models.tcsi(image_to_loyalty=True)]
#: Models that only differ by name are drawn once.
DRAWINGS = list(
    {(str(m.labels()), str([(p.cause, p.effect) for p in m.paths])): m for m in [*EXTRA, *CATALOGUE[::-1]]}.values()
)


def paths_of(model: Model, p: float = 0.0004) -> pd.DataFrame:
    rows = pd.MultiIndex.from_tuples([(path.cause, path.effect) for path in model.paths], names=["cause", "effect"])
    return pd.DataFrame({"estimate": -0.512, "p_value": p}, index=rows)


def r2_of(model: Model) -> pd.DataFrame:
    return pd.DataFrame({"r2": 0.512}, index=list(dict.fromkeys(path.effect for path in model.paths)))


def texts(ax) -> list[str]:
    return [t.get_text() for t in ax.findobj(Text) if t.get_visible() and t.get_text()]


def arrow(ax, cause: str, effect: str) -> FancyArrowPatch:
    return next(p for p in ax.patches if p.get_gid() == f"path {cause} -> {effect}")


@pytest.fixture
def ax():
    return Figure(figsize=(6.3, 3.6), dpi=200).add_subplot()


@pytest.fixture
def small() -> Model:
    return Model("m", {"a": ["a1"], "b": ["b1"], "c": ["c1"]}, [Path("a", "b"), Path("b", "c"), Path("a", "c")], "c")


def assert_clear(ax, model: Model) -> None:
    """No two texts overlap, and no arrow runs through a construct that is not its own."""
    assert overlaps(ax) == []
    ovals = {p.get_gid().removeprefix("construct "): p for p in ax.patches if isinstance(p, Ellipse)}
    for path in model.paths:
        way = np.concatenate(arrow(ax, path.cause, path.effect).get_path().to_polygons(closed_only=False))
        for name, oval in ovals.items():
            if name not in (path.cause, path.effect):
                across, down = (way - oval.center).T / np.array([[oval.width / 2], [oval.height / 2]])
                assert (across**2 + down**2 > 1).all(), f"{path.cause} -> {path.effect} runs through {name}"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("model", DRAWINGS, ids=lambda m: m.name)
def test_nothing_overlaps_in_a_fitted_catalogue_model(model, language, ax):
    diagram(model, ax, language, paths=paths_of(model), r2=r2_of(model))
    assert_clear(ax, model)
    said = texts(ax)
    assert missing_glyphs(said) == set()
    assert said.count("−0.512***") == len(model.paths)
    assert said.count("R² = 0.512") == len({path.effect for path in model.paths})
    printed = {text.replace("\n", "").replace(" ", "") for text in said}
    assert {model.labels(language)[name].replace(" ", "") for name in model.constructs} <= printed


@pytest.mark.parametrize("model", DRAWINGS, ids=lambda m: m.name)
def test_nothing_overlaps_with_items(model, ax):
    loadings = {item.name: 0.712 for item in model.items}
    diagram(model, ax, "zh", items="names", loadings=loadings, arrows="hypotheses", font="serif")
    assert_clear(ax, model)
    assert texts(ax).count("0.712") == len(model.items)
    assert missing_glyphs(texts(ax), "serif") == set()


@pytest.mark.parametrize("model", [csi.models.ecsi(), csi.models.acsi()], ids=lambda m: m.name)
def test_nothing_overlaps_with_long_item_labels(model, ax):
    diagram(model, ax, "zh", items="labels")
    assert_clear(ax, model)


@pytest.mark.parametrize("size", [(3, 2), (12, 9), (4, 9)])
def test_texts_stay_apart_in_axes_of_any_size(size):
    model = csi.models.ecsi()
    ax = Figure(figsize=size, dpi=200).add_subplot()
    assert diagram(model, ax, paths=paths_of(model), r2=r2_of(model)) is ax
    assert_clear(ax, model)
    ax.figure.set_size_inches(8, 4)
    assert overlaps(ax) == []


def test_a_model_of_ones_own_is_drawn_in_layers(ax):
    text = """
        price =~ p1 + p2
        ease <~ e1 + e2
        trust_in_the_company =~ t1
        delight =~ d1 + d2
        advocacy =~ a1 + a2
        delight ~ price + ease + trust_in_the_company + price:ease
        advocacy ~ delight + price + trust_in_the_company
    """
    model = Model.parse("\n".join(line.strip() for line in text.strip().splitlines()), index="delight")
    diagram(model, ax, items="names", paths=paths_of(model))
    assert_clear(ax, model)
    assert any(text.split() == ["price", "×", "ease"] for text in texts(ax))
    columns = {name: column for name, (column, _) in place(model).items()}
    assert all(columns[path.cause] < columns[path.effect] for path in model.paths)


def test_a_construct_of_higher_order_is_joined_to_its_parts(ax):
    model = csi.models.acsi(variant="product-service")
    diagram(model, ax)
    parts = {p.get_gid() for p in ax.patches if (p.get_gid() or "").startswith("part ")}
    assert parts == {"part product_quality -> quality", "part service_quality -> quality"}


def test_a_reflective_construct_of_higher_order_sends_the_arrows(ax):
    blocks = {"a": ["a1"], "b": ["b1"], "s": ["s1"], "whole": Construct(of=["a", "b"], kind="reflective")}
    model = Model("m", blocks, [Path("whole", "s")], "s")
    diagram(model, ax)
    assert {"part whole -> a", "part whole -> b"} <= {p.get_gid() for p in ax.patches}


def test_signs_stand_on_the_arrows_of_a_model_without_estimates(ax):
    diagram(csi.models.scsb(), ax)
    assert texts(ax).count("+") == 4
    assert {"−", "±"} <= set(texts(ax))


def test_hypotheses_are_numbered_as_in_the_table(ax):
    diagram(csi.models.scsb(), ax, arrows="hypotheses")
    assert {"H1 (+)", "H4 (−)", "H6 (±)"} <= set(texts(ax))


def test_arrows_may_be_bare(ax, small):
    diagram(small, ax, arrows="none", paths=paths_of(small))
    assert sorted(texts(ax)) == ["a", "b", "c"]


def test_insignificant_paths_are_dashed_and_explained(ax, small):
    table = paths_of(small)
    table.loc[("a", "c"), "p_value"] = 0.3
    diagram(small, ax, paths=table)
    assert arrow(ax, "a", "c").get_linestyle() != arrow(ax, "a", "b").get_linestyle()
    assert "* p < .05, ** p < .01, *** p < .001; dashed: p ≥ .05" in texts(ax)


def test_an_interval_decides_where_there_is_no_p_value(ax, small):
    table = paths_of(small).drop(columns="p_value").assign(conf_low=[-1.0, -1.0, -1.0], conf_high=[-0.1, 0.2, np.nan])
    diagram(small, ax, paths=table, language="zh")
    dashed = [arrow(ax, *pair).get_linestyle() for pair in [("a", "b"), ("b", "c"), ("a", "c")]]
    assert dashed[0] == dashed[2] != dashed[1]
    assert "虚线：置信区间包含 0" in texts(ax)


def test_assumed_arrows_are_lighter_and_explained(ax):
    model = csi.models.ccsi()
    diagram(model, ax)
    published, assumed = arrow(ax, "quality", "value"), arrow(ax, "image", "quality")
    assert sum(assumed.get_edgecolor()[:3]) > sum(published.get_edgecolor()[:3]) + 0.5
    assert "grey: assumed, not published" in texts(ax)


def test_the_note_can_be_left_out(ax):
    diagram(csi.models.ccsi(), ax, note=False)
    assert not any("assumed" in text for text in texts(ax))


def test_larger_coefficients_have_wider_arrows(ax, small):
    diagram(small, ax, paths={("a", "b"): 0.1, ("b", "c"): -0.9, ("a", "c"): 1.7})
    widths = [arrow(ax, *pair).get_linewidth() for pair in [("a", "b"), ("b", "c"), ("a", "c")]]
    assert widths[0] < widths[1] < widths[2]


def test_a_missing_estimate_leaves_its_arrow_bare(ax, small):
    diagram(small, ax, paths={("a", "b"): 0.1, ("b", "c"): np.nan})
    assert sorted(texts(ax)) == ["0.100", "a", "b", "c"]


def test_the_index_stands_out(ax, small):
    diagram(small, ax)
    fills = {p.get_gid(): p.get_facecolor() for p in ax.patches if isinstance(p, Ellipse)}
    assert fills["construct c"] != fills["construct a"] == fills["construct b"]


def test_loadings_are_found_by_construct_and_item_or_by_item(ax, small):
    both = pd.DataFrame({"estimate": [0.5]}, index=pd.MultiIndex.from_tuples([("a", "a1")]))
    diagram(small, ax, items="names", loadings=both)
    assert texts(ax).count("0.500") == 1


def test_a_fit_is_asked_for_its_tables(ax):
    class Fit:
        model = csi.models.scsb()

        def paths(self):
            return paths_of(self.model)

        def r2(self):
            return r2_of(self.model)

    diagram(Fit(), ax)
    assert texts(ax).count("−0.512***") == 6
    assert texts(ax).count("R² = 0.512") == 4


def test_positions_override_places(small):
    grid = place(small, {"b": (1, 5)})
    assert grid["b"] == (1, 5)
    assert grid["a"][0] < grid["c"][0]


def test_labels_override_the_model(ax, small):
    diagram(small, ax, labels={"a": "Alpha", "a1": "first"}, items="labels")
    assert {"Alpha", "first", "b1"} <= set(texts(ax))


def test_the_figure_has_its_natural_size_and_the_font_the_size_asked_for():
    model = csi.models.ecsi()
    plain, large = (diagram(model, paths=paths_of(model), fontsize=size) for size in (9, 12))
    plain.figure.draw_without_rendering()
    assert {round(t.get_fontsize(), 6) for t in plain.findobj(ScaledText)} == {9.0, 7.5}
    assert large.figure.get_figwidth() > 1.1 * plain.figure.get_figwidth()
    assert plain.figure.get_figwidth() < 7.3


def test_templates_serve_models_that_leave_a_construct_out():
    full, less = csi.models.acsi(), csi.models.acsi().without("complaints")
    assert {name: place(full)[name] for name in less.constructs} == place(less)


def test_layers_do_not_depend_on_the_order_of_arrows():
    names, arrows = ["a", "b", "c", "d"], [("a", "c"), ("b", "c"), ("c", "d"), ("a", "d")]
    assert layered(names, arrows) == layered(names, arrows[::-1])


@pytest.mark.parametrize(
    ("label", "limit", "lines"),
    [
        ("Customer satisfaction", 12, ["Customer", "satisfaction"]),
        ("trust_in_the_company", 11, ["trust_in_", "the_company"]),
        ("给定质量下对价格的评价", 12, ["给定质量下对", "价格的评价"]),
        ("质量，价格", 6, ["质量，", "价格"]),
        ("unbreakable", 4, ["unbreakable"]),
    ],
)
def test_labels_break_where_they_may(label, limit, lines):
    assert wrap(label, limit) == lines


def test_short_chinese_labels_are_not_cut_in_two():
    assert wrap_round("感知硬件质量", more=1) == ["感知硬件质量"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"language": "fr"}, SettingsError, "language must be one of 'en', 'zh'; not 'fr'"),
        ({"items": "all"}, SettingsError, "items must be one of 'none', 'names', 'labels'"),
        ({"arrows": "coefs"}, SettingsError, "arrows must be one of 'coefficients', 'hypotheses', 'signs', 'none'"),
        ({"positions": {"qualty": (0, 0)}}, ModelError, "positions: 'qualty' is not a construct"),
        ({"labels": {"satisfacton": "S"}}, SettingsError, "did you mean 'satisfaction'"),
        ({"paths": {("value", "loyalty"): 0.1}}, SettingsError, "'value -> loyalty' is not a path of 'SCSB'"),
        ({"paths": {("2024", "value", "satisfaction"): 0.1}}, SettingsError, "several groups; draw one group"),
        ({"paths": pd.DataFrame({"beta": []})}, SettingsError, "no column 'estimate'; it has ..beta.."),
        ({"r2": pd.DataFrame({"R": [0.1]}, ["value"])}, SettingsError, "no column 'r2' or 'estimate'"),
        ({"positions": {"value": (0, 0)}}, ModelError, "two constructs stand at the same place"),
        ({"font": "Simsun"}, SettingsError, "font 'Simsun' is not installed here"),
    ],
)
def test_bad_settings_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        diagram(csi.models.scsb(), **arguments)


def test_something_else_is_refused():
    with pytest.raises(SettingsError, match="drawn from a Model or a fit; not dict"):
        diagram({})


def test_items_with_reserved_letters_are_drawn_as_written(ax):
    model = Model("m", {"a": [Item("x_1"), Item("价格$")], "b": ["<b>"]}, [Path("a", "b")], "b")
    diagram(model, ax, items="names")
    assert {"x_1", "价格$", "<b>"} <= set(texts(ax))
