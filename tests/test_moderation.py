"""Interactions and squares: other programs' numbers, and that weights, blanks, groups and designs reach them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi
from csi.errors import ModelError, NotAvailable, SettingsError
from csi.numerics import products
from csi.numerics.consistent import consistent_products
from csi.numerics.moments import Stack
from csi.numerics.solve import regress
from csi.results.slopes import slopes

FILES = Path(__file__).parent / "oracles"
ORACLE = json.loads((FILES / "pls" / "interactions.json").read_text(encoding="utf-8"))
ECSI = csi.models.ecsi()
KINDS = {"two_stage": "two-stage", "product_indicator": "product", "orthogonal": "orthogonal"}
#: The model of the R runs.
SIX = ECSI.without("complaints").replace(
    paths={
        "image": "satisfaction", "expectations": ["satisfaction", "quality", "value"],
        "quality": ["satisfaction", "value"], "value": "satisfaction", "satisfaction": "loyalty",
    }
)  # fmt: skip
TERMS = {
    "two": [("image:quality", "satisfaction"), ("image:complaints", "loyalty")],
    "square": [("quality:quality", "satisfaction")],
    "square2": [("value:value", "satisfaction"), ("image:value", "satisfaction")],
}


def with_terms(model, *terms):
    return model.replace(paths=[*model.paths, *terms])


def data(blanks: bool = False) -> pd.DataFrame:
    mobi = csi.datasets.load("mobi").astype(float)
    if blanks:
        missing = json.loads((FILES / "lavaan_ACSI_FIML_mcar05.json").read_text(encoding="utf-8"))["missing"]
        for item, rows in missing.items():
            mobi.loc[rows, item] = np.nan
    return mobi


def fine(kind, **settings):
    return csi.PLS(interactions=kind, tolerance=1e-12, max_iter=3000, **settings)


def estimates(fit) -> pd.Series:
    """Paths without their errors, which cost more."""
    noun = fit._noun("paths")
    return pd.Series(fit.core.values(noun)[0], noun.rows)


def far(fit, reference) -> float:
    """Largest difference of paths and R2 from a reference."""
    paths = estimates(fit)
    gaps = [abs(paths[tuple(name.split(" -> "))] - value) for name, value in reference["paths"].items()]
    gaps += [abs(fit.r2()["r2"][name] - value) for name, value in reference.get("r2", {}).items()]
    return max(gaps)


# -- other programs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_seminr_in_r(kind):
    reference = ORACLE["R"][f"seminr_{kind}_A"]
    fit = csi.Study(with_terms(SIX, ("image:expectations", "satisfaction")), method=fine(KINDS[kind])).fit(data())
    assert far(fit, reference) < 1e-9
    for name, value in reference["r2_adjusted"].items():
        assert fit.r2().loc[name, "r2_adjusted"] == pytest.approx(value, abs=1e-9)
    noun = fit._noun("weights")
    weights = pd.Series(fit.core.values(noun)[0], noun.rows).droplevel(0)
    for item, value in reference["weights"].items():
        if item in weights.index:
            assert weights[item] == pytest.approx(value, abs=1e-9)
    assert len(weights) == 23 + (0 if kind == "two_stage" else 15)


@pytest.mark.parametrize("case", ORACLE["python"])
def test_seminr_in_python_with_several_interactions_squares_and_blanks(case):
    sample, terms, kind = case.split()
    study = csi.Study(with_terms(ECSI, *TERMS[terms]), method=fine(KINDS[kind]), missing="mean")
    fit, reference = study.fit(data(blanks=sample != "mobi")), ORACLE["python"][case]
    if (terms, kind) == ("two", "orthogonal"):
        # There the score of image:complaints runs against the product of the two scores, so that the sign misleads.
        reference = {**reference, "paths": dict(reference["paths"])}
        reference["paths"]["image:complaints -> loyalty"] *= -1
        assert "opposed_products" in set(fit.check()["code"])
    assert far(fit, reference) < 1e-9


def csem(fit) -> np.ndarray:
    """Moments as cSEM takes them with products: means of products over n, beside variances over n - 1."""
    cov = csi.PLS(interactions="sequential").estimates(
        fit.core.blueprint, fit.core.stack, fit.core.solution
    ).correlations * (249 / 250)
    k = len(fit.core.blueprint.plain.constructs)
    cov[np.arange(k), np.arange(k)] = 1
    if fit.core.blueprint.interactions[0].square:
        # The mean of a squared score is the variance, one; that of its square is over n.
        cov[k, k] += (249 / 250) ** 2 - 1
    return cov


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("csem_sequential_modeA_composites", "image:expectations"),
        ("csem_quadratic_Quality.Quality_modeA", "quality:quality"),
        ("csem_sequential_PLSc", "image:expectations"),
    ],
)
def test_csem_but_for_its_divisors(name, term):
    settings = {"tolerance": 1e-12, "max_iter": 3000}
    method = csi.PLSc(**settings) if name.endswith("PLSc") else fine("sequential")
    fit = csi.Study(with_terms(SIX, (term, "satisfaction")), method=method).fit(data())
    blueprint, cov = fit.core.blueprint, csem(fit)
    if isinstance(method, csi.PLSc):
        reliability = method.reliability(blueprint, fit.core.stack, fit.core.solution.values)
        cov = consistent_products(cov, np.sqrt(reliability[:6]), [one.parts for one in blueprint.interactions])
    paths = regress(cov, blueprint.arrows)[..., 0]
    for arrow, value in ORACLE["R"][name]["paths"].items():
        cause, effect = arrow.split(" -> ")
        assert paths[blueprint.position(cause), blueprint.position(effect)] == pytest.approx(value, abs=1e-9)
        assert fit.paths().loc[(cause, effect), "estimate"] == pytest.approx(value, abs=0.025)


# -- by hand, from the cases ------------------------------------------------------------------------------------


def by_hand(scores: pd.DataFrame, weight=None) -> np.ndarray:
    """Least squares of satisfaction on its causes, the last of them a product of standardized scores about its mean."""
    w = np.ones(len(scores)) if weight is None else weight
    z = scores - np.average(scores, axis=0, weights=w)
    z /= np.sqrt(np.average(z**2, axis=0, weights=w) * len(z) / (len(z) - 1))
    x = z[["image", "expectations", "quality", "value"]].assign(product=z["image"] * z["quality"])
    x -= np.average(x, axis=0, weights=w)
    root = np.sqrt(w)[:, None]
    return np.linalg.lstsq(x.to_numpy() * root, z["satisfaction"].to_numpy() * root[:, 0], rcond=None)[0]


@pytest.mark.parametrize("design", [None, csi.Design(weight="w")])
def test_sequential_is_least_squares_among_the_scores_under_weights_too(design):
    mobi = data().assign(w=np.random.default_rng(5).uniform(0.5, 2, 250))
    model = with_terms(ECSI, ("image:quality", "satisfaction"))
    fit = csi.Study(model, method=fine("sequential"), design=design).fit(mobi)
    found = by_hand(fit.scores(), None if design is None else mobi["w"].to_numpy())
    assert fit.paths()["estimate"].xs("satisfaction", level="effect").to_numpy() == pytest.approx(found, abs=1e-9)


def test_a_product_of_single_items_is_that_of_their_answers():
    model = csi.Model(
        "m", {"a": "CUEX1", "b": "CUSCO", "satisfaction": "CUSA1"},
        [("a", "satisfaction"), ("b", "satisfaction"), ("a:b", "satisfaction"), ("a:a", "satisfaction")], scale=(1, 10),
    )  # fmt: skip
    z = data()[["CUEX1", "CUSCO", "CUSA1"]]
    z = (z - z.mean()) / z.std()
    x = np.column_stack([z["CUEX1"], z["CUSCO"], z["CUEX1"] * z["CUSCO"], z["CUEX1"] ** 2, np.ones(250)])
    expected = np.linalg.lstsq(x, z["CUSA1"], rcond=None)[0][:4]
    for kind in ("two-stage", "product", "sequential"):
        fit = csi.Study(model, method=csi.PLS(interactions=kind)).fit(data())
        assert fit.paths()["estimate"].to_numpy() == pytest.approx(expected, abs=1e-9), kind


# -- replicates, weights, groups, blanks -----------------------------------------------------------------------

MODEL = with_terms(ECSI, ("expectations:value", "satisfaction"), ("value:value", "satisfaction"))


@pytest.mark.parametrize("kind", ["two-stage", "product", "orthogonal", "sequential"])
@pytest.mark.parametrize("missing", ["pairwise", "mean"])
def test_a_replicate_is_the_fit_of_repeated_rows(kind, missing):
    mobi = data(blanks=missing == "mean")
    study = csi.Study(MODEL, method=fine(kind), missing=missing)
    counts = np.random.default_rng(1).multinomial(250, np.full(250, 1 / 250), size=2)
    drawn = study.fit(mobi).bootstrap(cases=counts).replicates("paths")
    for count, values in zip(counts, drawn.to_numpy(), strict=True):
        again = study.fit(mobi.iloc[np.repeat(np.arange(250), count)].reset_index(drop=True))
        assert values == pytest.approx(estimates(again), abs=1e-9)


@pytest.mark.parametrize("missing", [None, "pairwise", "mean"])
def test_influence_is_the_derivative_by_a_case_weight(missing):
    mobi = data(blanks=missing is not None)
    fit = csi.Study(MODEL, method=fine("two-stage"), missing=missing).fit(mobi)
    influence, step = fit.influence("paths").to_numpy(), 1e-4
    for case in (3, 200):
        weights = np.ones((2, 250))
        weights[:, case] += [step, -step]
        up, down = fit.bootstrap(cases=weights).replicates("paths").to_numpy()
        # A case weight also moves n/(n - 1), which influences leave out.
        assert influence[case] == pytest.approx((up - down) / (2 * step) * 250, abs=6e-3 * abs(influence).max())


def test_errors_by_linearization_resamples_and_jackknife_agree():
    fit = csi.Study(MODEL).fit(data())
    plain, drawn, left_out = (f.paths()["std_error"] for f in (fit, fit.bootstrap(2_000, rng=3), fit.jackknife()))
    assert drawn.to_numpy() == pytest.approx(plain.to_numpy(), rel=0.25)
    assert left_out.to_numpy() == pytest.approx(plain.to_numpy(), rel=0.35)


def test_repeated_rows_are_counts_and_weights_know_no_unit():
    rng = np.random.default_rng(2)
    mobi = data().assign(count=rng.integers(1, 4, 250), w=rng.uniform(1, 3, 250))
    repeated = mobi.loc[np.repeat(mobi.index, mobi["count"])].reset_index(drop=True)
    counted = csi.Study(MODEL, method=fine("two-stage"), design=csi.Design(count="count")).fit(mobi)
    assert counted.paths().to_numpy() == pytest.approx(csi.Study(MODEL, method=fine("two-stage")).fit(repeated).paths())
    study = csi.Study(MODEL, method=fine("two-stage"), design=csi.Design(weight="w"))
    times = mobi.assign(w=100 * mobi["w"])
    assert study.fit(mobi).paths().to_numpy() == pytest.approx(study.fit(times).paths().to_numpy(), rel=1e-6)


def test_groups_are_fits_of_their_own_and_can_be_compared():
    mobi = data().assign(wave=np.repeat(["a", "b"], 125), stratum=np.tile([1, 2], 125), psu=np.repeat(range(50), 5))
    study = csi.Study(MODEL, method=fine("two-stage"))
    fit = study.fit(mobi, by="wave")
    own = study.fit(mobi[mobi["wave"] == "b"])
    assert fit["b"].paths().to_numpy() == pytest.approx(own.paths().to_numpy(), rel=1e-6)
    assert fit.slopes("expectations", "value").index.names == ["wave", "effect", "at"]
    assert len(fit.slopes("expectations", "value").attrs["region"]) == 2
    gaps = fit.compare("a", "b", of="paths")
    assert ("expectations:value", "satisfaction") in gaps.index and gaps["invariance"].notna().all()
    designed = csi.Study(MODEL, design=csi.Design(stratum="stratum", cluster="psu")).fit(mobi)
    assert (designed.paths()["std_error"] > 0).all()


def test_affine_changes_of_an_item_change_nothing():
    mobi = data()
    moved = mobi.assign(IMAG1=5 + 3 * mobi["IMAG1"])
    for kind in ("two-stage", "product", "orthogonal"):
        study = csi.Study(MODEL.replace(scale=None), method=fine(kind))
        assert estimates(study.fit(moved)).to_numpy() == pytest.approx(estimates(study.fit(mobi)).to_numpy(), abs=1e-9)


# -- moments ----------------------------------------------------------------------------------------------------


def test_products_about_any_centre_give_products_about_the_means():
    rng = np.random.default_rng(0)
    x, at = rng.normal(3, 1, (3, 40)), np.array([[0, 1], [0, 0], [1, 2]])
    columns = products.with_products(x, np.zeros(3), at)
    stack = Stack(columns.mean(axis=1)[:, None], np.cov(columns)[..., None], np.array([40.0]))
    found = products.recentred(stack, at, x.mean(axis=1)[:, None])
    expected = products.with_products(x, x.mean(axis=1), at)
    assert found.cov[..., 0] == pytest.approx(np.cov(expected), abs=1e-12)
    assert found.mean[3:, 0] == pytest.approx(expected.mean(axis=1)[3:], abs=1e-12)
    given = np.ones(x.shape, bool)
    for missing in ("pairwise", "mean"):
        divisor = np.full((6 if missing == "pairwise" else 1, 1), 40 / 39)
        by = products.with_blanks(x, given, np.ones((1, 40)), at, missing, divisor)
        assert by.cov[:, 0] == pytest.approx(np.cov(expected)[np.triu_indices(6)], abs=1e-12)


def test_moments_with_products_are_enough_and_without_them_refused():
    mobi, model = data(), with_terms(ECSI, ("image:complaints", "loyalty"))
    expected = csi.Study(model, method=fine("two-stage")).fit(mobi)
    wide = mobi.assign(**{f"CUSCO:IMAG{i}": mobi[f"IMAG{i}"] * mobi["CUSCO"] for i in range(1, 6)})
    fit = csi.Study(model, method=fine("two-stage")).fit(csi.Moments(n=250, mean=wide.mean(), cov=wide.cov()))
    assert fit.paths()["estimate"].to_numpy() == pytest.approx(expected.paths()["estimate"].to_numpy(), abs=1e-9)
    assert fit.index()["estimate"].to_numpy() == pytest.approx(expected.index()["estimate"].to_numpy(), abs=1e-9)
    with pytest.raises(NotAvailable, match=r"products of answers; these moments lack IMAG1:CUSCO"):
        csi.Study(model).fit(csi.Moments(n=250, mean=mobi.mean(), cov=mobi.cov()))
    with pytest.raises(NotAvailable, match="give means and standard deviations"):
        csi.Study(model).fit(csi.Moments.from_table(wide.corr(), n=250))
    with pytest.raises(NotAvailable, match="resampled from the cases"):
        fit.bootstrap(10, rng=1, kind="normal")


# -- nouns ------------------------------------------------------------------------------------------------------


def test_an_interaction_is_a_cause_and_no_construct():
    fit, plain = csi.Study(MODEL).fit(data()), csi.Study(ECSI).fit(data())
    for noun in ("index", "scores", "loadings", "reliability", "validity", "cross_loadings", "correlations", "impacts"):
        assert getattr(fit, noun)().shape == getattr(plain, noun)().shape, noun
    for noun in ("paths", "vif", "f2"):
        assert list(getattr(fit, noun)().index[-2:]) == [
            ("expectations:value", "satisfaction"),
            ("value:value", "satisfaction"),
        ]
    assert ("expectations:value", "loyalty") in fit.effects().index
    assert fit.goodness().loc["srmr", "estimate"] == pytest.approx(plain.goodness().loc["srmr", "estimate"], abs=0.01)
    assert "at the mean" in fit.impacts().attrs["note"]
    assert csi.Study(MODEL, method=csi.PLS(interactions="product")).fit(data()).weights().shape[0] == 24 + 6 + 3


def test_f2_and_r2_are_what_the_interaction_adds():
    fit = csi.Study(MODEL, method=fine("sequential")).fit(data())
    scores, k = fit.core.estimates.correlations[..., 0], fit.core.blueprint.constructs
    causes = [k.index(c) for c, e in fit.core.blueprint.paths if e == "satisfaction"]
    y = k.index("satisfaction")

    def explained(at):
        return scores[y, at] @ np.linalg.solve(scores[np.ix_(at, at)], scores[y, at])

    whole, fewer = explained(causes), explained([c for c in causes if k[c] != "expectations:value"])
    assert fit.r2().loc["satisfaction", "r2"] == pytest.approx(whole)
    assert fit.f2().loc[("expectations:value", "satisfaction"), "estimate"] == pytest.approx(
        (whole - fewer) / (1 - whole)
    )


def test_slopes():
    fit = csi.Study(MODEL).fit(data())
    paths = fit.paths()["estimate"]
    own, by = paths["expectations", "satisfaction"], paths["expectations:value", "satisfaction"]
    found = fit.slopes("expectations", "value")
    assert list(found.columns) == ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
    assert found["estimate"].tolist() == pytest.approx([own - by, own, own + by])
    square = paths["value:value", "satisfaction"]
    curved = fit.slopes("value", "value", at=(-2, 2))["estimate"]
    assert curved.tolist() == pytest.approx(
        [paths["value", "satisfaction"] - 4 * square, paths["value", "satisfaction"] + 4 * square]
    )
    assert fit.slopes("value", "expectations", on="satisfaction").shape == (3, 6)
    drawn = fit.bootstrap(200, rng=1)
    assert drawn.slopes("expectations", "value", interval="bca")["conf_low"].notna().all()
    assert fit.slopes("expectations", "value", at=[0])["std_error"].iloc[0] == pytest.approx(
        fit.paths().loc[("expectations", "satisfaction"), "std_error"]
    )


def test_the_slope_is_just_significant_at_the_ends_of_its_region():
    fit = csi.Study(MODEL).fit(data())
    (found,) = fit.slopes("value", "value").attrs["region"]
    assert found["where"] in ("inside", "outside")
    ends = fit.slopes("value", "value", at=(found["low"], found["high"]))
    assert ends["p_value"].to_numpy() == pytest.approx([0.05, 0.05], abs=1e-6)


def test_what_if_raises_products_with_their_parts():
    fit = csi.Study(MODEL, method=fine("sequential")).fit(data())
    one, both = fit.what_if({"expectations": 1}), fit.what_if({"expectations": 1, "value": 1})
    apart = one.loc["satisfaction", "change"] + fit.what_if({"value": 1}).loc["satisfaction", "change"]
    assert both.loc["satisfaction", "change"] != pytest.approx(apart, abs=1e-6)
    small = fit.what_if({"quality": 1e-6}).loc["satisfaction", "change"] / 1e-6
    assert small == pytest.approx(fit.impacts().loc["quality", "total"], rel=1e-5)


def test_predictions_from_direct_causes():
    fit = csi.Study(MODEL, method=fine("sequential")).fit(data())
    found = fit.predict(data().head(5), technique="direct")
    assert found.shape == (5, 19) and found.notna().all(axis=None)
    table = fit.predictive(technique="direct", rng=1)
    assert table.notna().all(axis=None)
    with pytest.raises(NotAvailable, match="expectations has causes"):
        fit.predictive(rng=1)
    exogenous = csi.Study(with_terms(ECSI, ("image:image", "expectations"))).fit(data())
    assert exogenous.predictive(rng=1)["q2_predict"].notna().all()


def test_a_fit_is_saved_and_opened(tmp_path):
    fit = csi.Study(MODEL).fit(data()).bootstrap(20, rng=1)
    again = csi.open(fit.save(tmp_path / "fit.csi"))
    assert again.slopes("expectations", "value").equals(fit.slopes("expectations", "value"))


# -- refusals and doubts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            [("expectations:quality", "complaints")],
            r"not on expectations and quality.*Write complaints ~ expectations \+",
        ),
        ([("image:quality:value", "satisfaction")], "3 factors"),
        ([("expectations:value", "satisfaction"), ("value:expectations", "satisfaction")], "same product"),
    ],
)
def test_products_that_cannot_be_told_apart_are_refused(terms, words):
    with pytest.raises(ModelError, match=words):
        csi.Study(with_terms(ECSI, *terms))


def test_what_does_not_go_with_products_is_refused():
    with pytest.raises(ModelError, match=r"csi\.PLSc"):
        csi.Study(MODEL, method=csi.CBSEM())
    with pytest.raises(SettingsError, match="sequential"):
        csi.Study(MODEL, method=csi.PLSc(interactions="product"))
    with pytest.raises(SettingsError, match="interactions"):
        csi.PLS(interactions="both")
    with pytest.raises(SettingsError, match="correlations"):
        csi.Study(MODEL, correlations="spearman")
    with pytest.raises(SettingsError, match="'pairwise', 'listwise'"):
        csi.Study(MODEL, missing="em")
    fit = csi.Study(MODEL).fit(data())
    for noun in (fit.q2, fit.bootstrap(20, rng=1).exact_fit):
        with pytest.raises(NotAvailable, match="interactions"):
            noun()
    with pytest.raises(NotAvailable, match="has no interaction image:quality; it has expectations:value, value:value"):
        fit.slopes("image", "quality")
    with pytest.raises(SettingsError, match="did you mean 'quality'"):
        fit.slopes("qualty", "image")
    with pytest.raises(SettingsError, match="not moved"):
        fit.slopes("expectations", "value", on="loyalty")


def test_a_product_that_repeats_a_part_is_a_doubt():
    rng = np.random.default_rng(4)
    skewed = pd.DataFrame(
        {"x": np.r_[np.ones(150), rng.integers(2, 11, 50)], "y": rng.integers(1, 11, 200)}, dtype=float
    )
    model = csi.Model("m", {"a": "x", "b": "y"}, [("a", "b"), ("a:a", "b")], index="b", scale=(1, 10))
    assert "product_repeats_part" in set(csi.Study(model).fit(skewed).check()["code"])
    assert "product_repeats_part" not in set(csi.Study(MODEL).fit(data()).check()["code"])


def test_presets_and_reprs():
    assert csi.PLS.like("csem").interactions == "sequential"
    assert repr(csi.PLS(interactions="product")) == "PLS(interactions='product')"
    assert repr(csi.PLSc()) == "PLSc()"


def test_second_orders():
    model = with_terms(
        ECSI.replace(
            higher={"equity": ["value", "complaints"]},
            paths=[("equity", "satisfaction"), ("quality", "satisfaction"), ("expectations", "quality"),
                   ("satisfaction", "loyalty"), ("image", "loyalty")],
        ),
        ("equity:quality", "satisfaction"),
    )  # fmt: skip
    repeated = csi.Study(model).fit(data())
    staged = csi.Study(model, method=csi.PLS(higher_order="two-stage", interactions="sequential")).fit(data())
    for fit in (repeated, staged):
        assert np.isfinite(fit.core.values(slopes(fit.core.blueprint, "quality", "equity", (-1, 1)))).all()
    with pytest.raises(ModelError, match="sequential"):
        csi.Study(model, method=csi.PLS(higher_order="two-stage"))


# -- pictures and pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_slopes_are_drawn(language):
    fit = csi.Study(MODEL).fit(data())
    ax = csi.plots.slopes(fit, "value", "expectations", language=language)
    assert not csi.plots.overlaps(ax)
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) > 2]
    found = fit.slopes("value", "expectations")["estimate"].to_numpy()
    assert [np.polyfit(line.get_xdata(), line.get_ydata(), 1)[0] for line in lines] == pytest.approx(found.tolist())
    label = {"en": "Perceived value", "zh": "感知价值"}[language]
    assert label in ax.get_xlabel()
    curve = csi.plots.slopes(fit, "value", "value", language=language).get_lines()[0]
    z, y = curve.get_xdata(), curve.get_ydata()
    bend, slope, _ = np.polyfit(z, y, 2)
    assert [slope - 2 * bend, slope, slope + 2 * bend] == pytest.approx(
        fit.slopes("value", "value")["estimate"].tolist()
    )
    with pytest.raises(SettingsError, match="one group"):
        csi.plots.slopes(csi.Study(MODEL).fit(data().assign(g=[1, 2] * 125), by="g"), "value", "value")


def test_products_have_printed_names():
    assert MODEL.labels("zh")["value:value"] == "感知价值²"
    assert MODEL.labels()["expectations:value"] == "Customer expectations × Perceived value"
    assert "Perceived value²" in MODEL.to("mermaid")


def test_a_report_of_interactions_and_a_refusal_to_simulate_them(tmp_path):
    text = csi.Study(MODEL).fit(data()).report(tmp_path / "report.md", language="en").read_text(encoding="utf-8")
    assert "Customer expectations × Perceived value" in text
    with pytest.raises(ModelError, match="not normal"):
        csi.simulate(MODEL, n=10, rng=0)


@pytest.mark.parametrize("missing", ["pairwise", "listwise", "mean"])
@pytest.mark.parametrize("weight", [None, "w"])
def test_given_resamples_are_refits_on_repeated_rows_also_with_blanks_weights_and_groups(missing, weight):
    """The factor n/(n - 1) of a product does not cancel: a resample counts the cases that it has, not those of all."""
    rng = np.random.default_rng(4)
    answers = data(blanks=True).assign(w=rng.uniform(0.3, 3, 250), g=["a", "b"] * 125)
    design = None if weight is None else csi.Design(weight=weight)
    study = csi.Study(with_terms(SIX, *TERMS["square2"]), fine("sequential"), design, missing=missing)
    rows = rng.integers(0, 250, (3, 250))
    fit = study.fit(answers, by="g").bootstrap(cases=np.array([np.bincount(r, minlength=250) for r in rows]))
    draws = fit.core.drawn(fit._noun("paths"))
    for r, chosen in enumerate(rows):
        own = study.fit(answers.iloc[chosen].reset_index(drop=True), by="g")
        assert draws[:, r] == pytest.approx(own.core.values(own._noun("paths")), abs=1e-9)


def test_rows_that_do_not_count_weight_all_cases():
    sampling, there = np.array([1.0, 2.0, 0.0, 0.5]), np.array([[True] * 4, [True, False, True, True]])
    rows = np.array([[3, 0, 0, 1], [0.1, 0.4, 0.0, 0.3], [1, 1, 0, 0]]) * [1, 2, 1, 0.5]
    assert products.counted(rows, sampling, there).tolist() == [[4, 3, 2], [4, 2, 1]]


def test_a_square_that_is_the_same_for_everybody_is_said():
    model = csi.Model(
        "m", {"x": ["IMAG1", "IMAG2"], "z": ["z"], "y": ["CUSA1", "CUSA2"]},
        {"x": ["y"], "z": ["y"], "z:z": ["y"]}, index="y", scale=(1, 10),
    )  # fmt: skip
    with pytest.raises(csi.errors.EstimationError, match="'z:z': the product of these answers is the same for every"):
        csi.Study(model).fit(data().assign(z=[1, 2] * 125))


def test_places_of_a_moderator_are_numbers():
    fit = csi.Study(with_terms(SIX, *TERMS["square2"])).fit(data())
    with pytest.raises(SettingsError, match="at= takes numbers"):
        fit.slopes("image", "value", at="low")


@pytest.mark.parametrize("kind", ["two-stage", "sequential"])
def test_a_product_of_scores_has_no_mode(kind):
    with pytest.raises(SettingsError, match="items have no weights of their own"):
        csi.Study(with_terms(SIX, *TERMS["square"]), csi.PLS(interactions=kind, modes={"quality:quality": "B"}))
