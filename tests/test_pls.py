"""PLS on the mobile phone survey equals seminr, cSEM, plspm, SmartPLS and the published table."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi

FOLDER = Path(__file__).resolve().parent / "oracles" / "pls"
SOLUTIONS = {
    entry["name"]: entry for entry in json.loads((FOLDER / "mobi.json").read_text(encoding="utf-8"))["solutions"]
}
MODELS = {"ecsi": csi.models.ecsi(), "acsi": csi.models.acsi(items="mobi")}
N = 250


def fitted(mobi: pd.DataFrame, entry: dict) -> csi.Fit:
    """The solution that another program has, asked for in our words."""
    settings = {key: entry[key] for key in ("scheme", "modes", "standardized") if key in entry}
    return csi.Study(MODELS[entry["model"]], method=csi.PLS(**settings, tolerance=1e-12)).fit(mobi)


def arrows(table: pd.DataFrame, column: str = "estimate") -> dict[str, float]:
    """Rows `(cause, effect)` as 'cause -> effect'."""
    return {" -> ".join(row): value for row, value in table[column].items()}


def by_item(table: pd.DataFrame) -> dict[str, float]:
    """Rows `(construct, item)` by item."""
    return {item: value for (_, item), value in table["estimate"].items()}


def assert_equal(ours: dict[str, float], theirs: dict[str, float], tolerance: float) -> None:
    """The same names, and no number further away than the tolerance."""
    assert list(ours) == [name for name in ours if name in theirs] and len(ours) == len(theirs)
    away = {name: abs(ours[name] - theirs[name]) for name in theirs}
    worst = max(away, key=away.get)
    assert away[worst] <= tolerance, f"{worst}: {ours[worst]!r} is not {theirs[worst]!r}"


@pytest.mark.parametrize("name", SOLUTIONS)
def test_paths_loadings_r2_equal_other_programs(mobi, name):
    entry = SOLUTIONS[name]
    fit = fitted(mobi, entry)
    assert fit.core.solution.converged.all()
    assert_equal(arrows(fit.paths()), entry["paths"], 1e-8)
    assert_equal(by_item(fit.loadings()), entry["loadings"], 1e-8)
    assert_equal(fit.r2()["r2"].to_dict(), entry["r2"], 1e-8)


@pytest.mark.parametrize("name", [name for name in SOLUTIONS if "unscaled" not in name])
def test_weights_equal_other_programs(mobi, name):
    entry = SOLUTIONS[name]
    fit = fitted(mobi, entry)
    assert_equal(by_item(fit.weights()), entry["weights"], 1e-8)
    if "r2_adjusted" in entry:
        assert_equal(fit.r2()["r2_adjusted"].to_dict(), entry["r2_adjusted"], 1e-8)


@pytest.mark.parametrize("name", [name for name in SOLUTIONS if "unscaled" in name])
def test_raw_weights_of_plspm_differ_by_two_known_factors(mobi, name):
    """Raw weights of plspm are those of codes in scores whose variance, with divisor n, is one.

    Ours are those of points (nine codes are a hundred points) in scores of variance one with divisor n - 1.
    """
    entry = SOLUTIONS[name]
    factor = 100 / 9 * np.sqrt(N / (N - 1))
    ours = {item: value * factor for item, value in by_item(fitted(mobi, entry).weights()).items()}
    assert_equal(ours, entry["weights"], 1e-8)


@pytest.mark.parametrize("name", [name for name in SOLUTIONS if "total" in SOLUTIONS[name]])
def test_total_and_indirect_effects_equal(mobi, name):
    entry = SOLUTIONS[name]
    effects = fitted(mobi, entry).effects()
    total, indirect = arrows(effects, "total"), arrows(effects, "indirect")
    for pair, value in entry["total"].items():
        assert total[pair] == pytest.approx(value, abs=1e-8)
        assert indirect[pair] == pytest.approx(entry["indirect"].get(pair, 0.0), abs=1e-8)
    assert set(total) == set(entry["total"])


@pytest.mark.parametrize("name", [name for name in SOLUTIONS if "correlations" in SOLUTIONS[name]])
def test_correlations_of_constructs_equal_csem(mobi, name):
    entry = SOLUTIONS[name]
    ours = {" -- ".join(row): value for row, value in fitted(mobi, entry).correlations()["estimate"].items()}
    assert_equal(ours, entry["correlations"], 1e-8)


def test_published_table_of_2005_appears_with_raw_items_and_the_centroid_scheme(mobi, oracle):
    """Tenenhaus et al. (2005): three printed digits, and a recomputation to four and five."""
    table = oracle("pls/published.json")["tenenhaus2005"]
    fit = csi.Study(MODELS["ecsi"], method=csi.PLS(scheme="centroid", standardized=False, tolerance=1e-12)).fit(mobi)
    # One path is 0.46550 to five digits: the print rounds it up, the exact number lies a hair below the half.
    assert_equal(arrows(fit.paths()), table["paths"], 5.1e-4)
    assert_equal(fit.r2()["r2"].to_dict(), table["r2"], 5e-4)
    assert_equal(fit.r2()["r2"].to_dict(), table["r2_recomputed"], 5e-7)
    assert_equal({k: v for k, v in by_item(fit.loadings()).items() if k != "CUSCO"}, table["loadings"], 5.1e-5)
    grown = {item: value * np.sqrt(N / (N - 1)) for item, value in by_item(fit.weights()).items()}
    assert_equal(grown, table["weights"], 5.1e-6)
    order = list(fit.index().index)
    assert_equal(fit.index()["estimate"].to_dict(), {name: table["index"][name] for name in order}, 5.1e-5)
    scores = fit.scores()
    assert_equal(scores.std().to_dict(), {name: table["index_sd"][name] for name in order}, 5.1e-4)
    for pair, value in table["points"].items():
        cause, effect = pair.split(" -> ")
        assert fit.impacts(effect).loc[cause, "direct"] == pytest.approx(value, abs=5.1e-5)
    total = arrows(fit.effects(), "total")
    for pair, value in table["total"].items():
        assert total[pair] == pytest.approx(value, abs=5.1e-5)
    ours = {" -- ".join(row): value for row, value in fit.correlations()["estimate"].items()}
    assert_equal(ours, table["correlations"], 5.1e-4)


@pytest.mark.parametrize("scheme", ["path", "centroid"])
def test_smartpls_paths_to_their_digits(mobi, oracle, scheme):
    table = oracle("pls/published.json")["smartpls2"]
    fit = csi.Study(MODELS["ecsi"], method=csi.PLS(scheme=scheme, tolerance=1e-12)).fit(mobi)
    # It stopped by a tolerance of its own, which shows in the last of its eight digits.
    assert_equal(arrows(fit.paths()), table[scheme], 1e-8)


def test_smartpls_weights_loadings_total_effects(mobi, oracle):
    table = oracle("pls/published.json")["smartpls2"]
    fit = csi.Study(MODELS["ecsi"], method=csi.PLS(tolerance=1e-12)).fit(mobi)
    weights = {item: value for item, value in by_item(fit.weights()).items() if item != "CUSCO"}
    loadings = {item: value for item, value in by_item(fit.loadings()).items() if item != "CUSCO"}
    assert_equal(weights, {item: table["weights"][item] for item in weights}, 1e-8)
    assert_equal(loadings, {item: table["loadings"][item] for item in loadings}, 2.5e-8)
    total = arrows(fit.effects(), "total")
    for pair, value in table["total"].items():
        assert total[pair] == pytest.approx(value, abs=1e-8)


def test_default_tolerance_is_within_a_millionth(mobi):
    loose = csi.Study(MODELS["ecsi"]).fit(mobi)
    fine = csi.Study(MODELS["ecsi"], method=csi.PLS(tolerance=1e-12)).fit(mobi)
    assert (loose.paths()["estimate"] - fine.paths()["estimate"]).abs().max() < 1e-6
    assert loose.core.solution.iterations[0] < fine.core.solution.iterations[0]


def test_modes_said_differently_are_the_same(mobi):
    """Unit weights are equal given weights; a construct that is not named has mode A."""
    unit = csi.Study(MODELS["ecsi"], method=csi.PLS(modes={"value": "unit"})).fit(mobi)
    given = csi.Study(MODELS["ecsi"], method=csi.PLS(modes={"value": {"PERV1": 3, "PERV2": 3}, "image": "A"})).fit(mobi)
    pd.testing.assert_frame_equal(unit.paths(), given.paths(), rtol=1e-12)
    weights = unit.weights()["estimate"]["value"]
    assert weights["PERV1"] == pytest.approx(weights["PERV2"], rel=1e-12)


def test_given_weights_keep_their_proportions(mobi):
    modes = {"satisfaction": {"CUSA1": 0.5, "CUSA2": 0.3, "CUSA3": 0.2}}
    weights = csi.Study(MODELS["ecsi"], method=csi.PLS(modes=modes)).fit(mobi).weights()["estimate"]["satisfaction"]
    assert (weights / weights["CUSA3"]).round(12).to_dict() == {"CUSA1": 2.5, "CUSA2": 1.5, "CUSA3": 1.0}


def test_mode_b_equals_regression_of_the_inner_proxy(mobi):
    """At the solution, mode B weights of a block are proportional to the regression of its neighbours' proxy on it."""
    model = csi.Model("two", {"quality": csi.items("PERQ", 7), "satisfaction": csi.items("CUSA", 3)},
                      {"quality": ["satisfaction"]}, scale=(1, 10))  # fmt: skip
    fit = csi.Study(model, method=csi.PLS(modes={"quality": "B", "satisfaction": "B"}, tolerance=1e-12)).fit(mobi)
    z = (mobi - mobi.mean()) / mobi.std()
    q, s = (z[[item.name for item in model.constructs[name].items]].to_numpy() for name in model.constructs)
    # With two blocks in mode B, PLS is canonical correlation [Wold 1982]: an outside check without any iteration.
    one, two = np.linalg.qr(q)[0], np.linalg.qr(s)[0]
    assert fit.paths()["estimate"].iloc[0] == pytest.approx(np.linalg.svd(one.T @ two)[1][0], abs=1e-10)


def test_two_blocks_in_mode_a_are_the_interbattery_solution(mobi):
    """Two blocks in mode A: the weights are the first singular vectors of the correlations between them."""
    model = csi.Model("two", {"quality": csi.items("PERQ", 7), "satisfaction": csi.items("CUSA", 3)},
                      {"quality": ["satisfaction"]}, scale=(1, 10))  # fmt: skip
    for scheme in ("path", "factorial", "centroid"):
        weights = csi.Study(model, method=csi.PLS(scheme=scheme, tolerance=1e-12)).fit(mobi).weights()["estimate"]
        left, _, right = np.linalg.svd(mobi.corr().loc[weights["quality"].index, weights["satisfaction"].index])
        for ours, theirs in ((weights["quality"], left[:, 0]), (weights["satisfaction"], right[0])):
            np.testing.assert_allclose(ours / np.linalg.norm(ours), theirs * np.sign(theirs[0]), atol=1e-10)


def test_second_order_by_repeated_indicators_equals_copied_columns(mobi):
    """A composite of image and value, measured by their items again: the same as a construct with copied columns."""
    constructs = {name: block for name, block in MODELS["ecsi"].constructs.items() if name not in ("complaints",)}
    paths = [("image", "equity"), ("value", "equity"), ("expectations", "quality"), ("quality", "satisfaction"),
             ("equity", "satisfaction"), ("satisfaction", "loyalty")]  # fmt: skip
    kept = {name: constructs[name] for name in ("image", "value", "expectations", "quality", "satisfaction", "loyalty")}
    twice = csi.Model("repeated", kept, paths[2:], higher={"equity": ["image", "value"]}, scale=(1, 10))
    names = [item.name for item in (*kept["image"].items, *kept["value"].items)]
    copied = csi.Model("copied", {**kept, "equity": [f"{name}_again" for name in names]}, paths, scale=(1, 10))
    data = mobi.assign(**{f"{name}_again": mobi[name] for name in names})
    ours = csi.Study(twice, method=csi.PLS(tolerance=1e-12)).fit(mobi)
    theirs = csi.Study(copied, method=csi.PLS(tolerance=1e-12)).fit(data)
    pd.testing.assert_series_equal(
        ours.paths()["estimate"].sort_index(), theirs.paths()["estimate"].sort_index(), rtol=1e-10
    )
    np.testing.assert_allclose(ours.weights()["estimate"], theirs.weights()["estimate"], rtol=1e-9)
    np.testing.assert_allclose(ours.index().loc["equity"], theirs.index().loc["equity"], rtol=1e-6)
    assert list(ours.weights()["estimate"]["equity"].index) == names


def test_reflective_second_order_points_at_its_parts(mobi):
    """Written as reflective, the whole causes its parts: the arrows are turned round."""
    kept = {name: MODELS["ecsi"].constructs[name] for name in ("image", "value", "satisfaction")}
    whole = csi.Construct(of=["image", "value"], kind="reflective")
    model = csi.Model("m", kept, {"equity": ["satisfaction"]}, higher={"equity": whole}, scale=(1, 10))
    paths = csi.Study(model).fit(mobi).paths()["estimate"]
    assert set(paths.index) == {("equity", "satisfaction"), ("equity", "image"), ("equity", "value")}
    assert paths.between(0.5, 1).all()


def test_single_item_constructs_have_weight_and_loading_one(mobi):
    fit = csi.Study(MODELS["ecsi"]).fit(mobi)
    assert fit.loadings().loc[("complaints", "CUSCO"), "estimate"] == pytest.approx(1, abs=1e-14)
    assert fit.weights().loc[("complaints", "CUSCO"), "estimate"] == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("turned", [["IMAG1"], ["CUSA1", "CUSA3"], ["PERQ1", "PERQ2", "PERQ3", "PERQ4"]])
def test_signs_are_anchored_by_the_dominant_item(mobi, turned):
    """Turning a few items turns their weights and nothing else; turning the dominant one turns its construct."""
    usual = csi.Study(MODELS["ecsi"]).fit(mobi)
    data = mobi.assign(**{name: 11 - mobi[name] for name in turned})
    fit = csi.Study(MODELS["ecsi"]).fit(data)
    ours, theirs = fit.loadings()["estimate"], usual.loadings()["estimate"]
    for construct in MODELS["ecsi"].constructs:
        loadings = ours[construct]
        assert loadings[loadings.abs().idxmax()] > 0
        np.testing.assert_allclose(loadings.abs(), theirs[construct].abs(), rtol=1e-6)


def test_not_converged_is_said_and_the_last_step_kept(mobi):
    fit = csi.Study(MODELS["ecsi"], method=csi.PLS(tolerance=1e-12, max_iter=2)).fit(mobi)
    assert fit.check()["code"].tolist() == ["not_converged"]
    fine = csi.Study(MODELS["ecsi"]).fit(mobi)
    assert (fit.paths()["estimate"] - fine.paths()["estimate"]).abs().max() < 0.01


def test_raw_pls_works_on_codes_where_no_item_has_a_scale(mobi):
    """On one common scale, codes and points give the same paths; weights differ by the width of the scale."""
    bare = csi.Model("bare", MODELS["ecsi"].constructs, [(p.cause, p.effect) for p in MODELS["ecsi"].paths])
    method = csi.PLS(standardized=False, tolerance=1e-12)
    codes, points = (csi.Study(model, method=method).fit(mobi) for model in (bare, MODELS["ecsi"]))
    np.testing.assert_allclose(codes.paths()["estimate"], points.paths()["estimate"], rtol=1e-9)
    np.testing.assert_allclose(codes.weights()["estimate"], points.weights()["estimate"] * 100 / 9, rtol=1e-9)


def test_raw_pls_refuses_a_mixture_of_scales_and_none(mobi):
    model = csi.Model("mixed", {"quality": ["PERQ1", csi.Item("PERQ2", scale=(1, 10))], "satisfaction": ["CUSA1"]},
                      {"quality": ["satisfaction"]})  # fmt: skip
    with pytest.raises(csi.errors.SettingsError, match=r"PERQ1, CUSA1 have none"):
        csi.Study(model, method=csi.PLS(standardized=False))
    assert csi.Study(model).fit(mobi).paths()["estimate"].iloc[0] > 0.5
