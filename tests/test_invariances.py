"""What must not matter does not: order, units, names, copies, batches, threads of chance, hash seeds."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from test_groups import SMALL
from test_index import ECSI, mixed_answers, mixed_model

import csi

FINE = csi.PLS(tolerance=1e-12)
NOUNS = ("index", "paths", "weights", "r2", "impacts", "effects")
METHODS = [
    FINE,
    csi.PLS(scheme="centroid", standardized=False, tolerance=1e-12),
    csi.PLS(scheme="factorial", modes={"image": "B", "value": "unit"}, tolerance=1e-12),
]


def tables(fit: csi.Fit, nouns=NOUNS) -> dict[str, pd.DataFrame]:
    return {noun: getattr(fit, noun)() for noun in nouns}


def same(ours: csi.Fit, theirs: csi.Fit, tolerance: float = 1e-8, nouns=NOUNS, sort: bool = True) -> None:
    for noun, table in tables(ours, nouns).items():
        other = getattr(theirs, noun)()
        if sort:
            table, other = table.sort_index(), other.sort_index()
        assert list(table.index) == list(other.index)
        np.testing.assert_allclose(table.to_numpy(), other.to_numpy(), rtol=0, atol=tolerance, err_msg=noun)


@pytest.mark.parametrize("method", METHODS)
def test_order_of_rows_and_columns(mobi, method):
    study = csi.Study(ECSI, method=method)
    shuffled = mobi.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    same(study.fit(mobi), study.fit(shuffled), 1e-7)
    assert study.fit(shuffled).scores().sort_index().index.equals(mobi.index)


@pytest.mark.parametrize("method", METHODS)
def test_order_of_constructs_items_and_paths(mobi, method):
    turned = csi.Model(
        "turned",
        {name: csi.Construct(block.items[::-1]) for name, block in reversed(list(ECSI.constructs.items()))},
        [(path.cause, path.effect) for path in reversed(ECSI.paths)], scale=(1, 10),
    )  # fmt: skip
    ours, theirs = csi.Study(turned, method=method).fit(mobi), csi.Study(ECSI, method=method).fit(mobi)
    same(ours, theirs, 1e-7)
    # Tables keep the order that the model says.
    assert ours.index().index.tolist() == [
        "satisfaction",
        *[name for name in turned.constructs if name != "satisfaction"],
    ]
    assert ours.paths().index.tolist() == [(path.cause, path.effect) for path in turned.paths]
    assert ours.loadings().index.tolist() == [
        (name, item.name) for name, c in turned.constructs.items() for item in c.items
    ]


@pytest.mark.parametrize("method", METHODS)
def test_affine_changes_of_items_with_their_scales(mobi, method):
    """An item in other units, on a scale in the same units, is the same item; turned round, a reversed one."""
    rng = np.random.default_rng(0)
    constructs, data = {}, mobi.astype(float)
    for name, block in ECSI.constructs.items():
        items = []
        for item in block.items:
            slope, intercept = rng.choice([-3.0, -0.5, 0.25, 2.0, 40.0]), rng.uniform(-5, 5)
            data[item.name] = intercept + slope * data[item.name]
            ends = sorted([intercept + slope, intercept + 10 * slope])
            items.append(csi.Item(item.name, scale=tuple(ends), reversed=bool(slope < 0)))
        constructs[name] = items
    changed = csi.Model("changed", constructs, [(p.cause, p.effect) for p in ECSI.paths])
    ours = csi.Study(changed, method=method).fit(data)
    same(ours, csi.Study(ECSI, method=method).fit(mobi), 1e-7)
    np.testing.assert_allclose(ours.scores(), csi.Study(ECSI, method=method).fit(mobi).scores(), atol=1e-7)
    assert ours.check().empty


def test_standardized_paths_do_not_know_the_scale(mobi):
    """With no scale at all and items in any units, standardized PLS finds the same paths, loadings and weights."""
    bare = csi.Model("bare", ECSI.constructs, [(p.cause, p.effect) for p in ECSI.paths])
    data = mobi * np.linspace(0.1, 30, 24) + np.linspace(-50, 50, 24)
    ours, theirs = csi.Study(bare, method=FINE).fit(data), csi.Study(ECSI, method=FINE).fit(mobi)
    same(ours, theirs, 1e-8, ("paths", "loadings", "weights", "r2", "effects"))


def test_far_from_zero_no_digits_are_lost(mobi):
    """Years as codes: answers between 2001 and 2010 have the same covariances as those between 1 and 10."""
    ours = csi.Study(ECSI.replace(scale=(2001, 2010)), method=FINE).fit(mobi + 2000)
    same(ours, csi.Study(ECSI, method=FINE).fit(mobi), 1e-9)
    far = csi.Study(ECSI.replace(scale=(1e6 + 1, 1e6 + 10)), method=FINE).fit(mobi + 1e6)
    same(far, csi.Study(ECSI, method=FINE).fit(mobi), 1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_every_row_twice(mobi, method):
    """Estimates of a doubled table are the same; standard errors are root two smaller."""
    study = csi.Study(ECSI, method=method)
    ours, theirs = study.fit(pd.concat([mobi, mobi])), study.fit(mobi)
    for noun in ("paths", "loadings", "index"):
        one, two = getattr(ours, noun)(), getattr(theirs, noun)()
        np.testing.assert_allclose(one["estimate"], two["estimate"], rtol=1e-8)
        np.testing.assert_allclose(one["std_error"] * np.sqrt(2), two["std_error"], rtol=5e-3, atol=1e-12)


def test_counts_are_repeated_rows(mobi):
    counts = np.random.default_rng(0).integers(0, 4, 250)
    ours = csi.Study(ECSI, method=FINE, design=csi.Design(count="n")).fit(mobi.assign(n=counts))
    theirs = csi.Study(ECSI, method=FINE).fit(mobi.loc[np.repeat(mobi.index, counts)])
    same(ours, theirs, 1e-8)
    np.testing.assert_allclose(ours.bootstrap(30, rng=1).paths(), theirs.bootstrap(30, rng=1).paths(), atol=1e-8)


def test_sampling_weights_times_a_constant(mobi):
    w = np.random.default_rng(0).uniform(0.5, 2, 250)
    study = csi.Study(ECSI, method=FINE, design=csi.Design(weight="w"))
    same(study.fit(mobi.assign(w=w)), study.fit(mobi.assign(w=1e4 * w)), 1e-8)


def test_one_group_of_all_is_no_group(mobi):
    ours = csi.Study(ECSI, method=FINE).fit(mobi.assign(all="x"), by="all")
    same(ours["x"], csi.Study(ECSI, method=FINE).fit(mobi), 1e-12)


def test_moments_in_codes_equal_answers(mobi):
    names = [item.name for item in ECSI.items][::-1]
    moments = csi.Moments(n=250, mean=mobi[names].mean(), cov=mobi[names].cov())
    for method in METHODS:
        ours, theirs = csi.Study(ECSI, method=method).fit(moments), csi.Study(ECSI, method=method).fit(mobi)
        for noun in ("index", "paths", "loadings", "weights"):
            np.testing.assert_allclose(
                getattr(ours, noun)()["estimate"], getattr(theirs, noun)()["estimate"], atol=1e-9
            )
        for noun in ("impacts", "effects", "r2"):
            np.testing.assert_allclose(getattr(ours, noun)(), getattr(theirs, noun)(), atol=1e-9)


def test_moments_in_codes_with_mixed_and_reversed_scales():
    data = mixed_answers().astype(float)
    moments = csi.Moments(n=len(data), mean=data.mean(), cov=data.cov())
    ours, theirs = csi.Study(mixed_model(), method=FINE).fit(moments), csi.Study(mixed_model(), method=FINE).fit(data)
    np.testing.assert_allclose(ours.index()["estimate"], theirs.index()["estimate"], rtol=1e-12)
    np.testing.assert_allclose(ours.impacts(), theirs.impacts(), rtol=1e-9)


@pytest.mark.parametrize("triangle", [np.tril, np.triu, lambda c: c])
def test_a_published_correlation_matrix_gives_the_same(mobi, triangle):
    names = [item.name for item in ECSI.items]
    printed = pd.DataFrame(triangle(mobi[names].corr()), names, names)
    printed = printed.where(printed != 0)
    theirs = csi.Study(ECSI, method=FINE).fit(mobi)
    bare = csi.Study(ECSI, method=FINE).fit(csi.Moments.from_table(printed, n=250))
    np.testing.assert_allclose(bare.paths()["estimate"], theirs.paths()["estimate"], atol=1e-9)
    np.testing.assert_allclose(bare.r2(), theirs.r2(), atol=1e-9)
    full = csi.Moments.from_table(printed, mean=mobi.mean(), sd=mobi.std(), n=250)
    fit = csi.Study(ECSI, method=FINE).fit(full)
    np.testing.assert_allclose(fit.index()["estimate"], theirs.index()["estimate"], atol=1e-9)
    np.testing.assert_allclose(fit.impacts(), theirs.impacts(), atol=1e-9)


def test_three_printed_digits_are_three_digits_of_a_path(mobi):
    """A table as printed in an article: correlations and moments to three digits."""
    names = [item.name for item in ECSI.items]
    printed = csi.Moments.from_table(
        mobi[names].corr().round(3), mobi[names].mean().round(2), mobi[names].std().round(2), n=250
    )
    ours, theirs = csi.Study(ECSI).fit(printed), csi.Study(ECSI).fit(mobi)
    assert (ours.paths()["estimate"] - theirs.paths()["estimate"]).abs().max() < 2e-3
    assert (ours.index()["estimate"] - theirs.index()["estimate"]).abs().max() < 0.05


def test_the_text_form_fits_the_same(mobi):
    read = csi.Model.parse(str(ECSI))
    assert read == ECSI
    same(csi.Study(read, method=FINE).fit(mobi), csi.Study(ECSI, method=FINE).fit(mobi), 0, sort=False)


def test_names_do_not_matter(mobi):
    """Chinese constructs and renamed items: the same numbers under other names."""
    chinese, theirs = ECSI.translate("zh"), csi.Study(ECSI, method=FINE).fit(mobi)
    ours = csi.Study(chinese, method=FINE).fit(mobi)
    for noun in NOUNS:
        np.testing.assert_allclose(getattr(ours, noun)(), getattr(theirs, noun)(), rtol=0, atol=0)
    assert ours.index().index[0] == "顾客满意度"
    renamed = ECSI.rename({"CUSA1": "满意 1", "image": "reputation"})
    other = csi.Study(renamed, method=FINE).fit(mobi.rename(columns={"CUSA1": "满意 1"}))
    np.testing.assert_allclose(other.paths(), theirs.paths(), rtol=0, atol=0)


@pytest.mark.parametrize("twin", [lambda fit: pickle.loads(pickle.dumps(fit)), copy.copy, copy.deepcopy])
def test_copies_are_the_same(mobi, twin):
    fit = csi.Study(SMALL, design=csi.Design(weight="w")).fit(mobi.assign(w=1.0, wave=[1, 2] * 125), by="wave")
    for one in (fit, fit.bootstrap(20, rng=1), fit[1]):
        other = twin(one)
        for noun in NOUNS:
            pd.testing.assert_frame_equal(getattr(one, noun)(), getattr(other, noun)(), check_exact=True)
        assert repr(one) == repr(other)


@pytest.mark.parametrize(
    "word", [csi.Study(ECSI, missing="em"), csi.PLS(modes={"image": "B", "value": {"PERV1": 1, "PERV2": 2}}), ECSI]
)
def test_words_pickle_compare_and_hash(word):
    twin = pickle.loads(pickle.dumps(word))
    assert twin == word
    assert repr(twin) == repr(word)
    assert hash(twin) == hash(word)


def test_a_fit_asked_twice_answers_alike(mobi):
    fit = csi.Study(ECSI).fit(mobi)
    first = tables(fit)
    fit.check()
    fit.bootstrap(10, rng=1).index()
    repr(fit)
    for noun, table in tables(fit).items():
        pd.testing.assert_frame_equal(table, first[noun], check_exact=True)


SCRIPT = """
import hashlib, sys
import numpy as np
import csi
data = csi.datasets.load("mobi").assign(wave=["first", "second"] * 125, w=np.linspace(0.5, 2, 250))
digest = hashlib.sha256()
for design in (None, csi.Design(weight="w")):
    fit = csi.Study(csi.models.scsb(items="mobi"), design=design).fit(data, by="wave")
    drawn = fit.bootstrap(40, rng=7)
    for one in (fit, drawn):
        for noun in ("index", "paths", "impacts", "indirect"):
            table = getattr(one, noun)()
            digest.update(np.ascontiguousarray(table.to_numpy().round(9)).tobytes())
            digest.update(repr(list(table.index)).encode())
    digest.update(drawn.compare("first", "second").round(9).to_csv().encode())
    digest.update(repr(drawn).encode())
    digest.update(fit.check().to_csv().encode())
digest.update(str(csi.models.ecsi()).encode())
print(digest.hexdigest())
"""


def test_hash_seeds_change_nothing():
    settings = {"encoding": "utf-8", "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = [
        subprocess.Popen([sys.executable, "-c", SCRIPT], env=os.environ | {"PYTHONHASHSEED": seed}, **settings)
        for seed in ("0", "4242")
    ]
    told = [process.communicate() for process in running]
    assert all(process.returncode == 0 for process in running), told[0][1]
    assert told[0][0] == told[1][0]
    assert len(told[0][0].strip()) == 64


def test_float_and_integer_answers_fit_alike(mobi):
    for kind in ("int8", "uint16", "float32", "float64"):
        same(csi.Study(SMALL, method=FINE).fit(mobi.astype(kind)), csi.Study(SMALL, method=FINE).fit(mobi), 1e-12)


def test_columns_that_are_not_asked_for_are_not_read(mobi):
    extra = mobi.assign(name="text", when=pd.Timestamp("2024-01-01"), nothing=np.nan, endless=np.inf)
    same(csi.Study(SMALL, method=FINE).fit(extra), csi.Study(SMALL, method=FINE).fit(mobi), 0, sort=False)
