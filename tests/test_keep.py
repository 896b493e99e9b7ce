"""A saved fit: every noun gives the same table again, digit for digit; nothing is executed, nothing leaks."""

from __future__ import annotations

import datetime
import json
import zipfile
from typing import get_args

import numpy as np
import pandas as pd
import pytest

import csi
from csi.errors import DataError, NotAvailable
from csi.methods.stages import HigherOrder

NOUNS = (
    "index", "impacts", "priorities", "scores", "paths", "effects", "indirect", "loadings", "weights", "r2",
    "correlations", "parameters", "check",
)  # fmt: skip


#: Where only the labels are in question, or every noun costs much.
FEW = ("index", "priorities")


def same(first: csi.Fit, second: csi.Fit, nouns=NOUNS) -> None:
    """The nouns, exactly."""
    assert first.study == second.study
    assert first.groups == second.groups
    for noun in nouns:
        pd.testing.assert_frame_equal(getattr(first, noun)(), getattr(second, noun)(), check_exact=True)
    assert repr(first) == repr(second)


def again(fit: csi.Fit, tmp_path, **options) -> csi.Fit:
    return csi.open(fit.save(tmp_path / "目录 with a blank" / "fit.csi", **options))


@pytest.fixture(scope="module")
def survey() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    data = csi.datasets.load("mobi")
    data["wave"] = np.where(np.arange(250) % 2, 2024, 2025)
    data["w"] = rng.uniform(0.5, 2, 250)
    data["town"] = [f"镇{i % 40}" for i in range(250)]
    data["phone"] = [f"139-{i:05d}" for i in range(250)]
    return data


METHODS = {
    "plain": csi.PLS(),
    "settings": csi.PLS(scheme="centroid", modes={"image": "B", "value": {"PERV1": 0.4, "PERV2": 0.6}}, tolerance=1e-9),
    "raw": csi.PLS(standardized=False),
    "consistent": csi.PLSc(),
    "covariances": csi.CBSEM("MLR"),
}


@pytest.mark.parametrize("method", METHODS)
def test_every_noun_again(method, survey, tmp_path):
    fit = csi.Study(csi.models.ecsi(), method=METHODS[method]).fit(survey)
    same(fit, again(fit, tmp_path))


def test_draws_groups_and_design(survey, tmp_path):
    study = csi.Study(csi.models.ecsi(), design=csi.Design(weight="w", cluster="town"))
    fit = study.fit(survey, by="wave").bootstrap(60, rng=7)
    back = again(fit, tmp_path)
    same(fit, back)
    for interval in ("percentile", "bca", "basic", "normal"):
        pd.testing.assert_frame_equal(fit.index(interval=interval), back.index(interval=interval), check_exact=True)
    pd.testing.assert_frame_equal(fit.replicates("paths"), back.replicates("paths"), check_exact=True)
    pd.testing.assert_frame_equal(fit.compare(2024, 2025), back.compare(2024, 2025), check_exact=True)
    same(fit[2024], back[2024])


def test_a_verb_on_an_opened_fit_draws_the_same(survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey)
    same(fit.bootstrap(40, rng=3), again(fit, tmp_path).bootstrap(40, rng=3))


@pytest.mark.parametrize("order", get_args(HigherOrder))
def test_second_order(order, survey, tmp_path):
    parts = {"product": ["PERQ1", "PERQ2", "PERQ3"], "service": ["PERQ4", "PERQ5"]}
    blocks = {**parts, "satisfaction": ["CUSA1", "CUSA2", "CUSA3"]}
    model = csi.Model("m", blocks, {"quality": "satisfaction"}, scale=(1, 10), higher={"quality": list(parts)})
    fit = csi.Study(model, method=csi.PLS(higher_order=order)).fit(survey).bootstrap(20, rng=1)
    same(fit, again(fit, tmp_path))


def test_ordered_answers_and_full_information(survey, tmp_path):
    blocks = {"quality": csi.items("PERQ", 4), "satisfaction": csi.items("CUSA", 3)}
    model = csi.Model("m", blocks, {"quality": "satisfaction"}, scale=(1, 10))
    holes = survey.astype({"PERQ1": float})
    holes.loc[3:20, "PERQ1"] = np.nan
    for method, missing, data in ((csi.CBSEM("WLSMV"), None, survey), (csi.CBSEM("ML"), "fiml", holes)):
        fit = csi.Study(model, method=method, missing=missing).fit(data)
        same(fit, again(fit, tmp_path), ("paths", "loadings", "check"))


@pytest.mark.parametrize("missing", ["pairwise", "listwise", "mean", "em"])
def test_missing_answers(missing, survey, tmp_path):
    holes = survey.astype({"IMAG1": float, "CUSA2": "Int64"})
    holes.loc[3:20, "IMAG1"] = np.nan
    holes.loc[15:30, "CUSA2"] = pd.NA
    model = csi.models.ecsi(items={"complaints": csi.Item("CUSCO", scale=(1, 10), unknown=(10,))})
    fit = csi.Study(model, missing=missing).fit(holes)
    same(fit, again(fit, tmp_path), FEW if missing == "em" else NOUNS)


def test_moments_without_cases(survey, tmp_path):
    answers = survey.select_dtypes("number").drop(columns=["wave", "w"])
    moments = csi.Moments(n=250, mean=answers.mean(), cov=answers.cov())
    fit = csi.Study(csi.models.ecsi()).fit(moments).bootstrap(30, kind="normal", rng=1)
    back = again(fit, tmp_path)
    pd.testing.assert_frame_equal(fit.index(), back.index(), check_exact=True)
    with pytest.raises(NotAvailable):
        back.scores()


INDEXES = {
    "numbers": pd.Index(np.arange(250) * 3),
    "text": pd.Index([f"人{i}" for i in range(250)], name="受访者"),
    "days": pd.date_range("2024-01-01", periods=250, tz="Asia/Shanghai"),
    "levels": pd.MultiIndex.from_product([["a", "b"], range(125)], names=["half", "row"]),
    "categories": pd.CategoricalIndex(["low", "high"] * 125, categories=["low", "high"], ordered=True),
    "periods": pd.period_range("2024-01", periods=250, freq="M"),
    "mixed": pd.Index([None, "x", *range(248)], dtype=object),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_rows_keep_the_users_index(kind, survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey.set_axis(INDEXES[kind]))
    pd.testing.assert_frame_equal(fit.scores(), again(fit, tmp_path).scores(), check_exact=True)


LABELS = {
    "numbers": [2024, 2025],
    "text": ["二〇二四", "2025"],
    "truth": [False, True],
    "days": [pd.Timestamp("2024-05-01"), pd.Timestamp("2025-05-01")],
    "dates": [datetime.date(2024, 5, 1), datetime.date(2025, 5, 1)],
    "periods": [pd.Period("2024Q1"), pd.Period("2025Q1")],
    "intervals": [pd.Interval(0, 5), pd.Interval(5, 10)],
}


@pytest.mark.parametrize("kind", LABELS)
def test_groups_keep_their_labels(kind, survey, tmp_path):
    data = survey.assign(group=[LABELS[kind][i % 2] for i in range(250)])
    fit = csi.Study(csi.models.ecsi()).fit(data, by="group")
    same(fit, again(fit, tmp_path), FEW)


def test_several_columns_of_groups(survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey.assign(half=["a", "b"] * 125, wave="x"), by=["wave", "half"])
    same(fit, again(fit, tmp_path), FEW)


def test_nothing_else_of_the_users_table_is_in_the_file(survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey, by="wave")
    with zipfile.ZipFile(fit.save(tmp_path / "fit.csi")) as archive:
        assert not any(
            b"139-0" in archive.read(name) or "镇".encode() in archive.read(name) for name in archive.namelist()
        )
    with pytest.raises(DataError, match="town"):
        again(fit, tmp_path).compare(2024, 2025, standardize="town")
    kept = again(fit, tmp_path, columns=["phone"])
    pd.testing.assert_frame_equal(
        fit.compare(2024, 2025, pair="phone"), kept.compare(2024, 2025, pair="phone"), check_exact=True
    )


def test_a_column_to_keep_must_be_there(survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey)
    with pytest.raises(DataError, match="'phon' is not a column; did you mean 'phone'"):
        fit.save(tmp_path / "fit.csi", columns=["phon"])
    assert not list(tmp_path.iterdir())


def test_the_same_fit_gives_the_same_file(survey, tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(survey).bootstrap(20, rng=1)
    first, second = (fit.save(tmp_path / name).read_bytes() for name in ("a.csi", "b.csi"))
    assert first == second


def test_the_file_is_a_zip_of_json_and_npy(survey, tmp_path):
    with zipfile.ZipFile(csi.Study(csi.models.ecsi()).fit(survey).save(tmp_path / "fit.csi")) as archive:
        names = archive.namelist()
        header = json.loads(archive.read("header.json"))
    assert header["format"] == 1
    assert header["csi"] == csi.__version__
    assert csi.Model.parse(header["study"]["model"]["model"]) == csi.models.ecsi()
    assert all(name == "header.json" or name.endswith(".npy") for name in names)


# -- what is refused ----------------------------------------------------------------------------------------------


def rewritten(path, old: str, new: str):
    """The file with its header changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in members["header.json"]
    members["header.json"] = members["header.json"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


PLS = "csi.methods.pls.PLS"
# What is replaced in the header, by what, and what the error says.
CHANGES = {
    "a later layout": ('"format": 1', '"format": 99', "update csi"),
    "code of another package": (PLS, "os.path.PurePath", "none of this library"),
    "a function": (PLS, "csi.study.Study.fit", "none of this library|does not know"),
    "no record": (PLS, "csi.errors.DataError", "no word or record"),
    "an unknown class": (PLS, "csi.methods.pls.PLSX", "does not know"),
    "an unknown field": ('"tolerance"', '"tolerence"', "saved by csi"),
    "a wrong setting": ('"scheme": "path"', '"scheme": "paht"', "saved by csi"),
    "an unknown kind": ('"tuple"', '"tupel"', "tupel"),
    "no header of a fit": ('"core": {', '"cure": {', "not a saved fit"),
    "broken text": ('"core": {', '"core": {{', "damaged"),
    "a missing array": ('"core.stack.mean"', '"core.stack.maen"', "damaged"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_file_is_refused(what, survey, tmp_path):
    old, new, said = CHANGES[what]
    path = csi.Study(csi.models.ecsi()).fit(survey).save(tmp_path / "fit.csi")
    with pytest.raises(DataError, match=said):
        csi.open(rewritten(path, old, new))


def test_other_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="there is no file"):
        csi.open(tmp_path / "nothing.csi")
    (tmp_path / "text.csi").write_text("not a zip", encoding="utf-8")
    with pytest.raises(DataError, match="not a saved fit"):
        csi.open(tmp_path / "text.csi")
    with zipfile.ZipFile(tmp_path / "other.csi", "w") as archive:
        archive.writestr("hello.txt", "hello")
    with pytest.raises(DataError, match="not a saved fit"):
        csi.open(tmp_path / "other.csi")


def test_arrays_of_python_objects_are_refused(survey, tmp_path):
    path = csi.Study(csi.models.ecsi()).fit(survey).save(tmp_path / "fit.csi")
    np.save(tmp_path / "evil.npy", np.array([print], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["core.stack.mean.npy"] = (tmp_path / "evil.npy").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(DataError, match="damaged"):
        csi.open(path)


def test_labels_that_no_file_can_hold_are_refused(survey, tmp_path):
    index = pd.Index([complex(i) for i in range(250)], dtype=object)
    fit = csi.Study(csi.models.ecsi()).fit(survey.set_axis(index))
    with pytest.raises(NotAvailable, match="complex"):
        fit.save(tmp_path / "fit.csi")
    assert not list(tmp_path.iterdir())
