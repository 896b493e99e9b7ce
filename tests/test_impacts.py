"""Impacts are least squares among the scores; what-if and priorities follow from them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_index import CONVENTIONS, ECSI, FINE, mixed_answers, mixed_model

import csi


def least_squares(scores: pd.DataFrame, model: csi.Model, weight=None) -> pd.DataFrame:
    """Slopes `[cause, effect]` of every construct on its causes, with an intercept."""
    names = list(model.constructs)
    slopes = pd.DataFrame(0.0, names, names)
    root = np.ones(len(scores)) if weight is None else np.sqrt(np.asarray(weight))
    for effect in names:
        causes = [path.cause for path in model.paths if path.effect == effect]
        if causes:
            x = np.column_stack([np.ones(len(scores)), scores[causes]])
            found = np.linalg.lstsq(x * root[:, None], scores[effect] * root, rcond=None)[0]
            slopes.loc[causes, effect] = found[1:]
    return slopes


def total(slopes: pd.DataFrame) -> pd.DataFrame:
    """(I - B)^-1 - I."""
    names = slopes.index
    return pd.DataFrame(np.linalg.inv(np.eye(len(names)) - slopes) - np.eye(len(names)), names, names)


@pytest.mark.parametrize("weights", CONVENTIONS)
@pytest.mark.parametrize("standardized", [True, False])
def test_impacts_equal_least_squares_on_the_scores(mobi, weights, standardized):
    fit = csi.Study(ECSI, method=csi.PLS(standardized=standardized)).fit(mobi)
    slopes = least_squares(fit.scores(weights), ECSI)
    for on in ("satisfaction", "loyalty"):
        ours = fit.impacts(on, weights=weights)
        np.testing.assert_allclose(ours["direct"], slopes.loc[ours.index, on], rtol=0, atol=1e-10)
        np.testing.assert_allclose(ours["total"], total(slopes).loc[ours.index, on], rtol=0, atol=1e-10)


def test_impacts_equal_weighted_least_squares_in_groups():
    data = mixed_answers().assign(w=np.linspace(0.2, 3, 120), wave=["a", "b"] * 60)
    fit = csi.Study(mixed_model(), design=csi.Design(weight="w")).fit(data, by="wave")
    ours = fit.impacts("complaint")
    assert ours.index.names == ["wave", "construct"]
    for wave in ("a", "b"):
        rows = data["wave"] == wave
        slopes = least_squares(fit.scores()[rows], mixed_model(), data.loc[rows, "w"])
        np.testing.assert_allclose(
            ours.loc[wave, "direct"], slopes.loc[["quality", "satisfaction"], "complaint"], atol=1e-10
        )
        np.testing.assert_allclose(
            ours.loc[wave, "total"], total(slopes).loc[["quality", "satisfaction"], "complaint"], atol=1e-10
        )


def test_impacts_equal_the_importance_of_csem(mobi, oracle):
    """doIPMA(): unstandardized total effects, the same in codes and in points on one common scale."""
    importance = oracle("pls/index.json")["importance"]
    fit = csi.Study(ECSI, method=FINE).fit(mobi)
    for pair, value in importance.items():
        cause, effect = pair.split(" -> ")
        assert fit.impacts(effect).loc[cause, "total"] == pytest.approx(value, abs=1e-6)


def test_direct_impacts_equal_unstandardized_paths(mobi, oracle):
    fit = csi.Study(ECSI, method=FINE).fit(mobi)
    for pair, value in oracle("pls/index.json")["path"]["paths"].items():
        cause, effect = pair.split(" -> ")
        assert fit.impacts(effect).loc[cause, "direct"] == pytest.approx(value, abs=1e-8)


def test_points_scale_an_impact(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    np.testing.assert_allclose(fit.impacts(points=5), 5 * fit.impacts(), rtol=1e-12)
    assert fit.impacts().index.tolist() == ["image", "expectations", "quality", "value"]
    assert fit.impacts().columns.tolist() == ["direct", "total"]
    assert fit.impacts("loyalty").index.tolist()[-1] == "complaints"


def test_tidy_impacts_have_intervals(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    tidy = fit.impacts(tidy=True)
    assert tidy.columns.tolist() == ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
    assert tidy.index.names == ["construct", "measure"]
    np.testing.assert_allclose(tidy["estimate"], fit.impacts().to_numpy().ravel())
    # A construct without an arrow of its own to the index has no direct impact, hence no error and no test of it.
    assert tidy.drop(("image", "direct"), errors="ignore")["std_error"].gt(0).all()


def test_one_point_more_is_what_the_scores_say(mobi):
    """A what-if is the sum of total impacts, and of the points themselves for what is raised."""
    fit = csi.Study(ECSI).fit(mobi)
    table = fit.what_if({"quality": 5, "image": 2})
    assert table.columns.tolist() == ["now", "change", "then"]
    np.testing.assert_allclose(table["now"], fit.index()["estimate"][table.index], rtol=1e-12)
    np.testing.assert_allclose(table["then"], table["now"] + table["change"], rtol=1e-12)
    matrix = total(least_squares(fit.scores(), ECSI))
    by_hand = (
        5 * matrix.loc["quality"]
        + 2 * matrix.loc["image"]
        + pd.Series({"quality": 5.0, "image": 2.0}).reindex(matrix.index).fillna(0)
    )
    np.testing.assert_allclose(table["change"], by_hand, atol=1e-10)
    assert table.loc["image", "change"] == pytest.approx(2, abs=1e-12)


def test_what_if_of_nothing_changes_nothing(mobi):
    assert (csi.Study(ECSI).fit(mobi).what_if({})["change"] == 0).all()


def test_priorities_sort_drivers_by_impact(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    table = fit.priorities()
    ends = ["impact_low", "impact_high", "score_low", "score_high"]
    assert table.columns.tolist() == ["impact", "score", "important", "strong", *ends]
    assert table.index.tolist() == ["quality", "expectations", "image", "value"]
    assert table["impact"].is_monotonic_decreasing
    np.testing.assert_allclose(table["impact"], fit.impacts()["total"][table.index])
    np.testing.assert_allclose(table["score"], fit.index()["estimate"][table.index])
    assert table["important"].tolist() == [1, 1, 1, 0]
    assert table.loc["value", "strong"] == 0


def test_priorities_in_groups_are_those_of_each_group(mobi):
    fit = csi.Study(ECSI).fit(
        mobi.assign(wave=[2024, 2025] * 125, sex=list("mmff") * 62 + ["m", "f"]), by=["wave", "sex"]
    )
    table = fit.priorities()
    assert table.index.names == ["wave", "sex", "construct"]
    alone = fit[2024]["m"].priorities()
    pd.testing.assert_frame_equal(table.loc[(2024, "m")], alone, check_names=False, check_index_type=False)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda fit: fit.impacts("satisfactoin"), "did you mean 'satisfaction'"),
        (lambda fit: fit.what_if({"qualty": 5}), "did you mean 'quality'"),
    ],
)
def test_unknown_constructs_are_named(mobi, call, message):
    with pytest.raises(csi.errors.ModelError, match=message):
        call(csi.Study(ECSI).fit(mobi))


def test_without_an_index_the_target_must_be_said():
    fit = csi.Study(mixed_model(index="")).fit(mixed_answers())
    with pytest.raises(csi.errors.ModelError, match="on="):
        fit.impacts()
    assert len(fit.impacts("complaint")) == 2


def test_indirect_chains_add_up_to_the_indirect_effect(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    chains, effects = fit.indirect()["estimate"], fit.effects()
    for cause, effect in effects.index:
        ends = [name.split(" -> ")[0] == cause and name.split(" -> ")[-1] == effect for name in chains.index]
        assert chains[ends].sum() == pytest.approx(effects.loc[(cause, effect), "indirect"], abs=1e-12)


def test_priorities_of_items_split_the_impact_of_their_construct(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    items = fit.priorities(items=True)
    split = items["impact"].groupby(level="construct").sum()
    total = fit.impacts()["total"]
    np.testing.assert_allclose(split[total.index], total, rtol=1e-12)
    points = 100 * (mobi["PERQ1"].mean() - 1) / 9
    assert items.loc[("quality", "PERQ1"), "score"] == pytest.approx(points)
    assert (items["impact_low"] < items["impact"]).all()
