"""Several groups fitted together by csi.CBSEM, against lavaan 0.6-14 (rows 1-125 and 126-250 of mobi)."""

from __future__ import annotations

import numpy as np
import pytest
from cbsem_oracles import ACSI, NAMES, compared, mobi, oracle
from test_cbsem_cases import blanked

import csi
from csi.errors import NotAvailable, SettingsError

MEASURES = {"chi2": "chisq", "df": "df", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr", "bic": "bic"}


def halves(data=None):
    data = mobi() if data is None else data
    return data.assign(half=np.where(np.arange(250) < 125, "A", "B"))


def fit(method=None, data=None, missing=None, model=ACSI):
    study = csi.Study(model, method=method or csi.CBSEM(), missing=missing)
    return study.fit(halves(data), by="half")


@pytest.fixture(scope="module")
def found():
    return fit()


def test_the_ladder_is_lavaans(found):
    table, reference = found.invariance(), oracle("ACSI_invariance")
    assert table.index.tolist() == ["configural", "metric", "scalar", "strict"]
    for level in table.index:
        for ours, theirs in MEASURES.items():
            np.testing.assert_allclose(table.loc[level, ours], reference[level]["fit"][theirs], rtol=1e-6, atol=2e-5)
    columns = ["chi2_difference", "rmsea_difference", "df_difference", "p_difference"]
    theirs = np.array([row[4:] for row in reference["lrt"]["rows"][1:]], float)
    np.testing.assert_allclose(table[columns].to_numpy()[1:], theirs, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(table["cfi_change"].iloc[1:], np.diff(table["cfi"]))
    assert np.isnan(table.loc["configural", "chi2_difference"])


def test_latent_means_are_lavaans(found):
    table = found.latent_means()
    assert table.loc["A", "estimate"].eq(0).all()
    for one, op, _, group, value, error in oracle("ACSI_invariance")["scalar"]["parameters"]:
        if op == "~1" and group == 2 and one in NAMES:
            ours = table.loc[("B", NAMES[one]), ["estimate", "std_error"]]
            np.testing.assert_allclose(ours, [value, error], atol=3e-4)


def test_equal_regressions_are_lavaans(found):
    table = found.invariance(levels=("scalar", "regressions"), of="model")
    rows = oracle("ACSI_multigroup_regressions")["lrt"]["rows"]
    np.testing.assert_allclose(table["chi2"], [row[3] for row in rows], rtol=1e-6)
    np.testing.assert_allclose(table["df"], [row[0] for row in rows])
    np.testing.assert_allclose(table["p_difference"].iloc[1], rows[1][7], rtol=1e-5)


def test_scaled_differences():
    table = fit(csi.CBSEM("MLR")).invariance(levels=("configural", "metric"))
    plain = fit().invariance(levels=("configural", "metric"))
    assert (table["chi2"] < plain["chi2"]).all()
    assert table.loc["metric", "df_difference"] == 13
    assert 0 < table.loc["metric", "p_difference"] < 1
    assert "scaled" in table.attrs["test"]


def test_groups_with_blanks():
    whole = fit(csi.CBSEM("FIML")).invariance(levels=("configural", "scalar"))
    plain = fit().invariance(levels=("configural", "scalar"))
    np.testing.assert_allclose(whole[["chi2", "df", "cfi"]], plain[["chi2", "df", "cfi"]], rtol=1e-5)
    blank = fit(csi.CBSEM("FIML"), blanked()).invariance(levels="metric")
    assert blank.loc["metric", "df"] == 289


def test_the_same_group_twice_differs_in_nothing():
    data = mobi()
    both = data.loc[np.tile(np.arange(250), 2)].reset_index(drop=True).assign(half=np.repeat(["A", "B"], 250))
    table = csi.Study(ACSI, method=csi.CBSEM()).fit(both, by="half").invariance()
    np.testing.assert_allclose(table["chi2_difference"].iloc[1:], 0, atol=1e-6)


def test_what_cannot_be_compared(found):
    with pytest.raises(NotAvailable, match="between groups"):
        found["A"].invariance()
    with pytest.raises(SettingsError, match="levels"):
        found.invariance(levels=("configural", "metrix"))
    with pytest.raises(SettingsError, match="of='model'"):
        found.invariance(levels=("regressions",))
    with pytest.raises(NotAvailable, match="maximum likelihood"):
        fit(csi.CBSEM("ULS")).invariance()


def test_equal_loadings_in_every_noun(found):
    both = fit(csi.CBSEM(equal=("loadings",)))
    table, reference = both.goodness(), oracle("ACSI_multigroup_regressions")["lrt"]["rows"]
    assert table.loc[("A", "chi2"), "estimate"] == table.loc[("B", "chi2"), "estimate"]
    assert table.loc[("A", "df"), "estimate"] == 2 * 144 + 13
    loadings = both.parameters().xs("loadings", level="kind")
    np.testing.assert_allclose(
        loadings.loc["A", ["estimate", "std_error"]], loadings.loc["B", ["estimate", "std_error"]]
    )
    assert not np.allclose(both.paths().loc["A"], both.paths().loc["B"])
    scalar = fit(csi.CBSEM(equal=("loadings", "intercepts")))
    assert scalar.goodness().loc[("A", "chi2"), "estimate"] == pytest.approx(reference[0][3], rel=1e-6)
    strong = fit(csi.CBSEM(equal=("loadings", "intercepts", "paths"))).goodness()
    assert strong.loc[("B", "chi2"), "estimate"] == pytest.approx(reference[1][3], rel=1e-6)
    assert scalar.parameters().loc[("A", "means", "quality", "quality"), ["estimate", "std_error"]].eq(0).all()
    theirs = oracle("ACSI_multigroup_regressions")["parameters_free"]
    for group, label in ((1, "A"), (2, "B")):
        gaps = compared(scalar.parameters().loc[label], theirs, ("estimate", "std_error"), group)
        assert len(gaps) > 60
        assert gaps.max() < 3e-4


def test_nouns_of_a_joint_fit():
    both = fit(csi.CBSEM("MLR", equal=("loadings",)))
    assert both.index()["estimate"].notna().all()
    assert "chi2_scaled" in both.goodness().index.get_level_values("measure")
    assert both["A"].paths()["std_error"].gt(0).all()
    assert both["B"].residuals().abs().max().max() < 0.5
    assert "ill_conditioned" not in set(both.check()["code"])
    with pytest.raises(NotAvailable, match="not resampled"):
        both.bootstrap(10, rng=1)
    alone = csi.Study(ACSI, method=csi.CBSEM(equal=("loadings",))).fit(mobi())
    np.testing.assert_allclose(alone.paths(), csi.Study(ACSI, method=csi.CBSEM()).fit(mobi()).paths())
    with pytest.raises(SettingsError, match="equal must be"):
        csi.CBSEM(equal=("loading",))
    with pytest.raises(SettingsError, match="at once"):
        csi.CBSEM("WLSMV", equal=("loadings",))


@pytest.mark.parametrize("equal", [("loadings",), ("loadings", "intercepts")])
def test_every_case_moves_every_group_of_a_joint_fit(equal):
    data = halves()
    both = fit(csi.CBSEM("MLR", equal=equal))
    for noun in ("index", "paths"):
        core, asked = both.core, both._noun(noun)
        moves = [core.moves(asked, g) for g in (0, 1)]
        np.testing.assert_allclose([m.sum(axis=0) for m in moves], 0, atol=1e-5)
        # One case counted twice, and left out: what it moves in its own group and in the other.
        rows = np.append(np.arange(250), 7), np.delete(np.arange(250), 7)
        more, less = (csi.Study(ACSI, method=csi.CBSEM(equal=equal)).fit(data.iloc[r], by="half") for r in rows)
        for g in (0, 1):
            gap = (more.core.values(asked)[g] - less.core.values(asked)[g]) / 2
            np.testing.assert_allclose(gap, moves[g][7], atol=0.1 * np.abs(moves[g][7]).max() + 1e-4)
        if noun == "paths":
            robust = both.paths()["std_error"].to_numpy().reshape(2, -1)
            np.testing.assert_allclose([core.linearized(m) for m in moves], robust, rtol=6e-3)
    assert both.index()["std_error"].between(0.5, 4).all()
    assert both.compare("A", "B", invariance=False)["std_error"].gt(0).all()
