"""Estimates and weights against R's survey package: other columns, other designs, replicates, calibration."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csi.design import Design
from csi.errors import CsiWarning, DataError, EstimationError, SettingsError
from csi.sampling import (
    base_weights,
    calibrate,
    effective_n,
    kish,
    mean,
    nonresponse,
    poststratify,
    proportion,
    rake,
    ratio,
    select,
    total,
    trim,
)

ORACLES = Path(__file__).parent / "oracles"
R = json.loads((ORACLES / "survey_estimates.json").read_text(encoding="utf-8"))
REPLICATES = json.loads((ORACLES / "survey_replicates.json").read_text(encoding="utf-8"))
CALIBRATION = json.loads((ORACLES / "survey_calibration.json").read_text(encoding="utf-8"))


def schools(name):
    return pd.read_csv(ORACLES / f"survey_{name}.csv", comment="#", encoding="utf-8")


STRAT, CLUS = schools("apistrat"), schools("apiclus1")
SRS = STRAT.assign(pw=6194 / 200, fpc=6194)
DESIGNS = {
    "apistrat": (STRAT, Design(weight="pw", stratum="stype", fpc="fpc")),
    "apistrat_nofpc": (STRAT, Design(weight="pw", stratum="stype")),
    "srs": (SRS, Design(weight="pw", fpc="fpc")),
    "apiclus1": (CLUS, Design(weight="pw", cluster="dnum", fpc="fpc")),
}
STYPE = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
REL = 1e-9


def se_of(oracle):
    se = oracle["SE"]
    return se["values"][0][0] if "values" in se else next(iter(se.values()))


def first(table, column="estimate"):
    return table[column].iloc[0]


@pytest.mark.parametrize("name", DESIGNS)
def test_means_with_deff(name):
    data, design = DESIGNS[name]
    table = mean(data, ["api00", "api99"], design)
    oracle = R[name]["mean_api00_api99"]
    for column, key in (("estimate", "estimate"), ("std_error", "SE"), ("deff", "deff")):
        np.testing.assert_allclose(table[column], [oracle[key]["api00"], oracle[key]["api99"]], rtol=REL)
    assert (table["df"] == R[name]["degf"]).all()


@pytest.mark.parametrize("name", DESIGNS)
def test_means_and_totals_with_blanks(name):
    data, design = DESIGNS[name]
    for table, key in (
        (mean(data, "enroll", design), "mean_enroll_narm"),
        (total(data, "enroll", design), "total_enroll_narm"),
    ):
        assert first(table) == pytest.approx(R[name][key]["estimate"]["enroll"], rel=REL)
        assert first(table, "std_error") == pytest.approx(se_of(R[name][key]), rel=REL)
    table = total(data, "api.stu", design)
    assert first(table) == pytest.approx(R[name]["total_api.stu"]["estimate"]["api.stu"], rel=REL)
    assert first(table, "std_error") == pytest.approx(se_of(R[name]["total_api.stu"]), rel=REL)
    assert first(table, "deff") == pytest.approx(R[name]["total_api.stu"]["deff"]["api.stu"], rel=REL)


@pytest.mark.parametrize("name", DESIGNS)
def test_ratio(name):
    data, design = DESIGNS[name]
    table = ratio(data, "api.stu", "enroll", design)
    assert first(table) == pytest.approx(R[name]["ratio_api.stu_enroll"]["ratio"], rel=REL)
    assert first(table, "std_error") == pytest.approx(R[name]["ratio_api.stu_enroll"]["SE"], rel=REL)
    assert first(table, "deff") == pytest.approx(R[name]["ratio_deff"], rel=REL)


@pytest.mark.parametrize("name", DESIGNS)
def test_proportions_and_their_intervals(name):
    data, design = DESIGNS[name]
    oracle = R[name]["prop_sch.wide"]
    table = proportion(data, "sch.wide", design)
    np.testing.assert_allclose(table["estimate"], list(oracle["estimate"].values()), rtol=REL)
    np.testing.assert_allclose(table["std_error"], list(oracle["SE"].values()), rtol=REL)
    np.testing.assert_allclose(table["deff"], list(oracle["deff"].values()), rtol=REL)
    limits = R[name]["ciprop_sch.wide"]
    for interval, key in (("logit", "xlogit"), ("beta", "beta"), ("t", "mean")):
        row = proportion(data, "sch.wide", design, interval=interval).loc[("sch.wide", "Yes")]
        assert [row["conf_low"], row["conf_high"]] == pytest.approx([limits[key]["ci1"], limits[key]["ci2"]], rel=1e-8)
    by_type = proportion(data, "stype", design)
    np.testing.assert_allclose(by_type["estimate"], list(R[name]["prop_stype"]["estimate"].values()), rtol=REL)
    np.testing.assert_allclose(by_type["std_error"], list(R[name]["prop_stype"]["SE"].values()), rtol=REL, atol=1e-15)


@pytest.mark.parametrize("name", DESIGNS)
def test_domains(name):
    data, design = DESIGNS[name]
    oracle = pd.DataFrame(R[name]["domain_mean_by_stype"]["rows"], columns=R[name]["domain_mean_by_stype"]["columns"])
    table = mean(data, ["api00", "api99"], design, by="stype")
    assert table.index.names == ["stype", "variable"]
    for variable in ("api00", "api99"):
        rows = table.xs(variable, level="variable")
        np.testing.assert_allclose(rows["estimate"], oracle[variable], rtol=REL)
        np.testing.assert_allclose(rows["std_error"], oracle[f"se.{variable}"], rtol=REL)
    totals = pd.DataFrame(R[name]["domain_total_by_stype"]["rows"], columns=["stype", "total", "se"])
    table = total(data, "api.stu", design, by="stype")
    np.testing.assert_allclose(table["estimate"], totals["total"], rtol=REL)
    np.testing.assert_allclose(table["std_error"], totals["se"], rtol=REL)
    row = mean(data, "api00", design, by="comp.imp").loc[("Yes", "api00")]
    oracle = R[name]["subset_mean_api00_comp.imp_Yes"]
    assert row["estimate"] == pytest.approx(oracle["estimate"]["api00"], rel=REL)
    assert row["std_error"] == pytest.approx(se_of(oracle), rel=REL)
    assert row["deff"] == pytest.approx(oracle["deff"]["api00"], rel=REL)


def test_normal_intervals_of_r_by_infinite_degrees_of_freedom():
    data, design = STRAT, Design(weight="pw", stratum="stype", fpc="fpc", df=float("inf"))
    table = mean(data, "api00", design)
    assert first(table, "conf_low") == pytest.approx(643.8461780531936, rel=1e-10)
    assert first(table, "conf_high") == pytest.approx(680.7285482654479, rel=1e-10)


def test_printed_numbers_of_the_reference():
    data, design = DESIGNS["apistrat"]
    table = mean(data, "api00", design)
    assert [round(first(table), 4), round(first(table, "std_error"), 4), round(first(table, "deff"), 4)] == [
        662.2874, 9.4089, 1.2045,
    ]  # fmt: skip
    assert (
        round(first(mean(*DESIGNS["apistrat_nofpc"][:1], "api00", DESIGNS["apistrat_nofpc"][1]), "std_error"), 4)
        == 9.5361
    )
    rows = mean(data, "api00", design, by="stype")
    assert rows["estimate"].round(2).tolist() == [674.43, 625.82, 636.60]
    assert rows["std_error"].round(5).tolist() == [12.38248, 14.93713, 16.21471]


@pytest.mark.parametrize(("name", "variance"), [("JK1_apiclus1", "jackknife"), ("JKn_apistrat", "jackknife")])
def test_jackknife_of_r(name, variance):
    data, design = (CLUS, Design(weight="pw", cluster="dnum")) if "clus" in name else DESIGNS["apistrat_nofpc"]
    oracle = REPLICATES[name]
    words = {"variance": variance, "around": "mean"}
    np.testing.assert_allclose(
        mean(data, ["api00", "api99"], design, **words)["std_error"], oracle["mean_api00_api99"]["SE"], rtol=REL
    )
    assert first(total(data, "api.stu", design, **words), "std_error") == pytest.approx(
        oracle["total_api.stu"]["SE"], rel=REL
    )
    table = ratio(data, "api.stu", "enroll", design, **words)
    assert [first(table), first(table, "std_error")] == pytest.approx(oracle["ratio"], rel=REL)
    domains = mean(data, "api00", design, by="stype", **words)
    np.testing.assert_allclose(domains["std_error"], [row[2] for row in oracle["domain"]["rows"]], rtol=REL)
    assert (domains["df"] == oracle["degf"]).all()


@pytest.mark.parametrize("name", ["boot_apiclus1", "mrb_apiclus1", "JK1_apiclus1"])
def test_given_replicate_weights(name):
    oracle = REPLICATES[name]
    by_dnum = dict(zip(oracle["dnum"], oracle["weights_by_dnum"], strict=True))
    weights = pd.DataFrame([by_dnum[d] for d in CLUS["dnum"]]).rename(columns=lambda j: f"rw{j}")
    data = pd.concat([CLUS, weights], axis=1)
    rscales = oracle["rscales"] if isinstance(oracle["rscales"], list) else [oracle["rscales"]] * weights.shape[1]
    design = Design(
        weight="pw", replicates=list(weights), kind="bootstrap", scale=oracle["scale"], rscales=rscales,
    )  # fmt: skip
    table = mean(data, ["api00", "api99"], design, around="mean")
    np.testing.assert_allclose(table["std_error"], oracle["mean_api00_api99"]["SE"], rtol=REL)
    assert (table["df"] == oracle["degf"]).all()
    with pytest.raises(SettingsError, match="ignore the design's own replicates"):
        mean(data, "api00", design, variance="jackknife")


SCD = pd.DataFrame(
    {
        "ESA": [1, 1, 2, 2, 3, 3],
        "ambulance": [1, 2, 1, 2, 1, 2],
        "arrests": [120, 78, 185, 228, 670, 530],
        "alive": [25, 24, 30, 49, 80, 70],
    }
)
BRR = np.array([[1, 0, 1, 0, 1, 0], [0, 1, 1, 0, 0, 1], [1, 0, 0, 1, 0, 1], [0, 1, 0, 1, 1, 0]]) * 2.0


def test_scd_in_three_ways():
    design = Design(stratum="ESA")
    table = ratio(SCD, "alive", "arrests", design)
    assert round(first(table), 7) == 0.1535064
    assert round(first(table, "std_error"), 9) == 0.009807304
    jackknife = ratio(SCD, "alive", "arrests", design, variance="jackknife", around="mean")
    assert round(first(jackknife, "std_error"), 9) == 0.009846457
    replicates = pd.DataFrame(BRR.T, columns=list("abcd"))
    half = ratio(
        pd.concat([SCD, replicates], axis=1),
        "alive",
        "arrests",
        Design(replicates=list("abcd"), kind="brr"),
        around="mean",
    )
    assert round(first(half, "std_error"), 9) == 0.009418401


@pytest.mark.parametrize("name", ["apistrat", "apiclus1"])
def test_bootstrap_agrees_with_linearization(name):
    data, design = DESIGNS[name]
    exact = mean(data, ["api00", "api99"], design)
    drawn = mean(data, ["api00", "api99"], design, variance="bootstrap", n_resamples=4000, rng=5)
    np.testing.assert_allclose(drawn["estimate"], exact["estimate"], rtol=1e-12)
    np.testing.assert_allclose(drawn["std_error"], exact["std_error"], rtol=0.05)
    again = mean(data, ["api00", "api99"], design, variance="bootstrap", n_resamples=4000, rng=5)
    pd.testing.assert_frame_equal(drawn, again)


def calibrated(kind):
    words = {"weight": "pw"}
    if kind == "ps":
        return poststratify(CLUS, STYPE, "stype", **words)
    if kind == "ps2":
        both = pd.DataFrame(CALIBRATION["meta"]["pop_both"]["rows"], columns=["stype", "sch.wide", "Freq"])
        return poststratify(CLUS, both.set_index(["stype", "sch.wide"])["Freq"], ["stype", "sch.wide"], **words)
    if kind == "gl":
        return calibrate(CLUS, {"stype": STYPE, "api99": CALIBRATION["meta"]["api99_total"]}, **words)
    raked = rake(CLUS, {"stype": STYPE, "sch.wide": WIDE}, **words)
    return raked if kind == "rk" else trim(raked, upper=float(np.quantile(raked.weights, 0.95)))


@pytest.mark.parametrize("kind", ["ps", "ps2", "rk", "gl", "trk"])
def test_calibrated_weights_of_r(kind):
    oracle = CALIBRATION["apiclus1"][kind]
    result = calibrated(kind)
    np.testing.assert_allclose(result.weights, oracle["weights"], rtol=1e-10)
    assert result.deff == pytest.approx(oracle["kish_deff"], rel=1e-10)
    assert result.n_effective == pytest.approx(oracle["neff"], rel=1e-10)
    assert result.max_error < 1e-9


@pytest.mark.parametrize("kind", ["ps", "ps2", "rk", "gl"])
def test_calibrated_standard_errors_of_r(kind):
    data, design = DESIGNS["apiclus1"]
    oracle, words = CALIBRATION["apiclus1"][kind], {"calibration": calibrated(kind)}
    for table, key in (
        (mean(data, "api00", design, **words), "mean_api00"),
        (total(data, "api.stu", design, **words), "total_api.stu"),
        (total(data, "enroll", design, **words), "total_enroll"),
    ):
        assert first(table) == pytest.approx(oracle[key]["estimate"], rel=REL)
        assert first(table, "std_error") == pytest.approx(oracle[key]["SE"], rel=1e-8)
    domains = mean(data, "api00", design, by="comp.imp", **words)
    np.testing.assert_allclose(domains["std_error"], [row[2] for row in oracle["domain"]["rows"]], rtol=1e-8)


def test_printed_weights_of_the_reference():
    raked = calibrated("rk")
    printed = [29.87067549, 36.79102486, 39.83923625, 49.06907216, 50.32940112, 67.12552924]
    assert sorted(set(raked.weights.round(8))) == printed
    assert round(100 / raked.deff, 3) == 95.088
    assert round(raked.deff, 5) == 1.05166
    assert round(raked.n_effective, 2) == 174.01
    assert kish(raked) == raked.deff
    assert effective_n(raked) == raked.n_effective
    # R's rake stops at an absolute change of 1, before it has converged; its trimmed weights start from there.
    early = rake(CLUS, {"stype": STYPE, "sch.wide": WIDE}, weight="pw", tolerance=1e-5)
    assert round(early.weights.min(), 5) == 29.87046
    trimmed = trim(early, lower=10, upper=60)
    assert round(trimmed.weights.sum(), 3) == 6194
    assert trimmed.weights.max() == 60
    assert round(trimmed.weights.min(), 5) == 29.98923


def test_calibration_is_redone_within_replicates():
    """A calibrated total does not vary at all; one with frozen weights would."""
    data, design = CLUS.assign(one=1.0, big=CLUS["stype"].eq("H") * 1.0), DESIGNS["apiclus1"][1]
    raked = calibrated("rk")
    for variance in ("taylor", "jackknife"):
        table = total(
            data.assign(big=(data["stype"] == "H").astype(float)),
            ["one", "big"],
            design,
            calibration=raked,
            variance=variance,
        )
        np.testing.assert_allclose(table["std_error"], 0, atol=1e-6)
    frozen = Design(weight="frozen", cluster="dnum", fpc="fpc")
    assert first(total(data.assign(frozen=raked.weights), "one", frozen), "std_error") > 100


def test_raking_residuals_of_r_are_available():
    data, design = DESIGNS["apistrat"]
    words = {"weight": "pw", "margins": {"stype": STYPE, "sch.wide": WIDE}}
    ours, r = rake(data, **words), rake(data, **words, residuals="unweighted")
    np.testing.assert_allclose(ours.weights, r.weights, rtol=1e-14)
    # The same arithmetic as R's svyrecvar: ten sweeps of unweighted margin means, on 200 schools.
    assert first(total(data, "api.stu", design, calibration=r), "std_error") == pytest.approx(99759.114052, rel=1e-8)
    assert first(total(data, "api.stu", design, calibration=ours), "std_error") == pytest.approx(99308.224, rel=1e-8)


def test_weighted_residuals_give_the_standard_error_that_repeated_sampling_shows():
    rng = np.random.default_rng(1)
    sizes, take = np.array([6000, 1500, 500]), 100
    stratum = np.repeat([0, 1, 2], sizes)
    member = (rng.random(len(stratum)) < np.array([0.15, 0.5, 0.8])[stratum]).astype(int)
    y = 50 + 8 * stratum + 4 * member * np.array([5, 0, -5])[stratum] + rng.normal(0, 10, len(stratum))
    frame = pd.DataFrame({"y": y, "s": stratum, "m": member, "N": sizes[stratum], "w": (sizes / take)[stratum]})
    target = {"m": frame["m"].value_counts().to_dict(), "s": dict(enumerate(sizes))}
    design, rows = Design(weight="w", stratum="s", fpc="N"), [np.flatnonzero(stratum == h) for h in range(3)]
    found = []
    for _ in range(150):
        sample = frame.iloc[np.concatenate([rng.choice(of, take, replace=False) for of in rows])]
        for residuals in ("weighted", "unweighted"):
            raked = rake(sample, target, weight="w", residuals=residuals)
            table = total(sample, "y", design, calibration=raked)
            found.append((residuals, first(table), first(table, "std_error")))
    table = pd.DataFrame(found, columns=["residuals", "estimate", "std_error"]).groupby("residuals")
    truth = table["estimate"].std()["weighted"]
    # A standard deviation over 150 samples is known to about 6 %.
    assert table["std_error"].mean()["weighted"] == pytest.approx(truth, rel=0.12)
    assert table["std_error"].mean()["unweighted"] > 1.08 * table["std_error"].mean()["weighted"]


def test_nonresponse_moves_weight_within_classes_and_the_variance_sees_the_whole_sample():
    rng = np.random.default_rng(3)
    data = STRAT.assign(answered=rng.random(200) < 0.7)
    adjusted = nonresponse(data, "answered", ["stype", "sch.wide"], weight="pw")
    kept = adjusted.table
    np.testing.assert_allclose(kept["after"], kept["before"], rtol=1e-12)
    assert (adjusted.weights[~data["answered"]] == 0).all()
    table = mean(data, "api00", DESIGNS["apistrat"][1], calibration=adjusted)
    jackknife = mean(data, "api00", DESIGNS["apistrat"][1], calibration=adjusted, variance="jackknife")
    assert first(table, "n") == data["answered"].sum()
    assert first(table, "std_error") == pytest.approx(first(jackknife, "std_error"), rel=0.03)
    raked = rake(data, {"stype": STYPE, "sch.wide": WIDE}, weight=adjusted)
    both = total(data, "api.stu", DESIGNS["apistrat"][1], calibration=raked)
    redone = total(data, "api.stu", DESIGNS["apistrat"][1], calibration=raked, variance="jackknife")
    assert first(both, "std_error") == pytest.approx(first(redone, "std_error"), rel=0.05)
    with pytest.raises(DataError, match="no respondent in class 'E'"):
        nonresponse(data.assign(answered=data["stype"] != "E"), "answered", "stype")
    with pytest.raises(DataError, match="true or false"):
        nonresponse(data.assign(answered=2), "answered", "stype")


def test_base_weights_from_a_draw_and_from_the_frame():
    frame = pd.DataFrame({"network": np.repeat(["3g", "4g"], [600, 400]), "bill": np.arange(1000.0)})
    sample = select(frame, 100, stratum="network", allocation="equal", rng=1)
    recorded = base_weights(sample)
    known = base_weights(sample, {"3g": 600, "4g": 400}, stratum="network")
    np.testing.assert_allclose(recorded.weights, known.weights, rtol=1e-12)
    assert recorded.weights.sum() == pytest.approx(1000)
    with pytest.raises(DataError, match="'4g' of 'network' is in the data but not in the frame"):
        base_weights(sample, {"3g": 600}, stratum="network")
    with pytest.raises(DataError, match="More units were sampled"):
        base_weights(sample, {"3g": 600, "4g": 4}, stratum="network")
    with pytest.raises(DataError, match="above 0 and at most 1"):
        base_weights(sample.assign(inclusion_probability=0))
    with pytest.raises(SettingsError, match="goes with stratum="):
        base_weights(sample, {"3g": 600})


def test_shares_keep_the_sum_of_the_weights():
    raked = rake(CLUS, {"stype": {"E": 0.7, "H": 0.1, "M": 0.2}, "sch.wide": {"No": 0.2, "Yes": 0.8}}, weight="pw")
    assert raked.weights.sum() == pytest.approx(CLUS["pw"].sum())
    assert raked.iterations > 1
    assert raked.summary.loc["deff", "estimate"] == raked.deff
    assert "raking" in repr(raked)
    assert raked.table.index.names == ["margin", "category"]


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: rake(CLUS, {"stype": STYPE, "sch.wide": {"No": 1000, "Yes": 5122}}), DataError, "differ by 72"),
        (lambda: rake(CLUS, {"stype": {"E": 4421, "H": 1773}}), DataError, "'M' of 'stype' is in the data but not"),
        (lambda: rake(CLUS, {"stype": {**STYPE, "K": 5}}), DataError, "'K' has a total of 5 .* no respondent"),
        (lambda: rake(CLUS, {"stype": {**STYPE, "M": -1}}), DataError, "must be zero or more"),
        (lambda: rake(CLUS, {"sttype": STYPE}), DataError, "did you mean 'stype'"),
        (lambda: rake(CLUS, {}), SettingsError, "must name a margin"),
        (lambda: rake(CLUS, {"stype": STYPE}, residuals="none"), SettingsError, "residuals must be"),
        (lambda: rake(CLUS, {"stype": STYPE}, weight=pd.Series([1.0])), DataError, "has 1 rows and the data have 183"),
        (lambda: poststratify(CLUS, {"E": 1}, "stype"), DataError, "2 problems"),
        (
            lambda: poststratify(CLUS.assign(pw=(CLUS["stype"] != "H") * 1.0), STYPE, "stype", weight="pw"),
            DataError,
            "weight 0 in stype",
        ),
        (lambda: calibrate(CLUS.assign(enroll=np.nan), {"enroll": 5}), DataError, "missing in"),
        (lambda: calibrate(CLUS, {"stype": STYPE, "sch.wide": {"No": 1, "Yes": 2}}), EstimationError, "contradict"),
        (lambda: calibrate(CLUS, {}), SettingsError, "names nothing"),
        (lambda: trim(CLUS["pw"], upper=20), EstimationError, "keep the mean"),
        (lambda: trim(CLUS["pw"], lower=5, upper=4), SettingsError, "below upper="),
        (lambda: kish(pd.Series([1.0, -1.0])), DataError, "negative in 1 rows"),
    ],
)
def test_bad_targets_are_refused(call, error, said):
    with pytest.raises(error, match=said):
        call()


def test_contradictory_margins_show_themselves():
    data = pd.DataFrame({"a": ["x", "x", "y"], "b": ["p", "p", "q"]})
    with pytest.raises(EstimationError, match="did not converge") as caught:
        rake(data, {"a": {"x": 50, "y": 50}, "b": {"p": 70, "q": 30}}, max_iter=50)
    assert "target" in str(caught.value)
    assert "70" in str(caught.value)


LONELY = pd.DataFrame({"y": [1.0, 2, 3, 10], "s": ["a", "a", "a", "b"], "w": [1.0, 1, 1, 1]})


def test_single_psu_strata_need_a_remedy_by_name():
    with pytest.raises(DataError, match=r"stratum 'b' holds a single one.*single_psu='certainty'"):
        mean(LONELY, "y", Design(stratum="s"))
    certain = mean(LONELY, "y", Design(stratum="s", single_psu="certainty"))
    centered = mean(LONELY, "y", Design(stratum="s", single_psu="centered"))
    assert first(certain, "std_error") == pytest.approx(np.sqrt(3) / 4)
    assert first(centered, "std_error") > first(certain, "std_error")
    assert first(mean(LONELY, "y", Design(stratum="s", single_psu="certainty"), variance="jackknife"), "std_error") > 0
    with pytest.raises(SettingsError, match="is for linearization"):
        mean(LONELY, "y", Design(stratum="s", single_psu="centered"), variance="jackknife")
    drawn_whole = LONELY.assign(N=[3, 3, 3, 1])
    assert first(mean(drawn_whole, "y", Design(stratum="s", fpc="N")), "std_error") == 0


@pytest.mark.parametrize(
    ("change", "design", "said"),
    [
        ({"w": [1, 1, np.nan, 1]}, Design(weight="w"), "missing in 1 rows"),
        ({"w": [1, 1, -1, 1]}, Design(weight="w"), "negative in 1 rows"),
        ({"w": [0, 0, 0, 0]}, Design(weight="w"), "nowhere positive"),
        ({"w": ["a", "b", "c", "d"]}, Design(weight="w"), "holds text"),
        ({"N": [2, 2, 2, 9]}, Design(stratum="s", fpc="N", single_psu="certainty"), "3 clusters in the sample and 2"),
        ({"N": [5, 6, 5, 9]}, Design(stratum="s", fpc="N", single_psu="certainty"), "it runs from 5 to 6"),
        (
            {"N": [5, 5, 5, np.nan]},
            Design(stratum="s", fpc="N", single_psu="certainty"),
            "never missing in stratum 'b'",
        ),
        ({"s": ["a", None, "a", "b"]}, Design(stratum="s"), "has 1 blanks"),
        ({"c": [1.5, 1, 1, 1]}, Design(count="c"), "not whole everywhere"),
        ({}, Design(weight="weight"), "'weight' is not a column"),
        (
            {"r1": [1, 1, 1, np.nan], "r2": 1.0},
            Design(replicates=["r1", "r2"], kind="brr"),
            "replicate weights are missing",
        ),
    ],
)
def test_bad_designs_for_the_data(change, design, said):
    with pytest.raises(DataError, match=said):
        mean(LONELY.assign(**change), "y", design)


def test_bad_calls():
    with pytest.raises(DataError, match="'z' is not a column"):
        mean(LONELY, "z")
    with pytest.raises(DataError, match="no answers at all in y"):
        mean(LONELY.assign(y=np.nan), "y")
    with pytest.raises(DataError, match="has no weight"):
        mean(LONELY.assign(w=[1, 1, 1, 0]), "y", Design(weight="w"), by="s")
    with pytest.raises(SettingsError, match="variance must be"):
        mean(LONELY, "y", variance="jacknife")
    with pytest.raises(SettingsError, match="confidence_level="):
        mean(LONELY, "y", confidence_level=95)
    with pytest.raises(SettingsError, match="n_resamples="):
        mean(LONELY, "y", variance="bootstrap", n_resamples=1)
    with pytest.raises(DataError, match="was made for 183 rows"):
        mean(LONELY, "y", calibration=calibrated("ps"))
    with pytest.raises(DataError, match="did not start from the design's weight 'fpc'"):
        mean(CLUS, "api00", Design(weight="fpc"), calibration=calibrated("ps"))
    with pytest.raises(SettingsError, match=r"does not go with Design\(count="):
        mean(CLUS.assign(n=1), "api00", Design(count="n"), calibration=calibrated("ps"))
    with pytest.raises(DataError, match="variable 'y' has no answers"):
        proportion(LONELY.assign(y=None), "y")


def test_zero_weights_count_for_no_estimate_but_their_clusters_stay():
    data = STRAT.assign(pw=np.where(STRAT["comp.imp"] == "Yes", STRAT["pw"], 0.0))
    zeroed = mean(data, "api00", DESIGNS["apistrat"][1])
    domain = mean(STRAT, "api00", DESIGNS["apistrat"][1], by="comp.imp").loc[("Yes", "api00")]
    assert first(zeroed) == pytest.approx(domain["estimate"], rel=1e-14)
    assert first(zeroed, "std_error") == pytest.approx(domain["std_error"], rel=1e-14)
    assert first(zeroed, "n") == domain["n"]


def test_counts_are_repeated_rows():
    counted = SCD.assign(times=[1, 2, 1, 3, 2, 2])
    repeated = SCD.loc[SCD.index.repeat(counted["times"])]
    for variance in ("taylor", "jackknife"):
        one = mean(counted, ["arrests", "alive"], Design(count="times", stratum="ESA"), variance=variance)
        two = mean(repeated, ["arrests", "alive"], Design(stratum="ESA"), variance=variance)
        pd.testing.assert_frame_equal(one, two)


def test_a_constant_factor_of_the_weights_changes_no_mean_and_row_order_nothing():
    data, design = DESIGNS["apistrat"]
    table = mean(data, "api00", design)
    scaled = mean(data.assign(pw=7 * data["pw"]), "api00", design)
    np.testing.assert_allclose(
        scaled[["estimate", "std_error", "df"]], table[["estimate", "std_error", "df"]], rtol=1e-12
    )
    shuffled = mean(data.sample(frac=1, random_state=1), "api00", design)
    np.testing.assert_allclose(shuffled, table, rtol=1e-12)


def test_unweighted_answers_are_a_simple_random_sample():
    table = mean(STRAT, "api00")
    assert first(table, "std_error") == pytest.approx(STRAT["api00"].std() / np.sqrt(200), rel=1e-12)
    assert first(table, "deff") == pytest.approx(1, rel=1e-12)
    assert first(table, "df") == 199


def test_polars_answers():
    polars = pytest.importorskip("polars")
    table = mean(polars.from_pandas(CLUS), "api00", DESIGNS["apiclus1"][1], by="stype")
    pd.testing.assert_frame_equal(table, mean(*(CLUS, "api00", DESIGNS["apiclus1"][1]), by="stype"))


def test_failed_replicates_are_counted_and_told():
    data = pd.DataFrame({"y": [1.0, 2, 3, 4], "g": ["a", "a", "a", "b"]})
    with pytest.warns(CsiWarning, match="replicates have an empty domain"):
        mean(data, "y", by="g", variance="jackknife")
    stratified = poststratify(data, {"a": 30, "b": 10}, "g")
    with pytest.warns(CsiWarning, match="1 of 4 replicates could not be calibrated"):
        mean(data, "y", calibration=stratified, variance="jackknife")
    with pytest.raises(EstimationError, match="no variance can be had"):
        mean(pd.DataFrame({"y": [1.0, 2], "g": ["a", "b"]}), "y", by="g", variance="jackknife")


def test_shares_at_the_edge_have_no_logit_interval():
    table = proportion(pd.DataFrame({"x": [1, 1, 1]}), "x")
    assert np.isnan(first(table, "conf_low"))
    assert first(table) == 1


def test_many_domains_are_done_in_parts(monkeypatch):
    data, design = DESIGNS["apiclus1"]
    whole = mean(data, ["api00", "api99"], design, by="dnum")
    shares = proportion(data, "stype", design, by="comp.imp")
    monkeypatch.setattr("csi.sampling.estimating._CELLS", 1000)
    pd.testing.assert_frame_equal(mean(data, ["api00", "api99"], design, by="dnum"), whole)
    pd.testing.assert_frame_equal(proportion(data, "stype", design, by="comp.imp"), shares)
    assert whole.index.names == ["dnum", "variable"]
    assert mean(data, "api00", design, by=["stype", "comp.imp"]).index.names == ["stype", "comp.imp", "variable"]
