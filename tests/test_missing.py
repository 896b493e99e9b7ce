"""Blanks: each treatment equals the same thing done by hand, in the fit and in every replicate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_index import ECSI, mixed_answers, mixed_model

import csi
from csi.numerics.em import em

FINE = csi.PLS(tolerance=1e-12)
ITEMS = [item.name for item in ECSI.items]
SMALL = csi.Model(
    "small", {"quality": csi.items("PERQ", 3), "satisfaction": csi.items("CUSA", 3), "loyalty": ["CUSL1", "CUSL3"]},
    {"quality": ["satisfaction"], "satisfaction": ["loyalty"]}, scale=(1, 10),
)  # fmt: skip
SOME = [item.name for item in SMALL.items]


@pytest.fixture
def holes(mobi) -> pd.DataFrame:
    """One answer in twenty is missing."""
    return mobi.mask(np.random.default_rng(5).random(mobi.shape) < 0.05)


def moments_fit(n: float, mean, cov: pd.DataFrame, model: csi.Model = ECSI) -> csi.Fit:
    """The fit of moments that were worked out elsewhere."""
    return csi.Study(model, method=FINE).fit(csi.Moments(n=n, mean=mean, cov=cov))


def same(ours: csi.Fit, theirs: csi.Fit, tolerance: float = 1e-9) -> None:
    for noun in ("index", "paths", "loadings", "weights"):
        one, two = getattr(ours, noun)()["estimate"], getattr(theirs, noun)()["estimate"]
        np.testing.assert_allclose(one, two, rtol=0, atol=tolerance)
    np.testing.assert_allclose(ours.impacts(), theirs.impacts(), rtol=0, atol=tolerance)


def by_hand(data: pd.DataFrame, missing: str) -> tuple[float, pd.Series, pd.DataFrame]:
    """n, means and covariances under a treatment, by pandas."""
    if missing == "listwise":
        whole = data.dropna()
        return len(whole), whole.mean(), whole.cov()
    if missing == "mean":
        filled = data.fillna(data.mean())
        return len(data), filled.mean(), filled.cov()
    if missing == "pairwise":
        sd = data.std()
        return len(data), data.mean(), data.corr().mul(sd, axis=0).mul(sd, axis=1)
    found = em(data.to_numpy(float))
    cov = pd.DataFrame(found.cov[0] * len(data) / (len(data) - 1), data.columns, data.columns)
    return len(data), pd.Series(found.mean[0], data.columns), cov


@pytest.mark.parametrize("missing", ["pairwise", "listwise", "mean", "em"])
def test_a_treatment_equals_the_same_by_hand(holes, missing):
    ours = csi.Study(ECSI, method=FINE, missing=missing).fit(holes)
    same(ours, moments_fit(*by_hand(holes[ITEMS], missing)), 1e-6 if missing == "em" else 1e-9)


@pytest.mark.parametrize("missing", ["pairwise", "listwise", "mean", "em"])
def test_a_treatment_is_done_again_in_every_replicate(holes, missing):
    """A resample is a table of its own: its means, its blanks, its EM."""
    counts = np.stack([np.bincount(row, minlength=250) for row in np.random.default_rng(1).integers(0, 250, (4, 250))])
    ours = csi.Study(SMALL, method=FINE, missing=missing).fit(holes).bootstrap(cases=counts)
    for number, row in enumerate(counts):
        data = holes[SOME].loc[np.repeat(holes.index, row)]
        n, mean, cov = by_hand(data, missing)
        if missing == "pairwise":
            # A fit divides by the n - 1 of its own cases, a resample by that of the sample: scores do not notice.
            cov = cov / cov.abs().max().max()
        theirs = moments_fit(n, mean, cov, SMALL)
        tolerance = 1e-5 if missing == "em" else 1e-9
        np.testing.assert_allclose(ours.replicates("paths").loc[number], theirs.paths()["estimate"], atol=tolerance)
        np.testing.assert_allclose(
            ours.replicates("loadings").loc[number], theirs.loadings()["estimate"], atol=tolerance
        )
        if missing != "pairwise":
            np.testing.assert_allclose(
                ours.replicates("index").loc[number], theirs.index()["estimate"], atol=10 * tolerance
            )


@pytest.mark.parametrize("missing", ["pairwise", "mean", "em", "listwise"])
def test_without_blanks_all_treatments_are_the_same(mobi, missing):
    pd.testing.assert_frame_equal(
        csi.Study(ECSI, missing=missing).fit(mobi).paths(), csi.Study(ECSI).fit(mobi).paths(), check_exact=True
    )


def test_seminr_replaces_blanks_by_means(holes):
    """missing="mean" is a fit of the table in which every blank holds the item's mean, standard errors aside."""
    ours = csi.Study(ECSI, method=FINE, missing="mean").fit(holes)
    same(ours, csi.Study(ECSI, method=FINE).fit(holes.fillna(holes.mean())))


@pytest.mark.parametrize("missing", ["pairwise", "mean", "listwise", "em"])
def test_blanks_in_groups_are_those_of_the_group(holes, missing):
    data = holes.assign(wave=[1] * 120 + [2] * 130)
    study = csi.Study(SMALL, method=FINE, missing=missing)
    fit = study.fit(data, by="wave")
    for wave in (1, 2):
        same(fit[wave], study.fit(data[data["wave"] == wave]), 1e-8)


@pytest.mark.parametrize("missing", ["pairwise", "mean", "listwise"])
def test_weights_and_blanks(holes, missing):
    """Weighted moments of what is there: numpy.average of the answers given, pair by pair."""
    w = np.random.default_rng(2).uniform(0.2, 3, 250)
    fit = csi.Study(SMALL, method=FINE, missing=missing, design=csi.Design(weight="w")).fit(holes.assign(w=w))
    data, weight = holes[SOME], pd.Series(w)
    if missing == "listwise":
        data = data.dropna()
        weight = weight[data.index]
    mean = pd.Series({name: np.average(data[name].dropna(), weights=weight[data[name].notna()]) for name in SOME})
    if missing == "mean":
        data = data.fillna(mean)
    corr = pd.DataFrame(1.0, SOME, SOME)
    sd = pd.Series(0.0, SOME)
    for a in SOME:
        for b in SOME:
            both = data[a].notna() & data[b].notna()
            c = np.cov(data.loc[both, a], data.loc[both, b], aweights=weight[both], ddof=0)
            corr.loc[a, b] = c[0, 1] / np.sqrt(c[0, 0] * c[1, 1])
            if a == b:
                n = both.sum()
                sd[a] = np.sqrt(c[0, 0] * n / (n - 1))
    same(fit, moments_fit(len(data), mean, corr.mul(sd, axis=0).mul(sd, axis=1), SMALL))


def test_unknown_codes_are_blanks(corp_rep):
    """-99 in corp_rep means no answer: said to the item it is a blank, unsaid it is a doubt."""
    names = {"competence": ["comp_1", "comp_2", "comp_3"], "likeability": ["like_1", "like_2", "like_3"],
             "satisfaction": ["cusa"], "loyalty": ["cusl_1", "cusl_2", "cusl_3"]}  # fmt: skip
    paths = {"competence": ["satisfaction"], "likeability": ["satisfaction"], "satisfaction": ["loyalty"]}
    said = {key: [csi.Item(name, unknown=-99) for name in block] for key, block in names.items()}
    model = csi.Model("reputation", said, paths, scale=(1, 7))
    fit = csi.Study(model).fit(corp_rep)
    blank = csi.Study(csi.Model("reputation", names, paths, scale=(1, 7))).fit(corp_rep.replace(-99, np.nan))
    pd.testing.assert_frame_equal(fit.paths(), blank.paths())
    pd.testing.assert_frame_equal(fit.index(), blank.index())
    assert "left_code" not in fit.check()["code"].tolist()
    unsaid = csi.Study(csi.Model("reputation", names, paths, scale=(1, 7))).fit(corp_rep).check()
    doubt = unsaid[unsaid["code"] == "left_code"].iloc[0]
    assert doubt["value"] == -99
    assert "unknown=(-99,)" in doubt["remedy"]


def test_the_face_of_a_fit_says_what_was_done(holes):
    for missing in ("pairwise", "mean", "em", "listwise"):
        heading = repr(csi.Study(ECSI, missing=missing).fit(holes)).splitlines()[0]
        blanks, whole = int(holes[ITEMS].isna().sum().sum()), len(holes.dropna())
        assert f"{blanks} answers missing, treated {missing}" in heading
        assert f"({whole} complete cases)" in heading
        assert (f"{250 - whole} rows left out" in heading) == (missing == "listwise")


def test_an_answer_nobody_gave_names_the_item(mobi):
    with pytest.raises(csi.errors.EstimationError, match="'CUSA2' does not vary"):
        csi.Study(ECSI).fit(mobi.assign(CUSA2=np.nan))


def test_listwise_with_nobody_left_says_what_would_help():
    data = mixed_answers(30).astype(float)
    data.iloc[:15, 0] = data.iloc[15:, 1] = np.nan
    with pytest.raises(csi.errors.DataError, match="no case answered every item; missing='pairwise'"):
        csi.Study(mixed_model(), missing="listwise").fit(data)


def test_two_items_nobody_answered_together(mobi):
    """Pairwise deletion has no correlation then; EM has no maximum of its own; both say so instead of guessing."""
    data = mobi.astype(float)
    data.loc[:124, "CUSA1"] = np.nan
    data.loc[125:, "CUSA2"] = np.nan
    with pytest.raises(csi.errors.EstimationError, match="nobody answered both 'CUSA1' and 'CUSA2'"):
        csi.Study(SMALL).fit(data)
    assert csi.Study(SMALL, missing="mean").fit(data).paths()["estimate"].notna().all()


def test_pairwise_correlations_no_answers_could_have_are_a_doubt(mobi):
    """Many blanks on few cases: the matrix of available cases is not positive semidefinite."""
    data = mobi.head(32).mask(np.random.default_rng(0).random((32, 24)) < 0.25)
    fit = csi.Study(ECSI).fit(data)
    assert "not_positive_semidefinite" in fit.check()["code"].tolist()
    corr = data[ITEMS].corr()
    value = fit.check().set_index("code").loc["not_positive_semidefinite", "value"]
    assert value == pytest.approx(np.linalg.eigvalsh(corr)[0], abs=1e-9)
    assert "not_positive_semidefinite" not in csi.Study(ECSI, missing="mean").fit(data).check()["code"].tolist()


def test_replicates_without_a_possible_matrix_are_counted(mobi):
    data = mobi.head(40).mask(np.random.default_rng(0).random((40, 24)) < 0.2)
    fit = csi.Study(ECSI).fit(data).bootstrap(100, rng=1)
    draws = fit.core.draws
    lowest = [np.linalg.eigvalsh(stack.cov[..., b])[0] for _, stack, _ in draws.batches() for b in range(stack.size)]
    doubt = fit.check().set_index("code").loc["not_psd_replicates"]
    assert doubt["value"] == pytest.approx(np.mean(np.array(lowest) < -1e-8), abs=0.02)
    healthy = csi.Study(SMALL).fit(mobi.mask(np.random.default_rng(0).random((250, 24)) < 0.01)).bootstrap(100, rng=1)
    assert "not_psd_replicates" not in healthy.check()["code"].tolist()


def test_missing_must_be_a_known_word():
    with pytest.raises(csi.errors.SettingsError, match="did you mean 'pairwise'"):
        csi.Study(ECSI, missing="pairwse")
