"""One pass over tables of any size: the same numbers as in memory, from whatever holds the answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import dask.dataframe as dd
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
import pytest
from scipy.stats import invwishart, wishart

import csi
from csi.cli import main
from csi.numerics import pooling
from csi.passes import batches, folding

MODEL = csi.models.ecsi()
ITEMS = [item.name for item in MODEL.items]
WEIGHT = csi.Design(weight="w")


def answers(blanks: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """The mobile phone survey in two waves of five companies, weighted; some answers may be blank."""
    data = csi.datasets.load("mobi").astype("Int8")
    data = data.mask(np.random.default_rng(seed).random(data.shape) < blanks)
    return data.assign(
        wave=[2024, 2025] * 125, company=list("abcde") * 50, w=np.linspace(0.5, 2, 250), person=range(250)
    )


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    """Batches of seventy rows and pieces of eleven: their seams must not show."""
    monkeypatch.setattr(batches, "ROWS", 70)
    monkeypatch.setattr(folding, "PIECE", 11)


def assert_same(found: csi.Moments, known: csi.Moments, drawn: bool = True) -> None:
    assert found.groups == known.groups
    np.testing.assert_allclose(found.n, known.n)
    np.testing.assert_allclose(found.mean, known.mean, rtol=1e-12)
    np.testing.assert_allclose(found.cov, known.cov, rtol=1e-10, atol=1e-12)
    for mine, its in zip(found.drawn, known.drawn, strict=True) if drawn else ():
        np.testing.assert_allclose(mine.mean, its.mean, rtol=1e-12)
        np.testing.assert_allclose(mine.cov, its.cov, rtol=1e-9, atol=1e-10)


# -- the numbers of the fit in memory --------------------------------------------------------------------------


@pytest.mark.parametrize("by", [None, ["wave", "company"]])
@pytest.mark.parametrize(
    ("design", "missing", "blanks"),
    [
        (None, "pairwise", 0),
        (None, "listwise", 0.02),
        (WEIGHT, "pairwise", 0),
        (WEIGHT, "pairwise", 0.02),
        (WEIGHT, "listwise", 0.02),
        (WEIGHT, "mean", 0.02),
        (csi.Design(count="times"), "pairwise", 0.02),
    ],
)
def test_fits_of_a_pass_are_those_in_memory(by, design, missing, blanks):
    data = answers(blanks).assign(times=[0, 1, 2, 3, 1] * 50)
    in_memory = csi.Study(MODEL, design=design, missing=missing).fit(data, by=by)
    passed = csi.Study(MODEL, missing=missing).fit(csi.moments(data, MODEL, by, design, missing=missing))
    pd.testing.assert_series_equal(passed.n, in_memory.n)
    for noun in ("index", "paths", "weights", "impacts", "r2"):
        mine, its = getattr(passed, noun)(), getattr(in_memory, noun)()
        columns = [name for name in ("estimate", "direct", "total", "r2") if name in its]
        pd.testing.assert_frame_equal(mine[columns], its[columns], rtol=1e-10, atol=1e-12)


def test_weights_of_zero_are_out_and_a_group_of_them_is_said():
    data = answers().assign(w=lambda table: np.where(table["company"] == "c", 0, table["w"]))
    in_memory = csi.Study(MODEL, design=WEIGHT).fit(data, by="company")
    passed = csi.Study(MODEL).fit(csi.moments(data, MODEL, "company", WEIGHT))
    assert passed.n["c"] == 0
    pd.testing.assert_frame_equal(passed.index()[["estimate"]], in_memory.index()[["estimate"]], rtol=1e-10)
    assert passed.check().query("code == 'group_not_estimated'")["group"].tolist() == ["c"]


def test_unknown_codes_and_reversed_items_are_those_of_the_model():
    items = [csi.Item("a1", unknown=(98, 99)), "a2", csi.Item("a3", reversed=True)]
    model = csi.Model("m", {"a": items, "b": ["b1", "b2"]}, {"a": ["b"]}, index="b", scale=(1, 10))
    drawn = csi.simulate(model, 300, rng=1)
    drawn.loc[::7, "a1"] = 99
    fit, passed = csi.Study(model).fit(drawn), csi.Study(model).fit(csi.moments(drawn, model))
    pd.testing.assert_frame_equal(passed.index()[["estimate"]], fit.index()[["estimate"]], rtol=1e-10)
    assert csi.moments(drawn, model).facts.loc["a1", ["unknown", "blanks"]].tolist() == [43, 43]
    other = csi.moments(drawn, model.replace(constructs={**model.constructs, "a": csi.Construct(["a1", "a2", "a3"])}))
    with pytest.raises(csi.errors.DataError, match="codes that mean unknown are not those of the pass: a1"):
        csi.Study(model).fit(other)


def test_answers_outside_the_scale_are_counted_and_doubted_as_in_memory():
    data = answers()
    data.loc[:4, "IMAG1"], data.loc[:9, "IMAG2"] = 99, 12
    passed = csi.moments(data, MODEL)
    assert passed.facts["outside"].loc[["IMAG1", "IMAG2", "IMAG3"]].tolist() == [5, 10, 0]
    mine, its = (csi.Study(MODEL).fit(each).check() for each in (passed, data))
    codes = ["left_code", "outside_scale"]
    pd.testing.assert_frame_equal(mine[mine["code"].isin(codes)], its[its["code"].isin(codes)])
    assert its["code"].isin(codes).sum() == 2


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_sums_are_shifted(offset):
    model = csi.Model("m", {"a": ["a1", "a2"], "b": ["b1", "b2"]}, {"a": ["b"]}, index="b")
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.standard_normal((500, 1)) + rng.standard_normal((500, 4)), columns=["a1", "a2", "b1", "b2"])
    whole = csi.moments(data + offset, model)
    np.testing.assert_allclose(whole.cov[0], (data + offset).cov().to_numpy(), rtol=1e-12 if offset < 1e9 else 1e-7)
    parts = csi.moments(data[:1] + offset, model) + csi.moments(data[1:] + offset, model)
    np.testing.assert_allclose(parts.cov[0], whole.cov[0], rtol=1e-10 if offset < 1e9 else 1e-6)


@pytest.mark.parametrize(
    "kind", ["int8", "uint8", "int16", "uint16", "int64", "float32", "float64", "bool", object, "Int64"]
)
def test_every_kind_of_number_is_read(kind):
    model = csi.Model("m", {"a": ["a1", "a2"], "b": ["b1"]}, {"a": ["b"]}, index="b", scale=(0, 1))
    data = pd.DataFrame(np.random.default_rng(1).integers(0, 2, (80, 3)), columns=["a1", "a2", "b1"])
    np.testing.assert_allclose(csi.moments(data.astype(kind), model).cov[0], data.cov().to_numpy(), rtol=1e-12)


def test_wide_codes_do_not_run_over():
    model = csi.Model("m", {"a": ["a1"], "b": ["b1"]}, {"a": ["b"]}, index="b", scale=(-127, 127))
    data = pd.DataFrame({"a1": np.tile([-128, 127, 0, 5], 20), "b1": np.tile([127, -128, 3], 27)[:80]}, dtype=np.int8)
    np.testing.assert_allclose(csi.moments(data, model).cov[0], data.astype(float).cov().to_numpy(), rtol=1e-12)


# -- the same from every back end ------------------------------------------------------------------------------

ASKED = {"by": ["wave", "company"], "design": csi.Design(weight="w", cluster="person"), "replicates": 6, "rng": 5}


@pytest.fixture(scope="module")
def known():
    return csi.moments(answers(0.01), MODEL, **ASKED)


def back_ends(folder) -> dict[str, object]:
    data = answers(0.01)
    arrow = pa.Table.from_pandas(data)
    pq.write_table(arrow, folder / "whole.parquet", row_group_size=60)
    data.to_csv(folder / "whole.csv", index=False)
    data.to_csv(folder / "whole.tsv.gz", index=False, sep="\t")
    parts = folder / "parts"
    for wave, own in data.groupby("wave"):
        (parts / f"wave={wave}").mkdir(parents=True)
        for number in range(3):
            table = pa.Table.from_pandas(own.drop(columns="wave").iloc[number::3])
            pq.write_table(table, parts / f"wave={wave}" / f"part-{number}.parquet")
    (parts / "_SUCCESS").touch()
    with pa.ipc.new_file(folder / "whole.arrow", arrow.schema) as file:
        file.write_table(arrow, 90)
    eager = pl.from_arrow(arrow)
    return {
        "pandas": data,
        "columns": {name: data[name].to_numpy() for name in data},
        "polars": eager,
        "polars lazy": eager.lazy(),
        "polars scan": pl.scan_parquet(folder / "whole.parquet"),
        "arrow": arrow,
        "arrow reader": arrow.to_reader(40),
        "record batches": iter(arrow.to_batches(40)),
        "pieces of pandas": (data[at : at + 100] for at in range(0, 250, 100)),
        "pieces of polars": (eager[at : at + 100] for at in range(0, 250, 100)),
        "duckdb": duckdb.from_arrow(arrow),
        "duckdb file": duckdb.sql(f"from '{(folder / 'whole.parquet').as_posix()}'"),
        "dask": dd.from_pandas(data, npartitions=4),
        "parquet": folder / "whole.parquet",
        "pattern": str(folder / "*.parquet"),
        "arrow file": folder / "whole.arrow",
        "csv": str(folder / "whole.csv"),
        "tsv": folder / "whole.tsv.gz",
        "folder": parts,
    }


def test_every_back_end_gives_the_same(tmp_path, known):
    for name, source in back_ends(tmp_path).items():
        try:
            assert_same(csi.moments(source, MODEL, **ASKED), known)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


class StandIn:
    """What a pass asks of a table of Spark, where there is no Spark: columns, and partitions folded one by one."""

    __module__ = "pyspark.sql.stand_in"

    def __init__(self, table: pa.Table, folded: list[pa.RecordBatch] | None = None) -> None:
        self.table, self.folded, self.columns = table, folded, table.column_names

    def select(self, *names: str) -> StandIn:
        return StandIn(self.table.select([name.strip("`") for name in names]))

    def mapInArrow(self, fold, schema: str) -> StandIn:
        assert schema == "sums binary"
        ends = [(0, 100), (100, 0), (100, 150)]
        parts = [self.table.slice(begin, size).to_batches(30) for begin, size in ends]
        return StandIn(self.table, [batch for part in parts for batch in fold(iter(part))])

    def toLocalIterator(self):
        yield from ((value,) for batch in self.folded for value in batch.column(0).to_pylist())


def spark_table(data: pd.DataFrame):
    """A table of real Spark where it and Java are installed, of its stand-in otherwise."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        return StandIn(pa.Table.from_pandas(data)), None
    if not shutil.which("java"):
        return StandIn(pa.Table.from_pandas(data)), None
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    plain = data.astype(dict.fromkeys(ITEMS, "float")).astype(object).where(data.notna(), None)
    rows = [tuple(row) for row in plain.itertuples(index=False)]
    kinds = ", ".join(f"{name} {kind}" for name, kind in zip(data, SPARK_KINDS, strict=True))
    return session.createDataFrame(rows, kinds).repartition(3), session


SPARK_KINDS = ["double"] * len(ITEMS) + ["long", "string", "double", "long"]


@pytest.mark.filterwarnings("ignore")
def test_spark_folds_partitions_in_its_executors(known):
    table, session = spark_table(answers(0.01))
    try:
        assert_same(csi.moments(table, MODEL, **ASKED), known)
        with pytest.raises(csi.NotAvailable, match="no order of rows"):
            csi.moments(table, MODEL, replicates=5, rng=1)
    finally:
        if session is not None:
            session.stop()


def test_a_process_of_a_cluster_gets_only_plain_words():
    code = "import pickle, sys; from csi.passes.plan import Plan; print(pickle.load(sys.stdin.buffer).items[0])"
    import pickle

    from csi.passes.plan import plan

    asked = plan(MODEL, "wave", WEIGHT, "pairwise", 10, 1, 1e9)
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(asked), capture_output=True, check=True)
    assert done.stdout.split() == [b"IMAG1"]


# -- what is wrong is named ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    for number in range(3):
        pq.write_table(pa.Table.from_pandas(answers()[number::3]), tmp_path / f"part-{number}.parquet")
    return tmp_path


def cut(path):
    path.write_bytes(path.read_bytes()[:-300])


def overwritten(path):
    content = path.read_bytes()
    path.write_bytes(content[:300] + bytes(800) + content[1100:])


def emptied(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [cut, overwritten, emptied])
def test_a_damaged_part_is_named(folder, harm):
    harm(folder / "part-1.parquet")
    for source in (folder, str(folder / "*.parquet")):
        with pytest.raises(csi.errors.DataError, match=r"part-1\.parquet: this parquet file cannot be read"):
            csi.moments(source, MODEL)


def test_every_damaged_part_is_named_at_once(folder):
    cut(folder / "part-0.parquet")
    emptied(folder / "part-2.parquet")
    pq.write_table(pa.table({"IMAG1": [1]}), folder / "part-1.parquet")
    with pytest.raises(csi.errors.DataError) as caught:
        csi.moments(folder, MODEL)
    said = str(caught.value)
    assert "part-0.parquet: this" in said
    assert "part-1.parquet: item 'IMAG2' is not a column" in said
    assert "part-2.parquet: this" in said


def test_nothing_in_a_folder_is_left_out_in_silence(folder):
    (folder / "part-3.parquet.tmp").write_bytes(b"half")
    with pytest.raises(csi.errors.DataError, match=r"holds part-3\.parquet\.tmp, which is none of"):
        csi.moments(folder, MODEL)
    (folder / "part-3.parquet.tmp").rename(folder / "_notes")
    assert csi.moments(folder, MODEL).n == 250
    (folder / "_temporary").mkdir()
    with pytest.raises(csi.errors.DataError, match="did not finish"):
        csi.moments(folder, MODEL)


def test_a_csv_file_that_breaks_off_within_a_line_is_named(tmp_path):
    answers().to_csv(tmp_path / "a.csv", index=False)
    content = (tmp_path / "a.csv").read_bytes()
    (tmp_path / "b.csv").write_bytes(content[: len(content) // 2])
    with pytest.raises(csi.errors.DataError, match=r"b\.csv: this csv file cannot be read"):
        csi.moments(str(tmp_path / "*.csv"), MODEL)


def test_labels_that_no_row_has_are_no_groups():
    arrow = pa.Table.from_pandas(answers().astype({"company": "category"}))
    chosen = arrow.filter(pa.compute.equal(arrow["company"], "b"))
    assert csi.moments(chosen, MODEL, "company").groups == ("b",)
    assert csi.moments(answers().astype({"company": "category"})[:2], MODEL, "company").groups == ("a", "b")
    holed = arrow.set_column(arrow.column_names.index("w"), "w", pa.array([1.0, np.nan] * 125))
    with pytest.raises(csi.errors.DataError, match="by column 'w' has"):
        csi.moments(holed, MODEL, "w")


def test_a_study_may_name_the_weights_that_the_pass_used():
    study = csi.Study(MODEL, design=WEIGHT)
    found = study.fit(csi.moments(answers(), MODEL, design=WEIGHT)).index()
    pd.testing.assert_frame_equal(found[["estimate"]], study.fit(answers()).index()[["estimate"]], rtol=1e-10)
    with pytest.raises(csi.errors.DataError, match="design= divides or weights cases"):
        study.fit(csi.moments(answers(), MODEL))


@pytest.mark.parametrize(
    ("change", "asked", "said"),
    [
        ({"IMAG1": "good"}, {}, "item 'IMAG1' holds text, such as 'good'"),
        ({"IMAG1": np.inf}, {}, r"item 'IMAG1' holds infinite values \(70\)"),
        ({"w": -1.0}, {"design": WEIGHT}, "weight 'w' is negative in 70 cases"),
        ({"w": np.nan}, {"design": WEIGHT}, "weight 'w' has 70 blanks"),
        ({"w": 0.0}, {"design": WEIGHT}, "weight 'w' is 0 in every case"),
        ({"w": 0.5}, {"design": csi.Design(count="w")}, "count 'w' is not whole"),
        ({"company": None}, {"by": "company"}, "by column 'company' has 70 blanks"),
        ({"IMAG1": np.nan}, {"missing": "listwise"}, "no case answered every item"),
        ({}, {"by": "compny"}, "by column 'compny' is not a column; did you mean 'company'"),
        ({}, {"design": csi.Design(weight="weight")}, "weight 'weight' is not a column"),
    ],
)
def test_bad_columns_are_named(change, asked, said):
    data = answers().assign(**change)
    with pytest.raises(csi.errors.DataError, match=said):
        csi.moments(data, MODEL, **asked)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"missing": "em"}, csi.errors.SettingsError, "missing"),
        ({"replicates": 1}, csi.errors.SettingsError, "replicates must be 0 or a whole number"),
        ({"replicates": 5, "design": csi.Design(stratum="wave")}, csi.NotAvailable, "know no strata"),
        ({"replicates": 5, "design": csi.Design(count="w")}, csi.NotAvailable, "repeat the rows"),
        ({"design": csi.Design(replicates=["a", "b"], kind="brr")}, csi.NotAvailable, "are not added up"),
        ({"by": "person", "replicates": 200, "memory": 1e6}, csi.errors.SettingsError, "raise memory="),
    ],
)
def test_what_a_pass_cannot_give_is_said(asked, error, said):
    with pytest.raises(error, match=said):
        csi.moments(answers(), MODEL, **asked)


@pytest.mark.parametrize("source", ["nowhere/*.parquet", "nowhere.csv", 7, np.zeros((3, 3)), iter([]), answers()[:0]])
def test_no_answers_are_no_moments(source):
    with pytest.raises(csi.errors.DataError):
        csi.moments(source, MODEL)


def test_a_model_comes_second():
    with pytest.raises(csi.errors.ModelError, match="model must be a csi"):
        csi.moments(answers(), ITEMS)


# -- replicates ------------------------------------------------------------------------------------------------


def test_replicates_depend_on_no_batch_no_other_group_and_begin_alike(monkeypatch):
    data = answers(0.01)
    asked = {"by": "company", "design": WEIGHT, "rng": 5}
    known = csi.moments(data, MODEL, replicates=9, **asked)
    monkeypatch.setattr(folding, "DRAWN", 4)
    monkeypatch.setattr(batches, "ROWS", 33)
    assert_same(csi.moments(data, MODEL, replicates=9, **asked), known)
    more = csi.moments(data, MODEL, replicates=13, **asked)
    np.testing.assert_allclose(more.drawn[2].cov[:, :9], known.drawn[2].cov, rtol=1e-9)
    alone = csi.moments(data[data["company"] == "c"], MODEL, replicates=9, **asked)
    np.testing.assert_allclose(alone.drawn[0].cov, known.drawn[2].cov, rtol=1e-9)


def test_files_may_come_in_any_order_and_people_in_any(tmp_path, monkeypatch):
    data = answers(0.01)
    for number in range(3):
        pq.write_table(pa.Table.from_pandas(data[number::3]), tmp_path / f"p{number}.parquet")
    asked = {"by": "company", "replicates": 5, "rng": 5}
    whole = csi.moments(tmp_path, MODEL, **asked)
    apart = [csi.moments(tmp_path / f"p{number}.parquet", MODEL, **asked) for number in (2, 0, 1)]
    assert_same(apart[0] + apart[1] + apart[2], whole)
    people = asked | {"design": csi.Design(cluster="person")}
    shuffled = data.sample(frac=1, random_state=1)
    assert_same(csi.moments(shuffled, MODEL, **people), csi.moments(tmp_path, MODEL, **people))
    texts = shuffled.astype({"person": str})
    assert_same(csi.moments(texts, MODEL, **people), csi.moments(tmp_path, MODEL, **people))


def test_poisson_errors_are_those_of_the_bootstrap():
    data = answers()
    fit = csi.Study(MODEL).fit(data).bootstrap(2000, rng=1)
    passed = csi.Study(MODEL).fit(csi.moments(data, MODEL, replicates=2000, rng=1))
    for noun in ("index", "paths"):
        ratio = getattr(passed, noun)()["std_error"] / getattr(fit, noun)()["std_error"]
        assert ratio.between(0.9, 1.1).all()
    clustered = csi.Design(cluster="cluster")
    doubled = pd.concat([data, data]).assign(cluster=list(range(250)) * 2)
    twice = csi.Study(MODEL).fit(csi.moments(doubled, MODEL, None, clustered, 2000, rng=1))
    ratio = twice.index()["std_error"] / fit.index()["std_error"]
    assert ratio.between(0.9, 1.1).all()


# -- what a fit of moments gives ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fit():
    return csi.Study(MODEL).fit(csi.moments(answers(0.01), MODEL, "wave", WEIGHT, 40, 1))


def test_nouns_have_intervals_of_the_pass(fit, tmp_path):
    assert fit.index()["conf_low"].notna().all()
    assert "Poisson bootstrap in the pass" in repr(fit)
    assert "answers missing, treated pairwise" in repr(fit)
    assert fit.compare(2024, 2025)["p_value"].notna().all()
    assert fit.bootstrap().index().equals(fit.index())
    assert fit.bootstrap(20).replicates("index").shape[0] == 40
    assert csi.open(fit.save(tmp_path / "fit.csi")).index().equals(fit.index())
    for language in ("en", "zh"):
        fit.report(tmp_path / f"{language}.html", language=language)
    assert "Poisson bootstrap" in (tmp_path / "en.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "ask",
    [
        lambda fit: fit.scores(),
        lambda fit: fit.predictive(folds=2, rng=1),
        lambda fit: fit.jackknife(),
        lambda fit: fit.permute(10, rng=1),
        lambda fit: fit.bootstrap(50),
        lambda fit: fit.bootstrap(20, rng=1),
        lambda fit: fit.index(interval="bca"),
        lambda fit: csi.Study(MODEL, csi.CBSEM(estimator="FIML")).fit(csi.moments(answers(0.01), MODEL)),
        lambda fit: csi.Study(MODEL, missing="em").fit(csi.moments(answers(0.01), MODEL)),
        lambda fit: csi.Study(MODEL, csi.CBSEM()).fit(csi.moments(answers(0.01), MODEL)),
    ],
)
def test_what_moments_cannot_give_is_not_available(fit, ask):
    with pytest.raises(csi.NotAvailable):
        ask(fit)


def test_covariance_structures_are_fitted_to_moments_of_complete_cases():
    data = answers(0.01)
    small = csi.Model(
        "m", {"image": csi.items("IMAG", 5), "satisfaction": csi.items("CUSA", 3)}, {"image": ["satisfaction"]},
        index="satisfaction", scale=(1, 10),
    )  # fmt: skip
    in_memory = csi.Study(small, csi.CBSEM(), missing="listwise").fit(data)
    passed = csi.Study(small, csi.CBSEM()).fit(csi.moments(data, small, missing="listwise"))
    pd.testing.assert_frame_equal(passed.paths(), in_memory.paths(), rtol=1e-8)
    with pytest.raises(csi.errors.DataError, match="treats blanks listwise, and these moments were made pairwise"):
        csi.Study(small, missing="listwise").fit(csi.moments(data, small))


def test_groups_that_fail_stand_beside_those_that_succeed():
    data = answers()
    data.loc[data["company"] == "b", "IMAG1"] = 7
    few = data[(data["company"] != "d") | (data["person"] < 5)]
    fit = csi.Study(MODEL).fit(csi.moments(few, MODEL, "company"))
    known = csi.Study(MODEL).fit(few, by="company")
    pd.testing.assert_frame_equal(fit.index()[["estimate"]], known.index()[["estimate"]], rtol=1e-9)
    pd.testing.assert_frame_equal(fit.check(), known.check(), rtol=1e-6)
    assert fit.n["d"] == 1


# -- adding up ---------------------------------------------------------------------------------------------------


def test_parts_add_up_to_the_whole(known):
    data = answers(0.01)
    first, rest = data[:90].dropna(), data.drop(data[:90].dropna().index)
    parts = sum(csi.moments(part, MODEL, **ASKED) for part in (first, rest))
    assert_same(parts, known)
    pd.testing.assert_frame_equal(parts.facts, known.facts, check_dtype=False)
    assert parts.record.rows == 250


def test_items_in_another_order_add_up():
    swapped = csi.Model(
        "m", {name: MODEL.constructs[name] for name in reversed(list(MODEL.constructs))}, scale=(1, 10), paths={}
    )
    data = answers(0.01)
    both = csi.moments(data[:100], MODEL) + csi.moments(data[100:], swapped)
    assert_same(both, csi.moments(data, MODEL))


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"model": MODEL.without("complaints")}, "items are not the same: 'CUSCO'"),
        ({"model": MODEL.replace(scale=(0, 10))}, "has the scale 1-10 here and 0-10 there"),
        ({"missing": "listwise"}, "blanks are treated pairwise here and listwise there"),
        ({"by": "wave"}, "divided by"),
        ({"design": WEIGHT}, "no weights here and weights there"),
        ({"replicates": 4, "rng": 1}, "0 replicates here and 4 there"),
    ],
)
def test_different_moments_do_not_add_up(other, said):
    asked = {"model": MODEL, "by": "company"}
    with pytest.raises(csi.errors.DataError, match=said):
        csi.moments(answers(), **asked) + csi.moments(answers(), **(asked | other))


def test_unknown_codes_must_be_the_same():
    models = [
        csi.Model("m", {"a": [csi.Item("IMAG1", unknown=codes)], "b": ["CUSA1"]}, {"a": ["b"]}, scale=(1, 10))
        for codes in ((), (99,))
    ]
    with pytest.raises(csi.errors.DataError, match="unknown codes"):
        csi.moments(answers(), models[0]) + csi.moments(answers(), models[1])


def test_the_same_chance_is_not_used_for_two_parts():
    first, second = (csi.moments(part, MODEL, None, None, 4, 7) for part in (answers()[:100], answers()[100:]))
    with pytest.raises(csi.errors.DataError, match="a seed of its own"):
        first + second
    other = csi.moments(answers()[100:], MODEL, None, None, 4, 8)
    assert (first + other).replicates == 4
    people = csi.Design(cluster="person")
    with pytest.raises(csi.errors.DataError, match="same design and the same rng="):
        csi.moments(answers(), MODEL, None, people, 4, 7) + csi.moments(answers(), MODEL, None, people, 4, 8)


def test_given_moments_hold_no_sums():
    given = csi.Moments(n=10, mean=[1.0, 2.0], cov=np.eye(2), items=["a", "b"])
    with pytest.raises(csi.NotAvailable, match="were given, not added up"):
        given + given
    assert given.replicates == 0


# -- across a wall -------------------------------------------------------------------------------------------------


def test_moments_come_back_from_a_file(known, tmp_path):
    path = known.save(tmp_path / "moments.npz")
    again = csi.Moments.load(path)
    assert_same(again, known)
    pd.testing.assert_frame_equal(again.facts, known.facts, check_dtype=False)
    assert repr(again) == repr(known)
    content = path.read_bytes()
    assert content == known.save(tmp_path / "again.npz").read_bytes()
    assert b"pickle" not in content
    given = csi.Moments(
        n=[10, 20], mean=[[1.0, 2.0]], cov=np.array([np.eye(2)] * 2), items=["a", "b"], groups=["x", "y"]
    )
    back = csi.Moments.load(given.save(tmp_path / "given.npz"))
    assert (back.groups, back.items, back.by, back.n.tolist()) == (("x", "y"), ("a", "b"), ("group",), [10, 20])


@pytest.mark.parametrize("labels", [pd.date_range("2024-01-01", periods=2), [1.5, 2.5], [True, False], ["甲", "乙"]])
def test_labels_come_back_from_a_file(labels, tmp_path):
    made = csi.moments(answers().assign(group=list(labels) * 125), MODEL, "group")
    assert csi.Moments.load(made.save(tmp_path / "m.npz")).groups == made.groups


def test_small_groups_do_not_cross(tmp_path):
    data = answers()[:222].assign(company=["small"] * 6 + ["large"] * 100 + ["middle"] * 116)
    made = csi.moments(data, MODEL, "company", WEIGHT, 4, 99)
    path = made.save(tmp_path / "m.npz", minimum=10)
    crossed = csi.Moments.load(path)
    assert crossed.groups == ("large", "middle")
    assert repr(crossed) == "Moments(2 groups, n=216, 24 items, 4 replicates, 1 group below 10 cases withheld)"
    with np.load(path) as archive:
        header = bytes(archive["header"]).decode()
    assert "small" not in header
    assert "222" not in header
    assert '"withheld": 1' in header
    with pytest.raises(csi.NotAvailable, match="withheld"):
        _ = crossed.facts
    np.testing.assert_allclose(crossed.cov, made.cov[[0, 1]])
    with pytest.raises(csi.NotAvailable, match="no group has 1,000 cases"):
        made.save(tmp_path / "m.npz", minimum=1000)
    with pytest.raises(csi.errors.SettingsError, match="minimum"):
        made.save(tmp_path / "m.npz", minimum=0)


def test_items_that_few_answered_do_not_cross(tmp_path):
    data = answers()
    data.loc[(data["company"] == "a") & (data["person"] > 20), "IMAG1"] = pd.NA
    crossed = csi.Moments.load(csi.moments(data, MODEL, "company").save(tmp_path / "m.npz", minimum=10))
    assert crossed.groups == ("b", "c", "d", "e")


@pytest.mark.parametrize("harm", [cut, emptied, lambda path: path.write_bytes(b"not a file of moments at all")])
def test_damaged_files_of_moments_are_named(known, tmp_path, harm):
    path = known.save(tmp_path / "moments.npz")
    harm(path)
    with pytest.raises(csi.errors.DataError, match=r"moments\.npz' holds no moments, or it is damaged"):
        csi.Moments.load(path)


def test_files_that_are_no_moments_are_refused(known, tmp_path):
    with pytest.raises(csi.errors.DataError, match="there is no file"):
        csi.Moments.load(tmp_path / "nothing.npz")
    np.savez(tmp_path / "other.npz", x=np.arange(3))
    with pytest.raises(csi.errors.DataError, match="holds no moments"):
        csi.Moments.load(tmp_path / "other.npz")
    np.savez(tmp_path / "pickle.npz", header=np.array([{"a": 1}], dtype=object))
    with pytest.raises(csi.errors.DataError, match="holds no moments"):
        csi.Moments.load(tmp_path / "pickle.npz")
    later = np.frombuffer(b'{"format": 99, "csi": "9.9"}', np.uint8)
    np.savez(tmp_path / "later.npz", header=later)
    with pytest.raises(csi.errors.DataError, match=r"saved by csi 9\.9 .* update csi"):
        csi.Moments.load(tmp_path / "later.npz")


# -- small companies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strength", [5.0, 40.0])
def test_the_likeliest_strength_is_that_of_the_world(strength):
    rng, p = np.random.default_rng(1), 4
    common = np.full((p, p), 0.5) + 0.5 * np.eye(p)
    df = rng.integers(20, 120, 300).astype(float)
    own = [invwishart.rvs(strength + p + 1, strength * common, random_state=rng) for _ in df]
    seen = np.array([wishart.rvs(n, each / n, random_state=rng) for n, each in zip(df, own, strict=True)])
    assert pooling.likeliest_strength(seen, df) == pytest.approx(strength, rel=0.2)
    alike = np.array([wishart.rvs(n, common / n, random_state=rng) for n in df])
    assert pooling.likeliest_strength(alike, df) > 1000
    assert pooling.likeliest_strength(9 * seen, df) == pytest.approx(pooling.likeliest_strength(seen, df), rel=1e-3)


def test_common_weights_are_those_of_the_mean_covariances():
    data = answers()
    made = csi.moments(data, MODEL, "company", None, 20, 1)
    fit = csi.Study(MODEL).fit(made.pooled("common"))
    weights = [fit[company].weights()["estimate"] for company in "abcde"]
    assert np.ptp(weights, axis=0).max() < 1e-12
    within = (data[ITEMS].astype(float) - data.groupby("company")[ITEMS].transform("mean")).cov() * 249 / 245
    given = csi.Study(MODEL).fit(csi.Moments(n=250, mean=data[ITEMS].astype(float).mean(), cov=within))
    np.testing.assert_allclose(weights[0], given.weights()["estimate"], rtol=1e-6)
    known = csi.Study(MODEL).fit(data, by="company").index(weights=given)
    np.testing.assert_allclose(fit.index()["estimate"], known["estimate"], rtol=1e-6)
    assert fit.index()["std_error"].gt(0).all()
    assert "covariances of all groups are their common mean" in repr(fit)


def test_pooling_in_part_lies_between():
    made = csi.moments(answers(0.01), MODEL, "company", WEIGHT, 4, 1)
    own, part, whole = made, made.pooled(20), made.pooled("common")
    squares = np.array([each.squares for each in made.tallies])
    totals = answers().groupby("company")["w"].sum().to_numpy()
    share = 20 / (20 + totals**2 / squares - 1)
    np.testing.assert_allclose(part.shares, share)
    np.testing.assert_allclose(part.cov, share[:, None, None] * whole.cov + (1 - share)[:, None, None] * own.cov)
    assert part.replicates == 4
    assert "count for 20 cases" in part.record.pooling
    chosen = part.select(["CUSA2", "IMAG1"])
    np.testing.assert_allclose(chosen.drawn[1].cov[1], part.drawn[1].cov[ITEMS.index("CUSA2")])
    with pytest.raises(csi.NotAvailable, match="were pooled"):
        part + part
    with pytest.raises(csi.NotAvailable, match="once"):
        part.pooled()
    with pytest.raises(csi.errors.SettingsError, match="strength must be"):
        made.pooled("much")


def test_a_company_too_small_for_weights_of_its_own_has_an_index():
    data = answers()
    few = data[(data["company"] != "d") | (data["person"] < 5)]
    made = csi.moments(few, MODEL, "company")
    assert np.isnan(csi.Study(MODEL).fit(made).index().loc["d", "estimate"]).all()
    fit = csi.Study(MODEL).fit(made.pooled())
    assert fit.index().loc[("d", "satisfaction"), "estimate"] > 0
    assert (fit.check()["code"] == "few_cases").sum() == 1
    assert fit.check().query("code == 'few_cases'")["group"].tolist() == ["d"]


# -- the command line ---------------------------------------------------------------------------------------------


def test_csi_fit_passes_over_a_pattern_and_a_folder(folder, capsys):
    asked = ["--model", "ecsi", "--items", "mobi", "--by", "company,wave", "--weights", "w", "--resamples", "20"]
    assert main(["fit", str(folder / "*.parquet"), *asked]) == 0
    printed = capsys.readouterr().out
    assert "250 rows read in one pass" in printed
    assert "Poisson" in printed or "replicates" in printed
    known = csi.Study(MODEL).fit(csi.moments(answers(), MODEL, ["company", "wave"], WEIGHT)).index()
    assert f"{known.loc[('a', 2024, 'satisfaction'), 'estimate']:.2f}" in printed
    assert main(["fit", str(folder), *asked, "-o", str(folder.parent / "out")]) == 0
    assert (folder.parent / "out" / "tables" / "index.csv").is_file()
    cut(folder / "part-2.parquet")
    capsys.readouterr()
    assert main(["fit", str(folder), *asked]) != 0
    assert "part-2.parquet" in capsys.readouterr().err


def test_csi_fit_says_what_a_pass_cannot_do(folder, capsys):
    asked = ["fit", str(folder / "part-0.parquet"), "--one-pass", "--model", "ecsi", "--items", "mobi"]
    assert main([*asked, "--missing", "em"]) != 0
    assert "--missing pairwise or listwise" in capsys.readouterr().err
    assert main(asked) == 0
    assert "rows read in one pass" in capsys.readouterr().out


def test_categories_of_polars_are_groups_and_clusters():
    data = pl.from_pandas(answers().assign(person=[f"p{i % 60}" for i in range(250)]))
    coded = data.with_columns(pl.col("company", "person").cast(pl.Categorical))
    asked = {"by": "company", "design": csi.Design(cluster="person"), "replicates": np.int64(5), "rng": 1}
    one, two = (csi.moments(each, MODEL, **asked) for each in (data, coded))
    assert one.groups == two.groups
    assert np.array_equal([each.cov for each in one.drawn], [each.cov for each in two.drawn])
    with pytest.raises(csi.errors.DataError, match="by column 'company' has 1 blank"):
        csi.moments(coded.with_columns(pl.when(pl.col("w") > 0.5).then(pl.col("company"))), MODEL, by="company")


def test_the_least_group_may_be_a_number_of_numpy(tmp_path):
    moments = csi.moments(answers(), MODEL, by="company")
    assert csi.Moments.load(moments.save(tmp_path / "m.npz", minimum=np.int64(10))).groups == tuple("abcde")


def test_the_strength_of_pooling_may_be_a_number_of_numpy():
    moments = csi.moments(answers(), MODEL, by="company")
    assert np.array_equal(moments.pooled(np.int64(50)).cov, moments.pooled(50).cov)
