"""PLS, PLSc and CB-SEM of one model in one table."""

from __future__ import annotations

import numpy as np
import pytest
from cbsem_oracles import ACSI, ECSI, mobi

import csi
from csi.errors import SettingsError
from csi.results.side_by_side import side_by_side


@pytest.fixture(scope="module")
def fits():
    methods = {"PLS": csi.PLS(), "PLSc": csi.PLSc(), "CB-SEM": csi.CBSEM()}
    return {name: csi.Study(ACSI, method=method).fit(mobi()) for name, method in methods.items()}


@pytest.mark.parametrize("of", ["paths", "loadings", "index", "r2", "impacts", "correlations", "indirect"])
def test_columns_are_the_fits(fits, of):
    table = side_by_side(fits, of=of)
    assert table.columns.tolist() == list(fits)
    for name, fit in fits.items():
        noun = fit._noun(of)
        np.testing.assert_array_equal(table[name], fit.core.values(noun)[0])


def test_tidy_rows_have_errors(fits):
    table = side_by_side(fits, tidy=True)
    assert table.index.names == ["cause", "effect", "fit"]
    assert table.index[:3].get_level_values("fit").tolist() == list(fits)
    own = table.xs("CB-SEM", level="fit")
    np.testing.assert_allclose(own["std_error"], fits["CB-SEM"].paths()["std_error"], rtol=1e-12)


def test_models_that_differ_have_blanks(fits):
    table = side_by_side({"with": csi.Study(ECSI).fit(mobi()), "without": fits["PLS"]})
    assert table.loc[("image", "loyalty")].isna().tolist() == [False, True]


def test_what_it_refuses(fits):
    with pytest.raises(SettingsError, match="two fits"):
        side_by_side({"PLS": fits["PLS"]})
    with pytest.raises(SettingsError, match="not a noun"):
        side_by_side(fits, of="paht")
