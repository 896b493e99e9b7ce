"""Resamples: draw by draw as another program, the same whatever the blocks and the neighbours, intervals by hand."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_index import ECSI, mixed_answers, mixed_model

import csi
import csi.draws
import csi.numerics.moments
import csi.numerics.resample
from csi.errors import DataError, SettingsError

SMALL = csi.Model(
    "small", {"quality": csi.items("PERQ", 3), "satisfaction": csi.items("CUSA", 3), "loyalty": ["CUSL1", "CUSL3"]},
    {"quality": ["satisfaction"], "satisfaction": ["loyalty"]}, scale=(1, 10),
)  # fmt: skip


def counted(indices: np.ndarray, n: int) -> np.ndarray:
    """How often each row is drawn, a row a resample."""
    return np.stack([np.bincount(row, minlength=n) for row in indices])


@pytest.fixture(scope="module")
def theirs(oracle) -> pd.DataFrame:
    return oracle("pls/boot_draws.csv")


@pytest.fixture(scope="module")
def weights() -> np.ndarray:
    from pathlib import Path

    path = Path(__file__).parent / "oracles" / "pls" / "boot_indices.csv"
    return counted(np.loadtxt(path, delimiter=",", dtype=int, encoding="utf-8"), 250)


@pytest.mark.parametrize("noun", ["paths", "weights", "loadings", "r2"])
def test_injected_resamples_equal_seminr_draw_by_draw(mobi, theirs, weights, noun):
    fit = csi.Study(ECSI, method=csi.PLS(tolerance=1e-12)).fit(mobi).bootstrap(cases=weights)
    drawn = fit.replicates(noun)
    if noun == "paths":
        names = [" -> ".join(row) for row in drawn.columns]
    elif noun == "r2":
        drawn = drawn.xs("r2", axis=1, level="measure")
        names = list(drawn.columns)
    else:
        names = [item for _, item in drawn.columns]
    expected = theirs[[f"{noun}: {name}" for name in names]]
    assert drawn.shape == (40, len(names))
    np.testing.assert_allclose(drawn, expected, rtol=0, atol=1e-8)


def test_injected_resamples_equal_fits_of_repeated_rows(mobi, weights):
    """The index and impacts of a draw are those of a table in which the rows stand as often as drawn."""
    study = csi.Study(ECSI, method=csi.PLS(tolerance=1e-12))
    fit = study.fit(mobi).bootstrap(cases=weights[:5])
    for number, counts in enumerate(weights[:5]):
        alone = study.fit(mobi.loc[np.repeat(mobi.index, counts)])
        np.testing.assert_allclose(fit.replicates("index").loc[number], alone.index()["estimate"], atol=1e-8)
        np.testing.assert_allclose(fit.replicates("impacts").loc[number], alone.impacts().to_numpy().ravel(), atol=1e-8)


def test_a_batch_equals_one_by_one(mobi, weights):
    fit = csi.Study(ECSI, method=csi.PLS(tolerance=1e-12)).fit(mobi)
    together = fit.bootstrap(cases=weights).replicates("paths")
    alone = pd.concat([fit.bootstrap(cases=row[None]).replicates("paths") for row in weights])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-9)


def test_injected_rows_may_be_fractions_and_multiply_the_sampling_weight(mobi):
    w = np.linspace(0.5, 2, 250)
    cases = np.random.default_rng(1).exponential(size=(3, 250))
    study = csi.Study(SMALL, design=csi.Design(weight="w"), method=csi.PLS(tolerance=1e-12))
    drawn = study.fit(mobi.assign(w=w)).bootstrap(cases=cases).replicates("index")
    for number, row in enumerate(cases):
        alone = study.fit(mobi.assign(w=w * row)).index()["estimate"]
        np.testing.assert_allclose(drawn.loc[number], alone, rtol=1e-9)


# -- chance ---------------------------------------------------------------------------------------------------


def test_more_draws_begin_with_the_same_ones(mobi):
    fit = csi.Study(SMALL).fit(mobi)
    few, many = (fit.bootstrap(size, rng=7).replicates("paths") for size in (300, 700))
    pd.testing.assert_frame_equal(few, many.head(300), check_exact=True)


def test_ten_thousand_begin_with_the_same_five_thousand(mobi):
    fit = csi.Study(SMALL).fit(mobi)
    few, many = (fit.bootstrap(size, rng=11).core.draws for size in (5_000, 10_000))
    np.testing.assert_array_equal(few.mean, many.mean[:, :, :5_000])
    np.testing.assert_allclose(few.solution.values, many.solution.values[:, :5_000], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "setting", [(csi.numerics.resample, "HELD", 5_000), (csi.draws, "BATCH", 37), (csi.numerics.moments, "CHUNK", 64)]
)
def test_draws_do_not_depend_on_blocks(mobi, monkeypatch, setting):
    data = mobi.astype(float)
    fit = csi.Study(SMALL).fit(data)
    usual = fit.bootstrap(300, rng=5).replicates("index")
    monkeypatch.setattr(*setting)
    np.testing.assert_allclose(fit.bootstrap(300, rng=5).replicates("index"), usual, rtol=1e-12)
    roomy = fit.bootstrap(300, rng=5, memory=1e11).replicates("index")
    np.testing.assert_allclose(roomy, usual, rtol=1e-12)


def test_draws_of_a_group_do_not_depend_on_the_others(mobi):
    """Adding companies, shuffling their order or their rows' places changes no other company's interval."""
    data = pd.concat([mobi.head(100).assign(company="b"), mobi.tail(150).assign(company="a")])
    study = csi.Study(SMALL)
    both = study.fit(data, by="company").bootstrap(300, rng=3)
    more = pd.concat(
        [mobi.assign(company="0"), data.iloc[::-1].sort_values("company").iloc[::-1], mobi.assign(company="c")]
    )
    # The order of the rows within a company is kept; where they stand among others is not.
    more = pd.concat(
        [more[~more["company"].isin(["a", "b"])], data[data["company"] == "a"], data[data["company"] == "b"]]
    )
    four = study.fit(more, by="company").bootstrap(300, rng=3)
    for company in ("a", "b"):
        ours, others = both[company].replicates("paths"), four[company].replicates("paths")
        np.testing.assert_allclose(ours, others, rtol=0, atol=1e-9)
        alone = study.fit(data[data["company"] == company], by="company").bootstrap(300, rng=3)
        np.testing.assert_allclose(alone[company].replicates("paths"), ours, rtol=0, atol=1e-9)


def test_one_group_taken_out_draws_as_it_did_among_the_others(mobi):
    fit = csi.Study(SMALL).fit(mobi.assign(wave=[1, 2] * 125), by="wave")
    before, after = fit.bootstrap(100, rng=2)[2], fit[2].bootstrap(100, rng=2)
    pd.testing.assert_frame_equal(before.replicates("index"), after.replicates("index"), rtol=1e-10)
    pd.testing.assert_frame_equal(before.index(interval="bca"), after.index(interval="bca"), rtol=1e-10)


def test_groups_draw_different_numbers(mobi):
    twins = pd.concat([mobi.assign(wave=1), mobi.assign(wave=2)])
    fit = csi.Study(SMALL).fit(twins, by="wave").bootstrap(50, rng=2)
    assert not np.isclose(fit[1].replicates("index"), fit[2].replicates("index")).any(axis=None)
    pd.testing.assert_frame_equal(fit[1].index()[["estimate"]], fit[2].index()[["estimate"]])


def test_rng_is_a_number_or_a_generator_and_nothing_global(mobi):
    fit = csi.Study(SMALL).fit(mobi)
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    one, two = (fit.bootstrap(30, rng=np.random.default_rng(4)).replicates("index") for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(
        fit.bootstrap(30, rng=9).replicates("index"), fit.bootstrap(30, rng=np.int64(9)).replicates("index")
    )
    assert not one.equals(fit.bootstrap(30, rng=5).replicates("index"))
    generator = np.random.default_rng(4)
    first, second = (fit.bootstrap(30, rng=generator).replicates("index") for _ in range(2))
    assert not first.equals(second)
    assert not fit.bootstrap(30).replicates("index").equals(fit.bootstrap(30).replicates("index"))
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


def test_a_resample_draws_as_many_cases_as_there_are():
    counts = np.concatenate(list(csi.numerics.resample.count_rows(3, "", 40, 1_000)))
    assert counts.shape == (1_000, 40)
    assert (counts.sum(axis=1) == 40).all()
    assert counts.mean(axis=0).std() < 0.06
    assert counts.var() == pytest.approx(1 - 1 / 40, rel=0.03)


@pytest.mark.parametrize("n", [300, 60_000])
def test_large_and_small_tables_count_alike(n):
    """Above 50,000 rows resamples are counted one by one; a row of counts is a resample all the same."""
    rows = np.concatenate(list(csi.numerics.resample.count_rows(1, "x", n, 3)))
    assert (rows.sum(axis=1) == n).all()
    assert rows.var() == pytest.approx(1, rel=0.15)


# -- failures -------------------------------------------------------------------------------------------------


def test_a_constant_item_in_one_resample_spoils_nobody_else(mobi, weights):
    """One resample holds a single respondent: it has no correlations; its neighbours keep all their digits."""
    cases = weights[:6].copy()
    fit = csi.Study(ECSI).fit(mobi)
    healthy = fit.bootstrap(cases=cases).replicates("paths")
    cases[3] = 0
    cases[3, 17] = 250
    broken = fit.bootstrap(cases=cases)
    drawn = broken.replicates("paths")
    assert drawn.loc[3].isna().all()
    np.testing.assert_allclose(drawn.drop(3), healthy.drop(3), rtol=0, atol=1e-12)
    np.testing.assert_allclose(broken.paths()["std_error"], healthy.drop(3).std(), rtol=1e-10)
    low, high = healthy.drop(3).quantile(0.025), healthy.drop(3).quantile(0.975)
    np.testing.assert_allclose(broken.paths()["conf_low"], low, rtol=1e-10)
    np.testing.assert_allclose(broken.paths()["conf_high"], high, rtol=1e-10)
    assert "1 failed" in broken.index().attrs["interval"]
    doubt = broken.check().set_index("code").loc["failed_replicates"]
    assert doubt["value"] == pytest.approx(1 / 6)


def test_one_item_constant_in_some_resamples(mobi):
    """Nearly everybody gave one answer: resamples without the exception fail and are counted, never made up."""
    data = mobi.assign(CUSA3=5)
    data.loc[10, "CUSA3"] = 9
    fit = csi.Study(SMALL).fit(data).bootstrap(400, rng=1)
    counts = np.concatenate(list(csi.numerics.resample.count_rows(1, "", 250, 400)))
    failed = fit.core.draws.failed[0]
    np.testing.assert_array_equal(failed, counts[:, 10] == 0)
    assert 0.3 < failed.mean() < 0.45
    assert fit.replicates("paths").isna().all(axis=1).tolist() == failed.tolist()
    assert fit.paths().notna().all(axis=None)


# -- intervals ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn() -> csi.Fit:
    return csi.Study(SMALL).fit(csi.datasets.load("mobi")).bootstrap(999, rng=6)


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_percentile_basic_normal_by_hand(drawn, level):
    b, tail = drawn.replicates("index"), (1 - level) / 2
    estimate, error = drawn.index()["estimate"], b.std(ddof=1)
    low, high = np.percentile(b, [100 * tail, 100 * (1 - tail)], axis=0)
    z = stats.norm.ppf(1 - tail) * error
    expected = {
        "percentile": (low, high),
        "basic": (2 * estimate - high, 2 * estimate - low),
        "normal": (estimate - z, estimate + z),
    }
    for interval, ends in expected.items():
        table = drawn.index(interval=interval, confidence_level=level)
        np.testing.assert_allclose(table["std_error"], error, rtol=1e-12)
        np.testing.assert_allclose(table[["conf_low", "conf_high"]].T, ends, rtol=1e-12)
    pd.testing.assert_frame_equal(
        drawn.index(confidence_level=level), drawn.index(interval="percentile", confidence_level=level)
    )


def test_bca_by_hand(drawn):
    """Efron (1987): bias from the share below the estimate, acceleration from the influences."""
    b, estimate = drawn.replicates("paths"), drawn.paths()["estimate"]
    table = drawn.paths(interval="bca")
    u = drawn.core.influences(drawn._noun("paths"), 0)
    for j, row in enumerate(estimate.index):
        a = (u[:, j] ** 3).sum() / (6 * (u[:, j] ** 2).sum() ** 1.5)
        bias = stats.norm.ppf((b[row] < estimate[row]).mean())
        z = bias + stats.norm.ppf([0.025, 0.975])
        ends = np.quantile(b[row], stats.norm.cdf(bias + z / (1 - a * z)))
        np.testing.assert_allclose(table.loc[row, ["conf_low", "conf_high"]], ends, rtol=1e-10)


def test_bca_counts_ties_half(mobi):
    """A standardized path of one is the same in every draw: the interval is a point, not an error."""
    fit = csi.Study(SMALL).fit(mobi).bootstrap(50, rng=1)
    loadings = csi.Study(ECSI).fit(mobi).bootstrap(50, rng=1).loadings(interval="bca")
    np.testing.assert_allclose(
        loadings.loc[("complaints", "CUSCO"), ["estimate", "conf_low", "conf_high"]], 1, atol=1e-12
    )
    assert fit.paths(interval="bca").notna().all(axis=None)


def test_studentized_by_hand(mobi):
    """The error of a draw is that of a fit whose rows count as often as drawn (divisor n where a fit has n - 1)."""
    data = mobi.head(120)
    study = csi.Study(SMALL, method=csi.PLS(tolerance=1e-12))
    fit = study.fit(data).bootstrap(30, rng=8)
    counts = np.concatenate(list(csi.numerics.resample.count_rows(8, "", 120, 30)))
    counted = study.replace(design=csi.Design(count="n"))
    draws = [counted.fit(data.assign(n=row)).paths() for row in counts]
    plain = fit.paths()
    t = [(draw["estimate"] - plain["estimate"]) / (draw["std_error"] * np.sqrt(119 / 120)) for draw in draws]
    low, high = np.quantile(t, [0.025, 0.975], axis=0)
    table = fit.paths(interval="studentized")
    np.testing.assert_allclose(table["conf_low"], plain["estimate"] - high * plain["std_error"], rtol=1e-4)
    np.testing.assert_allclose(table["conf_high"], plain["estimate"] - low * plain["std_error"], rtol=1e-4)


def test_p_values_by_hand(drawn):
    b, table = drawn.replicates("paths"), drawn.paths()
    low, high = (b <= 0).sum(), (b >= 0).sum()
    by_hand = 2 * np.minimum((1 + low) / 1000, (1 + high) / 1000)
    np.testing.assert_allclose(table["p_value"], by_hand.clip(upper=1), rtol=1e-12)
    assert (table["p_value"] > 0).all()
    np.testing.assert_allclose(table["statistic"], table["estimate"] / b.std(), rtol=1e-12)
    np.testing.assert_allclose(drawn.paths(p="t")["p_value"], 2 * stats.norm.sf(table["statistic"].abs()), rtol=1e-9)
    share = (b <= 0).mean()
    np.testing.assert_allclose(drawn.paths(p="percentile")["p_value"], 2 * np.minimum(share, 1 - share), atol=1e-15)


def test_a_path_near_zero_has_a_large_p_value(mobi):
    fit = csi.Study(ECSI).fit(mobi).bootstrap(500, rng=1)
    p = fit.paths()["p_value"]
    assert p[("expectations", "value")] > 0.3
    assert p[("quality", "satisfaction")] == pytest.approx(2 / 501)
    assert fit.paths(p="percentile")["p_value"][("quality", "satisfaction")] == 0


def test_headers_say_how_intervals_were_made(drawn, mobi):
    assert drawn.index().attrs["interval"] == "95 % percentile interval, 999 replicates (bootstrap), 0 failed"
    plain = csi.Study(SMALL).fit(mobi)
    assert plain.index().attrs["interval"] == "95 % normal interval, linearized standard errors"


def test_jackknife_equals_leaving_out_one_by_one(mobi):
    data = mobi.head(40)
    study = csi.Study(SMALL, method=csi.PLS(tolerance=1e-12))
    fit = study.fit(data).jackknife()
    alone = pd.concat([study.fit(data.drop(row)).index()["estimate"] for row in data.index], axis=1)
    np.testing.assert_allclose(fit.replicates("index").T, alone, rtol=0, atol=1e-7)
    error = np.sqrt(39 / 40 * ((alone.T - fit.index()["estimate"]) ** 2).sum())
    np.testing.assert_allclose(fit.index()["std_error"], error, rtol=1e-6)
    reach = stats.t.ppf(0.975, 39) * fit.index()["std_error"]
    np.testing.assert_allclose(fit.index()["conf_high"] - fit.index()["estimate"], reach, rtol=1e-9)


@pytest.mark.parametrize("interval", ["percentile", "basic", "bca"])
def test_jackknife_replicates_give_no_quantiles(mobi, interval):
    fit = csi.Study(SMALL).fit(mobi.head(40)).jackknife()
    with pytest.raises(csi.NotAvailable, match=f"{interval} interval cannot"):
        fit.index(interval=interval)


def test_jackknife_in_groups_is_that_of_each_group(mobi):
    data = mobi.head(90).assign(wave=[1] * 40 + [2] * 50)
    study = csi.Study(SMALL)
    fit = study.fit(data, by="wave").jackknife()
    for wave in (1, 2):
        alone = study.fit(data[data["wave"] == wave]).jackknife()
        np.testing.assert_allclose(fit.index().loc[wave, "std_error"], alone.index()["std_error"], rtol=1e-4)


# -- replicates and refusals ----------------------------------------------------------------------------------


def test_replicates_have_a_row_a_draw_and_the_columns_of_the_noun(drawn, mobi):
    for noun, table in (("paths", drawn.paths()), ("index", drawn.index()), ("loadings", drawn.loadings())):
        assert drawn.replicates(noun).columns.equals(table.index)
        assert drawn.replicates(noun).shape[0] == 999
    grouped = csi.Study(SMALL).fit(mobi.assign(wave=[1, 2] * 125), by="wave").bootstrap(10, rng=1)
    assert grouped.replicates("index").index.names == ["wave", "replicate"]
    with pytest.raises(SettingsError, match="did you mean 'paths'"):
        drawn.replicates("path")


def test_a_fit_with_draws_can_be_pickled_and_copied(drawn):
    for twin in (pickle.loads(pickle.dumps(drawn)), copy.deepcopy(drawn), copy.copy(drawn)):
        pd.testing.assert_frame_equal(twin.index(interval="bca"), drawn.index(interval="bca"))
    assert repr(pickle.loads(pickle.dumps(drawn))) == repr(drawn)


def test_a_verb_leaves_the_fit_as_it_was(mobi):
    fit = csi.Study(SMALL).fit(mobi)
    before = fit.index()
    fit.bootstrap(20, rng=1)
    pd.testing.assert_frame_equal(fit.index(), before)
    with pytest.raises(csi.NotAvailable, match=r"fit.bootstrap\(10_000, rng=7\)"):
        fit.replicates("paths")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_resamples": 1}, SettingsError, "at least 2"),
        ({"n_resamples": 10.5}, SettingsError, "whole number"),
        ({"n_resamples": 100, "rng": -1}, SettingsError, "rng must be"),
        ({"n_resamples": 100, "rng": "seven"}, SettingsError, "rng must be"),
        ({"n_resamples": 100, "kind": "normall"}, SettingsError, "kind must be"),
        ({"n_resamples": 10**7}, SettingsError, r"10,000,000 replicates.*need .* GB; [\d,]+ fit into memory"),
        ({"cases": np.ones((3, 40))}, DataError, r"\(R, 250\); it is 3 x 40"),
        ({"cases": np.ones(250)}, DataError, r"\(R, 250\); it is 250"),
        ({"cases": -np.ones((2, 250))}, DataError, "0 or more"),
        ({"cases": np.full((2, 250), np.nan)}, DataError, "0 or more"),
        ({"cases": np.eye(2, 250, 1) * np.array([[1], [0]])}, DataError, "all zero .*row 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(mobi, arguments, error, message):
    with pytest.raises(error, match=message):
        csi.Study(SMALL).fit(mobi).bootstrap(**arguments)


def test_intervals_before_draws_are_refused_with_the_call_that_makes_them(mobi):
    fit = csi.Study(SMALL).fit(mobi)
    with pytest.raises(csi.NotAvailable, match=r"percentile interval needs resamples: fit.bootstrap\(10_000, rng=7\)"):
        fit.index(interval="percentile")
    with pytest.raises(SettingsError, match="did you mean 'percentile'"):
        fit.bootstrap(10, rng=1).index(interval="percentil")
    with pytest.raises(SettingsError, match="between 0 and 1"):
        fit.index(confidence_level=95)
    with pytest.raises(SettingsError, match="p must be one of"):
        fit.bootstrap(10, rng=1).paths(p="z")


# -- counts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["bootstrap", "jackknife"])
def test_counts_are_repeated_rows_in_every_draw(verb):
    """Design(count=) stands for repeated rows: resampling draws respondents, not rows of the table."""
    data = mixed_answers(60)
    counts = np.random.default_rng(0).integers(0, 4, 60)
    study = csi.Study(mixed_model(), method=csi.PLS(tolerance=1e-12))
    repeated = study.fit(data.loc[np.repeat(data.index, counts)])
    counted = study.replace(design=csi.Design(count="n")).fit(data.assign(n=counts))
    if verb == "bootstrap":
        ours, theirs = counted.bootstrap(200, rng=3), repeated.bootstrap(200, rng=3)
        np.testing.assert_allclose(ours.replicates("index"), theirs.replicates("index"), rtol=1e-8)
        np.testing.assert_allclose(ours.index(interval="bca"), theirs.index(interval="bca"), rtol=1e-7)
    else:
        ours, theirs = counted.jackknife(), repeated.jackknife()
    np.testing.assert_allclose(ours.index(), theirs.index(), rtol=1e-6)


# -- moments only ---------------------------------------------------------------------------------------------


def test_normal_draws_come_from_moments_alone_and_say_so(mobi):
    names = [item.name for item in SMALL.items]
    moments = csi.Moments(n=250, mean=mobi[names].mean(), cov=mobi[names].cov())
    fit = csi.Study(SMALL).fit(moments)
    with pytest.raises(csi.NotAvailable, match=r"bootstrap\(kind='normal'\)"):
        fit.bootstrap(100, rng=1)
    with pytest.raises(csi.NotAvailable, match="only moments were given"):
        fit.jackknife()
    drawn = fit.bootstrap(2_000, rng=1, kind="normal")
    assert "as if answers were normal" in drawn.index().attrs["interval"]
    # Means of normal answers have the standard error that linearization gives equal weights, skewed or not.
    error = csi.Study(SMALL).fit(mobi).index("equal")["std_error"]
    np.testing.assert_allclose(drawn.index("equal")["std_error"], error, rtol=0.06)
    pd.testing.assert_frame_equal(drawn.index(), fit.bootstrap(2_000, rng=1, kind="normal").index())
    with pytest.raises(csi.NotAvailable):
        drawn.index(interval="bca")
