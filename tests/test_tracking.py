"""An index through time: levels under three kinds of weights, parts of changes, tests, panels, smoothing, breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_groups import SMALL

import csi
from csi.errors import DataError, NotAvailable, SettingsError
from csi.numerics.exchange import adjusted
from csi.results.smoothing import smooth

STUDY = csi.Study(SMALL)
WAVES = ["2023Q2", "2023Q3", "2023Q4", "2024Q1", "2024Q2"]
N = 80
ITEMS = ["CUSA1", "CUSA2", "CUSA3"]
PARTS = ["answers", "weights", "mix"]


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(4)
    data = csi.simulate(SMALL, 2 * 5 * N, rng=4)
    return data.assign(
        company=np.repeat(["A", "B"], 5 * N),
        quarter=np.tile(np.repeat(WAVES, N), 2),
        who=np.tile(np.arange(N), 10),
        age=rng.choice(["old", "young"], len(data)),
    )


@pytest.fixture(scope="module")
def fit(answers):
    return STUDY.fit(answers, by=["company", "quarter"])


@pytest.fixture(scope="module")
def drawn(fit):
    return fit.bootstrap(80, rng=5, progress=False)


def level(fit: csi.Fit) -> pd.DataFrame:
    return fit.index().xs("satisfaction", level="construct")


def pieces(fit: csi.Fit, company: str, wave: str) -> tuple[np.ndarray, np.ndarray]:
    """Means of the items on 0-100 and their shares in the score, by hand."""
    cells = fit.core.sample.table.native.query("company == @company and quarter == @wave")[ITEMS]
    points = (cells - 1) / 9 * 100
    v = fit[(company, wave)].weights()["estimate"].loc["satisfaction"].to_numpy() / points.std().to_numpy()
    return points.mean().to_numpy(), v / v.sum()


# -- levels ---------------------------------------------------------------------------------


def test_own_weights_give_the_index_of_the_fit(fit, drawn):
    for each in (fit, drawn):
        ours = csi.track(each).index()
        assert ours.index.names == ["company", "quarter"]
        pd.testing.assert_frame_equal(ours, level(each), rtol=1e-7)


def test_first_and_chained_weights_by_hand(fit):
    means, shares = zip(*(pieces(fit, "A", wave) for wave in WAVES), strict=True)
    first = csi.track(fit, weights="first").index()["estimate"]["A"]
    np.testing.assert_allclose(first, [m @ shares[0] for m in means], rtol=1e-7)
    chained = [means[0] @ shares[0]]
    for t in range(1, 5):
        chained.append(chained[-1] + (shares[t - 1] + shares[t]) / 2 @ (means[t] - means[t - 1]))
    np.testing.assert_allclose(csi.track(fit, weights="chained").index()["estimate"]["A"], chained, rtol=1e-7)


@pytest.mark.parametrize("weights", ["equal", {item.name: 1.0 for item in SMALL.items}])
def test_given_weights_are_those_of_the_index(fit, weights):
    ours = csi.track(fit, weights=weights).index()
    theirs = fit.index(weights).xs("satisfaction", level="construct")
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-7, atol=1e-7)


def test_another_construct(fit):
    ours = csi.track(fit, construct="quality").index()["estimate"]
    np.testing.assert_allclose(ours, fit.index()["estimate"].xs("quality", level="construct"), rtol=1e-9)


def test_errors_of_linearization_are_those_of_draws(fit):
    drawn = fit.bootstrap(400, rng=2, progress=False)
    for weights in ("own", "first", "chained"):
        ours, theirs = csi.track(fit, weights=weights), csi.track(drawn, weights=weights)
        for against in ("last", "first"):
            ratio = ours.changes(against)["std_error"] / theirs.changes(against)["std_error"]
            assert ratio.between(0.85, 1.18).all()


def test_moments_will_do(fit):
    native, names = fit.core.sample.table.native, fit.core.sample.blueprint.item_names
    parts = [native[names][fit.core.sample.groups.codes == g] for g in range(len(fit.groups))]
    moments = csi.Moments(
        n=N, mean=np.stack([p.mean() for p in parts]), cov=np.stack([p.cov() for p in parts]), items=names,
        groups=fit.groups, by=["company", "quarter"],
    )  # fmt: skip
    found = csi.track(STUDY.fit(moments))
    np.testing.assert_allclose(found.index()["estimate"], level(fit)["estimate"], rtol=1e-9)
    assert found.index()["std_error"].isna().all()
    assert found.changes()["p_value"].isna().all()
    normal = csi.track(STUDY.fit(moments).bootstrap(50, rng=1, kind="normal", progress=False))
    assert normal.changes()["p_value"].notna().all()


# -- changes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("weights", ["own", "first", "chained", "equal"])
@pytest.mark.parametrize("against", ["last", "year", "first"])
def test_parts_add_up(fit, weights, against):
    changes = csi.track(fit, weights=weights, standardize="age").changes(against)
    np.testing.assert_allclose(changes[PARTS].sum(axis=1), changes["estimate"], atol=1e-12)
    assert (changes["mix"] != 0).any()
    plain = csi.track(fit, weights=weights).changes(against)
    np.testing.assert_allclose(plain["answers"], changes["answers"] + changes["mix"], atol=1e-12)
    if weights != "own":
        assert (changes["weights"] == 0).all()


def test_a_change_is_that_of_compare(fit):
    changes = csi.track(fit, standardize="age").changes("first").loc[("A", "2024Q2")]
    theirs = fit.compare(("A", "2023Q2"), ("A", "2024Q2"), standardize="age", invariance=False).loc["satisfaction"]
    names = ["estimate", "std_error", "conf_low", "conf_high", "p_value", *PARTS]
    np.testing.assert_allclose(changes[names], theirs[names], rtol=1e-7, atol=1e-9)


def test_the_mix_alone(answers):
    """Everybody of a class answers alike, and only the shares of the classes change."""
    rng = np.random.default_rng(1)
    base = csi.simulate(SMALL, 60, rng=2)
    better = base.clip(upper=7) + 3
    waves = []
    for wave, share in (("2024Q1", 1), ("2024Q2", 3)):
        waves.append(pd.concat([base.assign(kind="low")] + [better.assign(kind="high")] * share).assign(wave=wave))
    data = pd.concat(waves, ignore_index=True).sample(frac=1, random_state=rng.integers(99))
    change = csi.track(STUDY.fit(data, by="wave"), weights="equal", standardize="kind").changes().iloc[0]
    assert change["estimate"] > 3
    assert abs(change["answers"]) < 1e-9
    assert np.isclose(change["mix"], change["estimate"])


def test_the_same_quarter_last_year(fit):
    track = csi.track(fit)
    changes = track.changes("year")
    assert changes.index.tolist() == [("A", "2024Q2"), ("B", "2024Q2")]
    index = track.index()["estimate"]
    np.testing.assert_allclose(changes["estimate"]["A"], index[("A", "2024Q2")] - index[("A", "2023Q2")])
    np.testing.assert_allclose(changes["p_adjusted"], adjusted(changes["p_value"].to_numpy(), "holm"))
    for correction in ("bonferroni", "fdr"):
        found = track.changes(correction=correction)
        np.testing.assert_allclose(found["p_adjusted"], adjusted(found["p_value"].to_numpy(), correction))
    assert "p_adjusted" not in track.changes(correction=None)


def test_a_year_is_not_known_of_every_wave(answers):
    numbered = answers.assign(quarter=answers["quarter"].map(dict(zip(WAVES, range(5), strict=True))))
    with pytest.raises(SettingsError, match="how many of them make a year"):
        csi.track(STUDY.fit(numbered, by=["company", "quarter"])).changes("year")
    short = answers[answers["quarter"] < "2024Q1"]
    with pytest.raises(NotAvailable, match="no wave has an earlier one"):
        csi.track(STUDY.fit(short, by=["company", "quarter"])).changes("year")


def test_people_who_answer_alike_twice_make_a_change_certain(answers):
    """A panel whose answers do not change but by a point for everybody: the change has no sampling error."""
    one = answers[(answers["company"] == "A") & (answers["quarter"] == "2023Q2")][[item.name for item in SMALL.items]]
    one = one.clip(1, 9)
    data = pd.concat([one.assign(wave=1, who=range(N)), (one + 1).assign(wave=2, who=range(N))])
    fit = STUDY.fit(data, by="wave")
    paired, apart = csi.track(fit, pair="who"), csi.track(fit)
    assert np.isclose(paired.changes()["estimate"].iloc[0], 100 / 9)
    assert paired.changes()["std_error"].iloc[0] < 1e-6
    assert apart.changes()["std_error"].iloc[0] > 1
    pd.testing.assert_frame_equal(paired.index(), apart.index(), rtol=1e-6)


def test_pairs_are_those_of_compare(fit, drawn):
    theirs = fit.compare(("A", "2023Q2"), ("A", "2023Q3"), pair="who", invariance=False).loc["satisfaction"]
    for each in (fit, drawn):
        ours = csi.track(each, pair="who").changes().loc[("A", "2023Q3")]
        assert np.isclose(ours["std_error"], theirs["std_error"], rtol=1e-6)


def test_weights_of_a_design_reach_the_series(answers):
    data = answers.assign(w=np.where(answers["age"] == "old", 2.0, 1.0))
    fit = csi.Study(SMALL, design=csi.Design(weight="w")).fit(data, by=["company", "quarter"])
    pd.testing.assert_frame_equal(csi.track(fit).index(), level(fit), rtol=1e-6)
    theirs = fit.compare(("A", "2023Q2"), ("A", "2023Q3"), invariance=False).loc["satisfaction"]
    assert np.isclose(csi.track(fit).changes().loc[("A", "2023Q3"), "std_error"], theirs["std_error"], rtol=1e-4)


def test_clusters_of_a_design_reach_the_series(answers):
    fit = csi.Study(SMALL, design=csi.Design(cluster="who")).fit(answers, by=["company", "quarter"])
    theirs = fit.compare(("A", "2023Q2"), ("A", "2023Q3"), invariance=False).loc["satisfaction"]
    ours = csi.track(fit).changes().loc[("A", "2023Q3")]
    np.testing.assert_allclose(ours[["std_error", "p_value"]], theirs[["std_error", "p_value"]], rtol=1e-6)


# -- smoothing ---------------------------------------------------------------------------------


def test_a_local_level_is_the_posterior_mean():
    """By the joint normal distribution of levels and answers, with a wide beginning."""
    rng = np.random.default_rng(3)
    errors = rng.uniform(0.5, 2, 12)
    values = 70 + np.cumsum(rng.normal(0, 1.5, 12)) + rng.normal(0, errors)
    found = smooth(values, errors)
    assert found.step > 0
    steps = np.minimum.outer(np.arange(12), np.arange(12)) * found.step**2 + 1e6
    gain = steps @ np.linalg.inv(steps + np.diag(errors**2))
    np.testing.assert_allclose(found.level, gain @ (values - 70) + 70, atol=1e-3)
    np.testing.assert_allclose(found.std_error, np.sqrt(np.diag(steps - gain @ steps)), atol=1e-3)


def test_waves_that_differ_by_chance_have_one_level():
    values, errors = np.array([70.1, 69.9, 70.0, 70.05]), np.full(4, 1.0)
    found = smooth(values, errors)
    assert found.step == 0
    np.testing.assert_allclose(found.level, values.mean(), atol=1e-4)
    np.testing.assert_allclose(found.std_error, 0.5, atol=1e-3)


@pytest.mark.parametrize("errors", [np.full(2, 1.0), np.zeros(5), np.full(5, np.nan)])
def test_what_cannot_be_smoothed_is_left_as_it_is(errors):
    values = np.arange(float(len(errors)))
    found = smooth(values, errors)
    np.testing.assert_array_equal(found.level, np.where(np.isnan(errors), np.nan, values))


def test_smoothing_lends_from_neighbours(fit, drawn):
    for each in (fit, drawn):
        track = csi.track(each)
        assert (track.smooth()["std_error"] <= track.index()["std_error"] * 1.001).all()
        assert track.smooth().index.equals(track.index().index)


# -- breaks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("breaks", ["2024Q1", ["2024Q1"], {"2024Q1": "by telephone"}])
def test_a_break_is_shown_and_not_tested(fit, breaks):
    track = csi.track(fit, breaks=breaks)
    changes, plain = track.changes(), csi.track(fit).changes()
    crossed = changes["broken"] == 1
    assert changes.index[crossed].tolist() == [("A", "2024Q1"), ("B", "2024Q1")]
    assert changes.loc[crossed, ["statistic", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert changes.loc[~crossed, "p_adjusted"].notna().all()
    np.testing.assert_allclose(changes["estimate"], plain["estimate"])
    assert track.changes("year")["broken"].eq(1).all()
    smoothed = track.smooth()
    early = csi.track(STUDY.fit(fit.core.sample.table.native.query("quarter < '2024Q1'"), by=["company", "quarter"]))
    np.testing.assert_allclose(smoothed["estimate"]["A"].iloc[:3], early.smooth()["estimate"]["A"], atol=1e-5)
    assert track.check()["code"].tolist() == ["break"]


def test_another_scale_and_a_jump_are_found(answers):
    changed = answers.copy()
    late = changed["quarter"] >= "2023Q4"
    changed.loc[late, "CUSA1"] = np.ceil(changed.loc[late, "CUSA1"] / 2).astype(int)
    doubts = csi.track(STUDY.fit(changed, by=["company", "quarter"])).check()
    found = doubts[doubts["code"] == "break_found"]
    assert found[["subject", "group"]].to_numpy().tolist() == [["CUSA1", "2023Q4"]]
    assert "breaks=['2023Q4']" in found["remedy"].iloc[0]
    lower = answers.copy()
    late = lower["quarter"] == "2024Q2"
    lower.loc[late, ITEMS] = np.clip(lower.loc[late, ITEMS] - 4, 1, 10)
    doubts = csi.track(STUDY.fit(lower, by=["company", "quarter"])).check()
    assert {("A", "2024Q2"), ("B", "2024Q2")} <= set(doubts.loc[doubts["code"] == "jump", "group"])


def test_item_weights_that_shift_are_doubted(answers):
    odd = answers.copy()
    late = odd["quarter"] >= "2024Q1"
    rng = np.random.default_rng(9)
    odd.loc[late, "CUSA2"] = rng.integers(1, 11, int(late.sum()))
    for each in (
        STUDY.fit(odd, by=["company", "quarter"]),
        STUDY.fit(odd, by=["company", "quarter"]).jackknife(progress=False),
    ):
        doubts = csi.track(each).check()
        assert ("A", "2024Q1") in doubts.loc[doubts["code"] == "weights_shifted", "group"].tolist()
    drawn = STUDY.fit(odd, by=["company", "quarter"]).bootstrap(60, rng=1, progress=False)
    assert "weights_shifted" in csi.track(drawn).check()["code"].tolist()


def test_a_quiet_series_has_no_doubts(fit, drawn):
    assert not len(csi.track(fit).check())
    assert not len(csi.track(drawn, weights="chained").check())


def test_a_wave_without_an_estimate_is_said(answers):
    flat = answers.copy()
    gone = (flat["company"] == "A") & (flat["quarter"] == "2023Q4")
    flat.loc[gone, ITEMS] = 5
    track = csi.track(STUDY.fit(flat, by=["company", "quarter"]))
    assert ("A", "2023Q4") not in track.index().index
    assert track.check()["code"].tolist() == ["wave_without_estimate"]
    assert ("A", "2024Q1") in track.changes().index
    assert ("A", "2023Q4") not in track.smooth().index


# -- what is refused, how it looks ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"wave": "quater"}, SettingsError, "did you mean 'quarter'"),
        ({"construct": "satisfacton"}, SettingsError, "did you mean 'satisfaction'"),
        ({"weights": "chaind"}, SettingsError, "did you mean 'chained'"),
        ({"breaks": "2024Q3"}, DataError, "'2024Q3' is not a wave; did you mean"),
        ({"pair": "whom"}, DataError, "did you mean 'who'"),
        ({"standardize": "ages"}, DataError, "did you mean 'age'"),
        ({"order": WAVES[:3]}, DataError, "'2024Q1' is left out"),
    ],
)
def test_settings_that_cannot_be(fit, settings, error, words):
    with pytest.raises(error, match=words):
        csi.track(fit, **settings)


def test_what_cannot_be_asked(fit, mobi):
    with pytest.raises(SettingsError, match="waves of one fit"):
        csi.track(STUDY.fit(mobi))
    with pytest.raises(SettingsError, match="a series needs two"):
        csi.track(STUDY.fit(mobi.assign(wave=1), by="wave"))
    with pytest.raises(SettingsError, match="against must be one of"):
        csi.track(fit).changes("lastyear")
    with pytest.raises(SettingsError, match="correction must be one of"):
        csi.track(fit).changes(correction="tukey")
    with pytest.raises(NotAvailable, match="studentized"):
        csi.track(fit).index(interval="studentized")


def test_one_line_has_waves_only(answers):
    track = csi.track(STUDY.fit(answers, by="quarter"))
    assert track.index().index.name == "quarter"
    assert track.changes().index.tolist() == WAVES[1:]
    assert repr(track).encode("ascii")
    assert "Track of satisfaction: 5 waves" in repr(track)


@pytest.mark.parametrize(
    "breaks", [np.array(["2024Q1"]), {"2024Q1"}, pd.Index(["2024Q1"])], ids=["array", "set", "index"]
)
def test_breaks_may_stand_in_any_collection(fit, breaks):
    assert csi.track(fit, breaks=breaks).changes()["broken"].sum() == 2


def test_a_number_is_named_where_its_text_was_given(answers):
    years = STUDY.fit(answers.assign(year=answers["quarter"].str[:4].astype(int)), by="year")
    with pytest.raises(DataError, match="'2024' is not a wave; 2024 is"):
        csi.track(years, breaks="2024")


def test_what_has_no_errors_is_not_smoothed(answers):
    bare = STUDY.fit(csi.moments(answers, SMALL, by="quarter"))
    with pytest.raises(NotAvailable, match="smoothing needs the sampling errors"):
        csi.track(bare).smooth()
