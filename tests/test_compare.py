"""Two groups, two waves, the same people twice: differences, what they are made of, and their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from test_groups import SMALL
from test_index import ECSI

import csi
from csi.errors import DataError, SettingsError
from csi.numerics import linearize

FINE = csi.PLS(tolerance=1e-12)
COLUMNS = ["estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"]
NAMES = [item.name for item in SMALL.items]


def panel(n: int = 300, seed: int = 4, third: bool = False) -> pd.DataFrame:
    """The same people twice, two points more satisfied the second time; rows of the waves are mixed."""
    rng = np.random.default_rng(seed)
    first = csi.simulate(SMALL, n=n, rng=rng)
    second = (first + rng.integers(-1, 2, first.shape)).clip(1, 10)
    second["CUSA1"] = (second["CUSA1"] + 1).clip(upper=10)
    waves = [first.assign(wave=2024, who=np.arange(n)), second.assign(wave=2025, who=np.arange(n))]
    if third:
        waves.append(csi.simulate(SMALL, n=80, rng=rng).assign(wave=2026, who=np.arange(1000, 1080)))
    data = pd.concat(waves, ignore_index=True)
    data["region"] = np.where(data["who"] % 3 == 0, "north", "south")
    return data.sample(frac=1, random_state=seed)


@pytest.fixture(scope="module")
def waves() -> csi.Fit:
    return csi.Study(SMALL).fit(panel(), by="wave")


@pytest.mark.parametrize("noun", ["index", "paths", "loadings", "weights", "impacts", "r2"])
def test_the_difference_is_second_minus_first(waves, noun):
    table = waves.compare(2024, 2025, of=noun)
    asked = waves._noun(noun)
    first, second = waves.core.values(asked)
    np.testing.assert_allclose(table["estimate"], second - first, rtol=1e-12)
    assert table.columns.tolist()[:6] == COLUMNS
    assert table.attrs["difference"] == "2025 minus 2024"
    turned = waves.compare(2025, 2024, of=noun)
    np.testing.assert_allclose(turned["estimate"], -table["estimate"], rtol=1e-12)
    np.testing.assert_allclose(turned["conf_low"], -table["conf_high"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(turned["p_value"], table["p_value"], rtol=1e-9)


def test_independent_groups_add_their_variances(waves):
    table = waves.compare(2024, 2025)
    errors = waves.index()["std_error"]
    by_hand = np.sqrt(errors[2024] ** 2 + errors[2025] ** 2)[table.index]
    np.testing.assert_allclose(table["std_error"], by_hand, rtol=1e-10)
    np.testing.assert_allclose(table["statistic"], table["estimate"] / by_hand, rtol=1e-10)
    np.testing.assert_allclose(table["p_value"], 2 * stats.norm.sf(table["statistic"].abs()), rtol=1e-8)
    np.testing.assert_allclose(table["conf_high"] - table["estimate"], stats.norm.ppf(0.975) * by_hand, rtol=1e-10)


def test_pairs_are_steadier_and_their_error_is_that_of_differences(waves):
    """With equal item weights a paired change is a mean of differences: its error is theirs over root n."""
    data = panel()
    wide = (
        waves.scores("equal")
        .assign(wave=data["wave"], who=data["who"])
        .pivot_table(index="who", columns="wave", values="satisfaction")
    )
    by_hand = (wide[2025] - wide[2024]).sem()
    model = SMALL.replace(name="equal weights")
    modes = dict.fromkeys(model.constructs, "unit")
    raw = csi.Study(model, method=csi.PLS(modes=modes, standardized=False)).fit(data, by="wave")
    paired, apart = raw.compare(2024, 2025, pair="who"), raw.compare(2024, 2025)
    assert paired.loc["satisfaction", "estimate"] == pytest.approx(apart.loc["satisfaction", "estimate"], rel=1e-12)
    assert paired.loc["satisfaction", "std_error"] == pytest.approx(by_hand, rel=1e-6)
    assert paired.loc["satisfaction", "std_error"] < 0.5 * apart.loc["satisfaction", "std_error"]


@pytest.mark.parametrize("third", [False, True])
def test_paired_draws_agree_with_paired_linearization(third):
    fit = csi.Study(SMALL).fit(panel(third=third), by="wave")
    plain = fit.compare(2024, 2025, pair="who")
    drawn = fit.bootstrap(1_500, rng=5).compare(2024, 2025, pair="who")
    assert (drawn["std_error"] / plain["std_error"] - 1).abs().max() < 0.08
    np.testing.assert_allclose(drawn["estimate"], plain["estimate"], rtol=1e-12)
    bca = fit.bootstrap(1_500, rng=5).compare(2024, 2025, pair="who", interval="bca")
    assert (bca["conf_low"] - drawn["conf_low"]).abs().max() < drawn["std_error"].max()


def test_pairs_under_sampling_weights():
    """Weights do not make strangers of the same people."""
    data = panel().assign(w=1.0)
    weighted = csi.Study(SMALL, design=csi.Design(weight="w")).fit(data, by="wave")
    plain = csi.Study(SMALL).fit(data, by="wave")
    np.testing.assert_allclose(
        weighted.compare(2024, 2025, pair="who")["std_error"],
        plain.compare(2024, 2025, pair="who")["std_error"],
        rtol=0.01,
    )
    drawn = weighted.bootstrap(1_000, rng=5).compare(2024, 2025, pair="who")
    assert (drawn["std_error"] / plain.compare(2024, 2025, pair="who")["std_error"] - 1).abs().max() < 0.1
    cluster = csi.Study(SMALL, design=csi.Design(cluster="who")).fit(data, by="wave").compare(2024, 2025)
    np.testing.assert_allclose(cluster["std_error"], plain.compare(2024, 2025, pair="who")["std_error"], rtol=0.01)


def test_intervals_from_draws_by_hand(waves):
    drawn = waves.bootstrap(799, rng=2)
    b = drawn.replicates("index").loc[2025] - drawn.replicates("index").loc[2024]
    change = waves.compare(2024, 2025)["estimate"]
    low, high = b.quantile(0.025), b.quantile(0.975)
    table = drawn.compare(2024, 2025)
    np.testing.assert_allclose(table["std_error"], b.std(), rtol=1e-10)
    np.testing.assert_allclose(table[["conf_low", "conf_high"]].T, [low, high], rtol=1e-10)
    p = 2 * np.minimum((1 + (b <= 0).sum()) / 800, (1 + (b >= 0).sum()) / 800)
    np.testing.assert_allclose(table["p_value"], p.clip(upper=1), rtol=1e-12)
    basic = drawn.compare(2024, 2025, interval="basic")
    np.testing.assert_allclose(basic["conf_low"], 2 * change - high, rtol=1e-9)
    normal = drawn.compare(2024, 2025, interval="normal", confidence_level=0.9)
    np.testing.assert_allclose(normal["conf_high"] - change, stats.norm.ppf(0.95) * b.std(), rtol=1e-9)


def test_bca_of_a_difference_takes_its_acceleration_from_both(waves):
    drawn = waves.bootstrap(799, rng=2)
    b = (drawn.replicates("index").loc[2025] - drawn.replicates("index").loc[2024])["satisfaction"]
    asked = drawn._noun("index")
    moves = np.concatenate([-drawn.core.moves(asked, 0), drawn.core.moves(asked, 1)])[:, 0]
    a = (moves**3).sum() / (6 * (moves**2).sum() ** 1.5)
    assert a == pytest.approx(linearize.acceleration(moves[:, None])[0])
    row = drawn.compare(2024, 2025, interval="bca").loc["satisfaction"]
    bias = stats.norm.ppf((b < row["estimate"]).mean())
    z = bias + stats.norm.ppf([0.025, 0.975])
    np.testing.assert_allclose(
        row[["conf_low", "conf_high"]], np.quantile(b, stats.norm.cdf(bias + z / (1 - a * z))), rtol=1e-9
    )


def test_jackknife_differences_use_the_jackknife(waves):
    data = panel(n=40)
    fit = csi.Study(SMALL, method=FINE).fit(data, by="wave").jackknife()
    drawn = fit.replicates("index")
    gap = drawn.loc[2025] - drawn.loc[2024]
    table = fit.compare(2024, 2025)
    by_hand = np.sqrt(39 / 40 * ((gap - table["estimate"]) ** 2).sum())
    np.testing.assert_allclose(table["std_error"], by_hand[table.index], rtol=1e-9)


# -- what a change is made of ----------------------------------------------------------------------------------


def test_answers_and_weights_add_up_to_the_change(waves):
    table = waves.compare(2024, 2025)
    np.testing.assert_allclose(table["answers"] + table["weights"], table["estimate"], rtol=0, atol=1e-12)
    assert table["answers"].abs()["satisfaction"] > table["weights"].abs()["satisfaction"]


def test_decomposition_by_hand(waves):
    """Bennet (1920): average weights times the change of the answers, average answers times that of the weights."""
    data = panel()
    points = (data[NAMES] - 1) / 9 * 100
    mean = points.groupby(data["wave"]).mean()
    v = {wave: waves[wave].weights(of="points")["estimate"]["satisfaction"] for wave in (2024, 2025)}
    v = {wave: w / w.sum() for wave, w in v.items()}
    items = v[2024].index
    answers = ((v[2024] + v[2025]) / 2 * (mean.loc[2025, items] - mean.loc[2024, items])).sum()
    weights = ((mean.loc[2025, items] + mean.loc[2024, items]) / 2 * (v[2025] - v[2024])).sum()
    row = waves.compare(2024, 2025).loc["satisfaction"]
    assert row["answers"] == pytest.approx(answers, abs=1e-10)
    assert row["weights"] == pytest.approx(weights, abs=1e-10)


def test_the_sample_mix_is_taken_out():
    """Nobody changed his mind, but the second wave has more people from the contented region: all of it is mix."""
    rng = np.random.default_rng(0)
    north, south = csi.simulate(SMALL, n=100, rng=rng), csi.simulate(SMALL, n=100, rng=rng, means=40.0)
    whole = pd.concat([north.assign(region="n"), south.assign(region="s")])
    data = pd.concat([
        whole[whole["region"] == "n"].assign(wave=1),
        *[whole[whole["region"] == "s"].assign(wave=1)] * 3,
        *[whole[whole["region"] == "n"].assign(wave=2)] * 3,
        whole[whole["region"] == "s"].assign(wave=2),
    ])  # fmt: skip
    modes = dict.fromkeys(SMALL.constructs, "unit")
    table = (
        csi.Study(SMALL, method=csi.PLS(modes=modes, standardized=False))
        .fit(data, by="wave")
        .compare(1, 2, standardize="region")
    )
    assert table.columns.tolist()[:6] == COLUMNS
    np.testing.assert_allclose(table["answers"] + table["weights"] + table["mix"], table["estimate"], atol=1e-10)
    # A quarter and three quarters of each region, the same answers within: the mix is half the regions' distance.
    points = (whole[NAMES] - 1) / 9 * 100
    gap = points.groupby(whole["region"]).mean().diff().iloc[1] * -0.5
    by_hand = gap[[item.name for item in SMALL.constructs["satisfaction"].items]].mean()
    assert table.loc["satisfaction", "mix"] == pytest.approx(by_hand, abs=1e-10)
    np.testing.assert_allclose(table["answers"], 0, atol=1e-10)


def test_mix_adds_up_with_weights_and_blanks():
    data = panel().assign(w=np.linspace(0.5, 2, 600))
    data[NAMES] = data[NAMES].mask(np.random.default_rng(0).random((600, len(NAMES))) < 0.02)
    data.loc[data["wave"] == 2025, "region"] = np.where(
        data.loc[data["wave"] == 2025, "who"] % 2 == 0, "north", "south"
    )
    fit = csi.Study(SMALL, design=csi.Design(weight="w"), missing="pairwise").fit(data, by="wave")
    table = fit.compare(2024, 2025, standardize="region")
    np.testing.assert_allclose(table["answers"] + table["weights"] + table["mix"], table["estimate"], atol=1e-10)
    assert table["mix"].abs().max() > 0


# -- two fits --------------------------------------------------------------------------------------------------


def test_two_fits_are_compared_as_two_groups_are(waves):
    both = csi.compare(waves[2024], waves[2025])
    pd.testing.assert_frame_equal(both[COLUMNS], waves.compare(2024, 2025)[COLUMNS], rtol=1e-9, check_index_type=False)
    paths = csi.compare(waves[2024], waves[2025], of="paths")
    inside = waves.compare(2024, 2025, of="paths")[COLUMNS]
    pd.testing.assert_frame_equal(paths[COLUMNS], inside, rtol=1e-9, check_index_type=False)


def test_two_fits_with_draws(waves):
    drawn = waves.bootstrap(300, rng=1)
    both = csi.compare(drawn[2024], drawn[2025])
    inside = drawn.compare(2024, 2025)
    np.testing.assert_allclose(both["estimate"], inside["estimate"], rtol=1e-12)
    assert (both["std_error"] / inside["std_error"] - 1).abs().max() < 0.15
    with pytest.raises(csi.NotAvailable, match="needs resamples"):
        csi.compare(waves[2024], waves[2025], interval="percentile")


def test_two_fits_with_the_same_draws_are_not_taken_for_one_sample(mobi):
    """Two surveys fitted with rng=1 share random numbers, not respondents: their draws must not move together."""
    first, second = csi.simulate(SMALL, n=250, rng=1), csi.simulate(SMALL, n=250, rng=2)
    study = csi.Study(SMALL)
    fits = [study.fit(data).bootstrap(1_000, rng=1) for data in (first, second)]
    plain = [study.fit(data).index()["std_error"] for data in (first, second)]
    table = csi.compare(*fits)
    by_hand = np.sqrt(plain[0] ** 2 + plain[1] ** 2)
    assert (table["std_error"] / by_hand[table.index] - 1).abs().max() < 0.1
    twins = [study.fit(first).bootstrap(1_000, rng=1) for _ in range(2)]
    table = csi.compare(*twins)
    assert (table["estimate"] == 0).all()
    assert (table["std_error"] / (np.sqrt(2) * plain[0][table.index]) - 1).abs().max() < 0.1


def test_two_fits_say_whether_they_measure_the_same(waves):
    """Groups of one fit and the same cases in two tables: as fit.compare, but for chance."""
    inside = waves.compare(2024, 2025)
    both = csi.compare(waves[2024], waves[2025])
    data = panel()
    apart = csi.compare(*(csi.Study(SMALL).fit(data[data["wave"] == year]) for year in (2024, 2025)))
    for table in (both, apart):
        assert (table["invariance_p"] - inside["invariance_p"]).abs().max() < 0.08
        assert table["invariance"].isin([0, 1, 2]).all() and "doubts" in table.attrs
    assert csi.compare(waves[2024], waves[2025], invariance=False).attrs["doubts"][0].startswith("invariance_not")


def test_two_fits_exchange_clusters_within_strata_of_one_name():
    data = panel().assign(w=2.0)
    data["shop"], data["town"] = data["who"] // 6 % 25, data["who"] // 150
    design = csi.Design(stratum="town", cluster="shop")
    parts = [data[data["wave"] == year] for year in (2024, 2025)]
    fits = [csi.Study(SMALL, design=design).fit(part) for part in parts]
    table = csi.compare(*fits)
    assert table["invariance_p"].between(0, 1).all()
    heavy = csi.Study(SMALL, design=csi.Design(stratum="town", cluster="shop", weight="w")).fit(parts[1])
    np.testing.assert_allclose(csi.compare(fits[0], heavy)["invariance_p"], table["invariance_p"], rtol=1e-9)
    named = pd.concat([part.assign(shop=part["shop"] + 100 * k) for k, part in enumerate(parts)])
    inside = csi.Study(SMALL, design=design).fit(named, by="wave").compare(2024, 2025)
    assert (table["invariance_p"] - inside["invariance_p"]).abs().max() < 0.08


@pytest.mark.parametrize(
    ("second", "change", "words"),
    [
        ({"design": csi.Design(cluster="who")}, {}, "different clusters"),
        ({"method": csi.PLS(scheme="centroid")}, {}, "different methods"),
        ({"missing": "listwise"}, {}, "different treatments of blanks"),
        ({"design": csi.Design(stratum="region")}, {"region": "else"}, "every stratum lies within one group"),
    ],
)
def test_two_fits_that_cannot_exchange_their_cases_say_why(second, change, words):
    data = panel()
    one = csi.Study(SMALL, **{key: value for key, value in second.items() if change}).fit(data[data["wave"] == 2024])
    two = csi.Study(SMALL, **second).fit(data[data["wave"] == 2025].assign(**change))
    table = csi.compare(one, two)
    assert table["invariance_p"].isna().all() and words in table.attrs["doubts"][0]


def test_two_fits_of_moments_have_no_cases_to_exchange(mobi):
    study = csi.Study(SMALL)
    moments = csi.Moments(n=250, mean=mobi[NAMES].mean(), cov=mobi[NAMES].cov())
    table = csi.compare(study.fit(mobi), study.fit(moments), interval=None, of="loadings")
    assert "only moments were given" in table.attrs["doubts"][0]


# -- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((2024, 2052), DataError, "2052 is not a group.*2024, 2025"),
        ((2024, 2025, "pahts"), SettingsError, "did you mean 'paths'"),
        ((2024, 2025, "paths"), csi.NotAvailable, "standardize="),
    ],
)
def test_what_cannot_be_compared(waves, arguments, error, message):
    words = {"standardize": "region"} if "standardize" in message else {}
    with pytest.raises(error, match=message):
        waves.compare(*arguments, **words)


def test_columns_that_are_not_there(waves):
    with pytest.raises(DataError, match="'whom' is not a column; did you mean 'who'"):
        waves.compare(2024, 2025, pair="whom")
    with pytest.raises(DataError, match="did you mean 'region'"):
        waves.compare(2024, 2025, standardize="regoin")
    blank = csi.Study(SMALL).fit(panel().assign(who=lambda d: d["who"].where(d["who"] > 5)), by="wave")
    with pytest.raises(DataError, match="'who' has 12 blanks"):
        blank.compare(2024, 2025, pair="who")


@pytest.mark.parametrize("interval", ["percentile", "basic", "bca", "studentized"])
def test_quantiles_need_draws_here_too(waves, interval):
    with pytest.raises(csi.NotAvailable, match="needs resamples"):
        waves.compare(2024, 2025, interval=interval)


def test_studentized_differences_are_refused_with_what_there_is(waves):
    with pytest.raises(csi.NotAvailable, match="interval='bca'"):
        waves.bootstrap(20, rng=1).compare(2024, 2025, interval="studentized")


def test_a_class_that_one_wave_lacks():
    data = panel()
    data.loc[data["wave"] == 2025, "region"] = "south"
    with pytest.raises(DataError, match="group 2025 has nobody in class 'north'"):
        csi.Study(SMALL).fit(data, by="wave").compare(2024, 2025, standardize="region")


def test_one_group_has_nothing_to_be_compared_with(mobi):
    with pytest.raises((csi.NotAvailable, DataError)):
        csi.Study(ECSI).fit(mobi).compare(1, 2)
    fit = csi.Study(SMALL).fit(panel(), by="wave")
    with pytest.raises(SettingsError, match=r"one group each; choose them: fit\['2024'\]"):
        csi.compare(fit, fit[2024])


def test_two_models_are_not_compared(mobi):
    with pytest.raises(SettingsError):
        csi.compare(csi.Study(ECSI).fit(mobi), csi.Study(SMALL).fit(mobi))


def test_a_group_is_not_compared_with_itself(waves):
    with pytest.raises(SettingsError, match="2024 is compared with itself"):
        waves.compare(2024, 2024)
