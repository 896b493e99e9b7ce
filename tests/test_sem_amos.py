"""AMOS's measures against their relations to lavaan's, which has some of them with other multipliers."""

from __future__ import annotations

import numpy as np
from sem_models import build, mobi, moments, oracle

from csi.numerics.sem.amos import amos_measures
from csi.numerics.sem.estimate import estimate
from csi.numerics.sem.robust import independence
from csi.numerics.sem.summary import fit_summary

N = np.array([250.0])


def measures(n):
    built = build("ACSI")
    # AMOS's sample moments have divisor N, its statistic multiplier N - 1.
    covariance, _ = moments(mobi(built.items), 250)
    plain, base = (
        fit_summary(s, estimate(s, covariance, None, n), covariance, None, n, N)
        for s in (built.structure, independence(built.structure))
    )
    return amos_measures(built.structure, plain, base, N)


def test_the_wishart_statistic_and_what_follows_from_it():
    ours = measures(N - 1)
    theirs = oracle("ACSI_ML_wishart")["fit"]
    names = {"cmin": "chisq", "df": "df", "p": "pvalue", "cfi": "cfi", "tli": "tli", "nfi": "nfi", "rfi": "rfi",
             "ifi": "ifi", "pnfi": "pnfi", "rmsea": "rmsea", "rmsea_low": "rmsea.ci.lower",
             "rmsea_high": "rmsea.ci.upper", "pclose": "rmsea.pvalue"}  # fmt: skip
    for mine, his in names.items():
        np.testing.assert_allclose(ours[mine][0], theirs[his], rtol=1e-6, atol=1e-12, err_msg=mine)
    plain = oracle("ACSI_ML_polished")["fit"]
    for name in ("gfi", "agfi", "pgfi", "rmr"):
        np.testing.assert_allclose(ours[name][0], plain[name], rtol=1e-8, err_msg=name)
    np.testing.assert_allclose(ours["cmin"][2], theirs["baseline.chisq"], rtol=1e-9)


def test_definitions():
    ours = measures(N - 1)
    c, q = ours["cmin"], ours["npar"]
    np.testing.assert_array_equal(q, [46, 190, 19])
    np.testing.assert_allclose(ours["fmin"] * 249, c)
    np.testing.assert_allclose(ours["aic"], c + 2 * q)
    np.testing.assert_allclose(ours["bcc"], c + 2 * q * 249 / (250 - 19 - 2))
    np.testing.assert_allclose(ours["caic"] - ours["bic"], q)
    np.testing.assert_allclose(ours["ecvi"] * 249, ours["aic"])
    np.testing.assert_allclose(ours["pcfi"][0], ours["cfi"][0] * 144 / 171)
    assert ours["nfi"].tolist()[1:] == [1.0, 0.0]
    assert ours["cfi"].tolist()[1:] == [1.0, 0.0]
    assert np.isnan(ours["rmsea"][1])
    # lavaan's critical N, with multiplier N, before it is cut to a whole number: 145.707.
    assert ours["hoelter_05"][0] == 145


def test_the_multiplier_of_the_fit_does_not_matter():
    one, two = measures(N), measures(N - 1)
    for name in one:
        np.testing.assert_allclose(one[name], two[name], rtol=1e-9, err_msg=name)
