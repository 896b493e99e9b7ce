"""Bad input: a clear error or a doubt that names the culprit and what would be right; nothing silently changed."""

from __future__ import annotations

import decimal
import fractions

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from test_groups import SMALL
from test_index import ECSI

import csi
from csi.errors import DataError, EstimationError, ModelError, SettingsError

ITEMS = [item.name for item in ECSI.items]


def fit(data, model: csi.Model = ECSI, **words) -> csi.Fit:
    return csi.Study(model, **words).fit(data)


def message(error: type[Exception], call) -> str:
    with pytest.raises(error) as raised:
        call()
    text = str(raised.value)
    assert "np." not in text
    assert "Traceback" not in text
    return text


# -- columns --------------------------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_the_closest(mobi):
    text = message(DataError, lambda: fit(mobi.rename(columns={"CUSA2": "CUSA_2"})))
    assert "item 'CUSA2' is not a column; did you mean 'CUSA_2'?" in text


def test_several_missing_columns_are_named_at_once(mobi):
    text = message(DataError, lambda: fit(mobi.drop(columns=["CUSA2", "PERQ7", "CUSCO"])))
    assert "(3 problems)" in text
    assert all(name in text for name in ("'CUSA2'", "'PERQ7'", "'CUSCO'"))


@pytest.mark.parametrize("twin", ["cusa2", " CUSA2", "ＣＵＳＡ２", "CUSA 2"])
def test_a_column_that_differs_in_form_only_comes_with_the_mapping(mobi, twin):
    text = message(DataError, lambda: fit(mobi.rename(columns={"CUSA2": twin})))
    assert f"data.rename(columns={{{twin!r}: 'CUSA2'}})" in text
    assert fit(mobi.rename(columns={"CUSA2": twin}).rename(columns={twin: "CUSA2"})).n.tolist() == [250]


def test_a_doubled_column_is_named(mobi):
    text = message(DataError, lambda: fit(pd.concat([mobi, mobi[["PERV1"]]], axis=1)))
    assert "item 'PERV1' is a column 2 times; keep one of them" in text
    # A doubled column that nobody asks for does no harm.
    extra = pd.DataFrame({"x": range(250)})
    assert fit(pd.concat([mobi, extra, extra], axis=1)).n.tolist() == [250]


def test_numbered_columns_are_read_by_their_name_as_text(mobi):
    """A table from an array has columns 0, 1, 2; a model names them '0', '1', '2'."""
    data = pd.DataFrame(mobi[["PERQ1", "PERQ2", "CUSA1", "CUSA2"]].to_numpy())
    model = csi.Model(
        "numbered", {"quality": ["0", "1"], "satisfaction": ["2", "3"]}, {"quality": ["satisfaction"]}, scale=(1, 10)
    )
    named = csi.Model(
        "named",
        {"quality": ["PERQ1", "PERQ2"], "satisfaction": ["CUSA1", "CUSA2"]},
        {"quality": ["satisfaction"]},
        scale=(1, 10),
    )
    np.testing.assert_allclose(fit(data, model).index(), fit(mobi, named).index(), rtol=1e-12)
    grouped = csi.Study(model).fit(data.assign(**{"4": 0}).rename(columns={"4": 4}), by="4")
    assert grouped.groups == [0]


# -- values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("7", r"holds text, such as '7'.*pandas.to_numeric\(data\['CUSA1'\]\)"),
        ("very", "holds text, such as 'very'"),
        (pd.Timestamp("2024-01-01"), r"holds 2024-01-01 00:00:00 \(Timestamp\), which is no number"),
        (1 + 2j, "complex"),
        (np.inf, r"holds infinite values \(1 of 250\)"),
        (-np.inf, "infinite"),
    ],
)
def test_values_that_are_no_codes(mobi, value, said):
    column = mobi["CUSA1"].astype(object)
    column.iloc[100] = value
    if not isinstance(value, str | pd.Timestamp):
        column = pd.Series(column.to_list())
    with pytest.raises(
        DataError, match=f"item 'CUSA1' {said}" if not said.startswith("inf") and said != "complex" else said
    ):
        fit(mobi.assign(CUSA1=column))


def test_a_whole_column_of_text_or_dates(mobi):
    assert "holds text" in message(DataError, lambda: fit(mobi.assign(CUSA1=mobi["CUSA1"].astype(str))))
    assert "CUSA1" in message(DataError, lambda: fit(mobi.assign(CUSA1=pd.Timestamp("2024-01-01"))))
    assert "CUSA1" in message(DataError, lambda: fit(mobi.assign(CUSA1=pd.Categorical(mobi["CUSA1"].astype(str)))))


def test_all_bad_columns_are_named_at_once(mobi):
    data = mobi.astype({"CUSA1": str, "CUSL1": float})
    data.loc[3, "CUSL1"] = np.inf
    text = message(DataError, lambda: fit(data))
    assert "(2 problems)" in text
    assert "CUSA1" in text
    assert "CUSL1" in text


def test_infinity_beside_blanks(mobi):
    data = mobi.astype(float)
    data.loc[3, "CUSA1"], data.loc[4, "CUSA1"] = np.inf, np.nan
    assert "infinite values (1 of 250)" in message(DataError, lambda: fit(data))


def test_numbers_in_disguise_are_numbers(mobi):
    """Decimals, fractions, booleans, mixed ints and floats, categories of numbers: the same fit."""
    plain = fit(mobi).index()
    for made in (
        mobi.astype(object),
        mobi.map(decimal.Decimal),
        mobi.astype("Int64"),
        mobi.astype("Float32"),
        mobi.astype("int8"),
        mobi.astype("float16"),
        mobi.astype("category"),
        mobi.map(lambda x: np.int16(x) if x % 2 else float(x)).astype(object),
        mobi.assign(CUSA1=[fractions.Fraction(int(x)) for x in mobi["CUSA1"]]),
    ):
        pd.testing.assert_frame_equal(fit(made).index(), plain, rtol=1e-10)


@pytest.mark.parametrize("blank", [np.nan, None, pd.NA, pd.NaT, decimal.Decimal("NaN")])
def test_blanks_in_disguise_are_blanks(mobi, blank):
    plain = mobi.astype(float)
    plain.loc[7, "CUSA1"] = np.nan
    disguised = mobi.astype(object)
    disguised.loc[7, "CUSA1"] = blank
    pd.testing.assert_frame_equal(fit(disguised).index(), fit(plain).index())


def test_answers_outside_the_scale_are_a_doubt_and_stay(mobi):
    data = mobi.astype(float)
    data.loc[7, "CUSA1"] = 11
    table = fit(data).check()
    assert table["subject"].tolist() == ["CUSA1"]
    assert (
        fit(data).scores().loc[7, "satisfaction"]
        > fit(data.assign(CUSA1=data["CUSA1"].clip(upper=10))).scores().loc[7, "satisfaction"]
    )


# -- too little -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_rows(mobi, rows):
    text = message((DataError, EstimationError), lambda: fit(mobi.head(rows)))
    assert "no rows" in text or f"the data hold {rows} case" in text


def test_an_empty_table():
    assert "no rows" in message(DataError, lambda: fit(pd.DataFrame()))
    assert "no rows" in message(DataError, lambda: fit(pd.DataFrame(columns=ITEMS)))


def test_no_columns_but_rows():
    assert "IMAG1" in message(DataError, lambda: fit(pd.DataFrame(index=range(5))))


def test_fewer_cases_than_items_is_a_doubt(mobi):
    found = fit(mobi.head(12))
    assert "few_cases" in found.check()["code"].tolist()
    assert "equal" in found.check().set_index("code").loc["few_cases", "remedy"]
    assert found.index("equal")["estimate"].notna().all()


@pytest.mark.parametrize("value", [5, np.nan])
def test_constant_items_are_named_with_what_to_do(mobi, value):
    text = message(EstimationError, lambda: fit(mobi.assign(CUSA2=value, PERQ3=value)))
    assert "'PERQ3', 'CUSA2' do not vary" in text
    assert "model.without('PERQ3', 'CUSA2')" in text
    assert fit(mobi, ECSI.without("PERQ3", "CUSA2")).index()["estimate"].notna().all()


@pytest.mark.parametrize("method", [csi.PLS(), csi.PLS(standardized=False)])
def test_a_nearly_constant_item_is_estimated(mobi, method):
    """One other answer in 250 is little, not nothing; raw and standardized PLS both go on."""
    data = mobi.assign(CUSA2=5)
    data.loc[0, "CUSA2"] = 6
    assert fit(data, method=method).paths()["estimate"].notna().all()


# -- singular -------------------------------------------------------------------------------------------------


def test_a_singular_block_in_mode_b(mobi):
    """A copied item has no regression weight of its own; mode A does not mind."""
    data = mobi.assign(IMAG2=mobi["IMAG1"])
    text = message(EstimationError, lambda: fit(data, method=csi.PLS(modes={"image": "B"})))
    assert "linear combinations" in text
    assert "mode 'A'" in text
    assert fit(data).check()["code"].tolist() == ["duplicate_item"]
    assert fit(data).paths()["estimate"].notna().all()


def test_a_sum_among_the_items_in_mode_b(mobi):
    data = mobi.assign(IMAG5=mobi["IMAG1"] + mobi["IMAG2"] - mobi["IMAG3"])
    assert "linear combinations" in message(EstimationError, lambda: fit(data, method=csi.PLS(modes={"image": "B"})))


def test_fewer_cases_than_items_of_a_block_in_mode_b(mobi):
    assert "fewer cases than items" in message(
        EstimationError, lambda: fit(mobi.head(6), method=csi.PLS(modes={"quality": "B"}))
    )


def test_causes_that_are_the_same(mobi):
    model = csi.Model(
        "twins", {"a": ["PERQ1"], "b": ["PERQ2"], "c": ["CUSA1"]}, [("a", "c"), ("b", "c")], scale=(1, 10)
    )
    text = message(EstimationError, lambda: fit(mobi.assign(PERQ2=mobi["PERQ1"]), model))
    assert "linear combinations" in text


# -- weights --------------------------------------------------------------------------------------------------


def test_negative_and_all_zero_weights(mobi):
    study = csi.Study(ECSI, design=csi.Design(weight="w"))
    w = np.ones(250)
    w[:3] = -0.5
    assert "negative in 3 cases" in message(DataError, lambda: study.fit(mobi.assign(w=w)))
    assert "0 in every case" in message(DataError, lambda: study.fit(mobi.assign(w=0)))


def test_data_given_where_a_name_belongs(mobi):
    assert "names columns" in message(DataError, lambda: csi.Design(weight=mobi["CUSA1"]))


# -- models and settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: csi.Model("m", {"a": ["x"], "b": ["y"], "c": ["z"]}, [("a", "b"), ("b", "c"), ("c", "a")]),
            "a -> b -> c -> a",
        ),
        (
            lambda: csi.Model("m", {"a": ["x", "y"], "b": ["y"]}, [("a", "b")]),
            "item 'y' stands 2 times, in 'a' and 'b'",
        ),
        (lambda: csi.Model("m", {"a": ["x", "x"]}), "'x' stands 2 times"),
        (lambda: csi.Model("m", {"quality": ["x"], "value": ["y"]}, [("qualty", "value")]), "did you mean 'quality'"),
        (lambda: csi.Model("m", {"a": ["x"]}, index="b"), "the index 'b' is not a construct"),
        (lambda: csi.Model("m", {"a": ["x"], "b": ["y"]}, [("a", "a")]), "leads a construct to itself"),
        (
            lambda: csi.Study(csi.Model("m", {"a": ["x"], "b": ["y"], "alone": ["z"]}, [("a", "b")])),
            "'alone' has no path",
        ),
        (lambda: csi.Study("ecsi"), "begins with a model"),
        (lambda: csi.Study(pd.DataFrame()), r"The data come last: Study\(model\).fit\(data\)"),
    ],
)
def test_models_that_contradict_themselves(make, said):
    with pytest.raises(ModelError, match=said):
        make()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: csi.PLS(scheme="centriod"), "did you mean 'centroid'"),
        (lambda: csi.PLS(modes={"image": "C"}), "the mode of 'image' must be one of 'A', 'B', 'unit'"),
        (lambda: csi.Study(ECSI, method=csi.PLS(modes={"imgae": "B"})), "did you mean 'image'"),
        (lambda: csi.Study(ECSI, method=csi.PLS(modes={"value": {"PERV1": 1}})), "'PERV2' has no weight"),
        (lambda: csi.Study(ECSI, method=csi.PLS(modes={"value": {"PERV1": 1, "PERV3": 1}})), "'PERV3' is not its item"),
        (lambda: csi.Study(ECSI, method=csi.PLS(modes={"value": {"PERV1": 0, "PERV2": 0}})), "not all zero"),
        (lambda: csi.PLS(tolerance=0), "tolerance must be between 0 and 1"),
        (lambda: csi.PLS(tolerance="small"), "tolerance must be"),
        (lambda: csi.PLS(max_iter=0), "max_iter must be"),
        (lambda: csi.PLS(max_iter=2.5), "max_iter must be"),
        (lambda: csi.PLS(standardized="yes"), "standardized must be one of True, False"),
        (lambda: csi.Study(ECSI, method="pls"), r"csi.PLS\(\)"),
        (lambda: csi.Study(ECSI, design="w"), r"csi.Design\(weight="),
        (lambda: csi.Study(ECSI, missing="drop"), "missing must be one of"),
    ],
)
def test_settings_that_cannot_be(make, said):
    with pytest.raises(SettingsError, match=said):
        make()


@pytest.mark.parametrize("data", [None, 5, "mobi.csv", [[1, 2], [3, 4]], np.ones((5, 24)), pd.Series([1, 2])])
def test_what_is_no_table(data):
    text = message(DataError, lambda: fit(data))
    assert type(data).__name__ in text


# -- moments --------------------------------------------------------------------------------------------------


def small_moments(mobi: pd.DataFrame) -> tuple[list[str], pd.DataFrame]:
    names = [item.name for item in SMALL.items]
    return names, mobi[names].corr()


def test_moments_without_some_item(mobi):
    _, corr = small_moments(mobi)
    moments = csi.Moments.from_table(corr.drop("CUSA1").drop(columns="CUSA1"), n=250)
    assert "item 'CUSA1' is not among the moments" in message(DataError, lambda: csi.Study(SMALL).fit(moments))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.assign(PERQ1=c["PERQ1"] * 2), "diagonal must be 1"),
        (lambda c: c.replace(c.iloc[0, 1], 1.4), "outside -1 to 1"),
        (lambda c: c.mask(c == c.iloc[0, 1], np.nan), "blank on both sides"),
        (lambda c: c.iloc[:, :4], "square"),
    ],
)
def test_printed_tables_that_are_no_correlations(mobi, change, said):
    names, corr = small_moments(mobi)
    with pytest.raises(DataError, match=said):
        csi.Moments.from_table(change(corr), n=250)
    turned = corr.copy()
    turned.iloc[0, 1] += 0.1
    with pytest.raises(DataError, match=f"the two correlations of '{names[0]}' and '{names[1]}' differ"):
        csi.Moments.from_table(turned, n=250)


def test_moments_of_the_wrong_shape(mobi):
    _, corr = small_moments(mobi)
    for words, said in (
        ({"mean": [1, 2]}, "mean must hold 8 numbers"),
        ({"sd": {"PERQ1": 1}}, "sd has no entry for 'PERQ2'"),
        ({"n": 1}, "n must be above 1"),
    ):
        with pytest.raises(DataError, match=said):
            csi.Moments.from_table(corr, **({"n": 250} | words))
    with pytest.raises(DataError, match="names of their items"):
        csi.Moments(n=250, mean=None, cov=corr.to_numpy())


def test_groups_and_designs_of_moments_are_refused(mobi):
    _, corr = small_moments(mobi)
    moments = csi.Moments.from_table(corr, n=250)
    assert "moments have none" in message(DataError, lambda: csi.Study(SMALL).fit(moments, by="wave"))
    study = csi.Study(SMALL, design=csi.Design(weight="w"))
    assert "moments have none" in message(DataError, lambda: study.fit(moments))


def test_what_printed_correlations_cannot_give(mobi):
    """Without means and deviations there are paths and loadings, and no index; the error says what would supply it."""
    _, corr = small_moments(mobi)
    found = csi.Study(SMALL).fit(csi.Moments.from_table(corr, n=250))
    assert found.paths()["estimate"].notna().all()
    for noun in (found.index, found.impacts, lambda: found.what_if({"quality": 5}), found.priorities):
        text = message(csi.NotAvailable, noun)
        assert "mean" in text or "standard deviation" in text
    assert "cases" in message(csi.NotAvailable, found.scores)
    repr(found)


def test_raw_pls_of_printed_correlations_is_refused(mobi):
    names, corr = small_moments(mobi)
    study = csi.Study(SMALL, method=csi.PLS(standardized=False))
    text = message(csi.NotAvailable, lambda: study.fit(csi.Moments.from_table(corr, n=250)))
    assert "standard deviations" in text
    full = csi.Moments.from_table(corr, mean=mobi[names].mean(), sd=mobi[names].std(), n=250)
    np.testing.assert_allclose(study.fit(full).index()["estimate"], study.fit(mobi).index()["estimate"], rtol=1e-6)


def test_deviations_without_means_give_impacts_and_no_index(mobi):
    names, corr = small_moments(mobi)
    found = csi.Study(SMALL).fit(csi.Moments.from_table(corr, sd=mobi[names].std(), n=250))
    theirs = csi.Study(SMALL).fit(mobi)
    np.testing.assert_allclose(found.impacts(), theirs.impacts(), rtol=1e-5)
    assert "mean" in message(csi.NotAvailable, found.index)


# -- other tables ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "turn",
    [
        pl.from_pandas,
        lambda d: pl.from_pandas(d).lazy(),
        pa.Table.from_pandas,
        lambda d: d.astype("Int64"),
        lambda d: d.astype("int64[pyarrow]"),
        lambda d: d.astype("float[pyarrow]"),
        lambda d: d.to_dict("list"),
        lambda d: pl.from_pandas(d).with_columns(pl.col("CUSA1").cast(pl.Int8), pl.col("CUSA2").cast(pl.Float32)),
    ],
)
def test_tables_of_other_libraries(mobi, turn):
    ours = fit(turn(mobi))
    pd.testing.assert_frame_equal(ours.index(), fit(mobi).index(), rtol=1e-10)
    assert ours.scores().shape == (250, 7)


@pytest.mark.parametrize(
    "turn", [pl.from_pandas, pa.Table.from_pandas, lambda d: d.astype("Int64"), lambda d: d.astype("int64[pyarrow]")]
)
def test_blanks_groups_and_weights_of_other_tables(mobi, turn):
    data = mobi.astype("Int64").assign(wave=["a", "b"] * 125, w=np.linspace(0.5, 2, 250))
    data.loc[5, "CUSA1"] = pd.NA
    plain = mobi.astype(float).assign(wave=data["wave"], w=data["w"])
    plain.loc[5, "CUSA1"] = np.nan
    items = turn(data[ITEMS])
    if isinstance(items, pd.DataFrame):
        table = items.assign(wave=data["wave"], w=data["w"])
    elif isinstance(items, pl.DataFrame):
        table = items.with_columns(wave=pl.Series(data["wave"].to_list()), w=pl.Series(data["w"].to_numpy()))
    else:
        table = items.append_column("wave", [data["wave"].to_list()]).append_column("w", [data["w"].to_list()])
    study = csi.Study(ECSI, design=csi.Design(weight="w"))
    ours, theirs = study.fit(table, by="wave"), study.fit(plain, by="wave")
    pd.testing.assert_frame_equal(ours.index(), theirs.index(), rtol=1e-9)
    assert ours.groups == ["a", "b"]
    np.testing.assert_allclose(ours.scores(), theirs.scores())


def test_polars_text_is_refused_like_any(mobi):
    data = pl.from_pandas(mobi).with_columns(pl.col("CUSA1").cast(pl.String))
    assert "item 'CUSA1' holds text" in message(DataError, lambda: fit(data))


def test_the_users_table_is_not_touched(mobi):
    """Unknown codes, reversed items, blanks: the fit works on its own copy, and keeps it."""
    data = mobi.assign(w=1.0, wave=1).astype({"CUSA1": float})
    data.loc[3, "CUSA1"] = np.nan
    data.loc[4, "CUSA2"] = 99
    before = data.copy()
    blocks = dict(ECSI.constructs)
    blocks["satisfaction"] = ["CUSA1", csi.Item("CUSA2", unknown=(99,)), csi.Item("CUSA3", reversed=True)]
    found = csi.Study(ECSI.replace(constructs=blocks), design=csi.Design(weight="w")).fit(data, by="wave")
    found.bootstrap(10, rng=1)
    pd.testing.assert_frame_equal(data, before)
    scores, boots = found.scores(), found.bootstrap(20, rng=1).index()
    data.loc[:, ITEMS] = 1
    pd.testing.assert_frame_equal(found.scores(), scores)
    pd.testing.assert_frame_equal(found.bootstrap(20, rng=1).index(), boots)


def test_every_error_of_the_library_has_one_base():
    for name in ("ModelError", "DataError", "SettingsError", "EstimationError", "NotAvailable", "MissingExtra"):
        assert issubclass(getattr(csi.errors, name), csi.errors.CsiError)
    assert issubclass(csi.errors.CostWarning, csi.errors.CsiWarning)
