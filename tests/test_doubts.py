"""Every doubt appears where it should, not just inside its limit, and clean samples carry none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_index import ECSI, mixed_answers, mixed_model

import csi

SMALL = csi.Model(
    "small", {"quality": csi.items("Q", 3), "satisfaction": csi.items("S", 3), "loyalty": ["L1", "L2"]},
    {"quality": ["satisfaction"], "satisfaction": ["loyalty"]}, scale=(1, 10),
)  # fmt: skip
NAMES = [item.name for item in SMALL.items]
COLUMNS = ["code", "subject", "value", "limit", "message", "remedy", "group"]


@pytest.fixture
def answers() -> pd.DataFrame:
    return csi.simulate(SMALL, n=250, rng=1)


def doubts(model: csi.Model, data, **settings) -> pd.DataFrame:
    return csi.Study(model, method=csi.PLS(**settings)).fit(data).check()


def codes(model: csi.Model, data, **settings) -> list[str]:
    return doubts(model, data, **settings)["code"].tolist()


def triple(paths: dict[str, float], between: float, n: float = 250, items: int = 1) -> tuple[csi.Model, csi.Moments]:
    """Two causes with a given correlation, and an effect with given standardized paths."""
    names = ["a", "b", "c"]
    model = csi.Model("triple", {name: [f"{name}1"] for name in names}, [("a", "c"), ("b", "c")], scale=(1, 10))
    corr = np.array([[1, between, 0], [between, 1, 0], [0, 0, 1.0]])
    corr[:2, 2] = corr[2, :2] = corr[:2, :2] @ [paths["a"], paths["b"]]
    table = pd.DataFrame(corr, [f"{name}1" for name in names], [f"{name}1" for name in names])
    return model, csi.Moments.from_table(table, mean=[7, 7, 7], sd=[2, 2, 2], n=n)


# -- the table ------------------------------------------------------------------------------------------------


def test_nothing_to_say_is_an_empty_table(mobi):
    table = csi.Study(ECSI).fit(mobi).check()
    assert table.empty
    assert table.columns.tolist() == COLUMNS


@pytest.mark.parametrize("scheme", ["path", "factorial", "centroid"])
@pytest.mark.parametrize("standardized", [True, False])
def test_mobi_carries_none_after_a_bootstrap(mobi, scheme, standardized):
    fit = csi.Study(ECSI, method=csi.PLS(scheme=scheme, standardized=standardized)).fit(mobi).bootstrap(200, rng=1)
    assert fit.check().empty
    assert "No doubts." in repr(fit)


def test_mobi_in_the_other_models_of_the_catalogue_carries_none(mobi):
    for name in ("acsi", "scsb", "ccsi"):
        assert csi.Study(csi.models.get(name, items="mobi")).fit(mobi).check().empty


def test_a_doubt_is_printed_before_the_numbers(answers):
    fit = csi.Study(SMALL).fit(answers.assign(Q2=11 - answers["Q2"]))
    text = repr(fit)
    assert text.index("reversed_item") < text.index("satisfaction  ")
    assert "csi.Item('Q2', reversed=True)" in text
    assert "reversed_item" in fit._repr_html_()


def test_every_doubt_says_what_to_do(answers):
    spoilt = answers.assign(Q2=11 - answers["Q2"], S1=answers["S2"], L1=np.where(answers["L1"] > 9, 99, answers["L1"]))
    table = doubts(SMALL, spoilt)
    assert len(table) >= 3
    assert table["message"].str.len().gt(20).all()
    assert table["remedy"].str.len().gt(20).all()
    assert not table["message"].str.contains("np\\.").any()
    assert not table["remedy"].str.contains("np\\.").any()
    assert table["value"].map(type).eq(float).all()


def test_doubts_of_a_group_name_it(answers):
    data = pd.concat([answers.assign(wave=2024), answers.assign(Q2=11 - answers["Q2"], wave=2025)])
    table = csi.Study(SMALL).fit(data, by="wave").check()
    assert table[["code", "subject", "group"]].values.tolist() == [["reversed_item", "Q2", 2025]]
    assert csi.Study(SMALL).fit(data, by="wave")[2024].check().empty


# -- clean samples --------------------------------------------------------------------------------------------


def test_two_hundred_clean_samples_carry_next_to_none():
    """ECSI, n = 250, loadings .6 to .9: a library that doubts always is as useless as one that never does."""
    rng = np.random.default_rng(2024)
    names = [item.name for item in ECSI.items]
    study, carrying = csi.Study(ECSI), []
    for number in range(200):
        loadings = dict(zip(names, rng.uniform(0.6, 0.9, len(names)), strict=True))
        table = study.fit(csi.simulate(ECSI, n=250, rng=rng, loadings=loadings)).check()
        if len(table):
            carrying.append((number, table[["code", "subject"]].values.tolist()))
    assert len(carrying) <= 4, carrying


def test_small_clean_samples_too():
    """Companies of a hundred, items on 1-5: nothing is made of small samples that chance explains."""
    rng = np.random.default_rng(7)
    model = SMALL.replace(scale=(1, 5))
    data = csi.simulate(model, n=100 * 100, rng=rng).assign(company=np.repeat(np.arange(100), 100))
    table = csi.Study(model).fit(data, by="company").check()
    assert table["group"].nunique() <= 2, table[["code", "subject", "group"]]


# -- the solution ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"), [(1.01, ["path_above_one"]), (0.99, []), (-1.01, ["path_above_one"]), (-0.99, [])]
)
def test_path_above_one(path, expected):
    model, moments = triple({"a": path, "b": -0.3 * np.sign(path)}, between=0.5)
    table = doubts(model, moments)
    assert table["code"].tolist() == (
        expected if path > 0 else [*expected, *[c for c in table["code"] if c == "reversed_block"]]
    )
    if expected:
        assert table.loc[0, "subject"] == "a -> c"
        assert table.loc[0, "value"] == pytest.approx(path, abs=1e-9)


@pytest.mark.parametrize(("vif", "expected"), [(10.1, ["collinear_causes"]), (9.9, [])])
def test_collinear_causes(vif, expected):
    model, moments = triple({"a": 0.4, "b": 0.3}, between=np.sqrt(1 - 1 / vif))
    table = doubts(model, moments)
    assert table["code"].tolist() == expected
    if expected:
        assert table.loc[0, "subject"] == "c"
        assert table.loc[0, "value"] == pytest.approx(vif, rel=1e-9)


def test_causes_of_a_second_order_construct_may_overlap(mobi):
    """A composite is made of its causes: that they explain it fully is its definition."""
    kept = {name: ECSI.constructs[name] for name in ("image", "value", "satisfaction")}
    model = csi.Model("m", kept, {"equity": ["satisfaction"]}, higher={"equity": ["image", "value"]}, scale=(1, 10))
    assert codes(model, mobi) == []


def test_not_converged(mobi):
    assert codes(ECSI, mobi, tolerance=1e-12, max_iter=3) == ["not_converged"]
    rounds = int(csi.Study(ECSI).fit(mobi).core.solution.iterations[0])
    assert codes(ECSI, mobi, max_iter=rounds) == []
    assert codes(ECSI, mobi, max_iter=rounds - 1) == ["not_converged"]


@pytest.mark.parametrize(("n", "expected"), [(15, ["small_sample"]), (29, ["small_sample"]), (30, [])])
def test_a_small_sample_is_told_where_it_can_be_estimated(n, expected):
    found = codes(SMALL, csi.simulate(SMALL, n=30, rng=5).head(n))
    assert [code for code in found if code in ("small_sample", "few_cases")] == expected


@pytest.mark.parametrize(("n", "expected"), [(7, ["few_cases"]), (8, [])])
def test_fewer_cases_than_items(n, expected):
    """Eight items: seven cases are fewer."""
    assert [code for code in codes(SMALL, csi.simulate(SMALL, n=8, rng=5).head(n)) if code == "few_cases"] == expected


# -- items ----------------------------------------------------------------------------------------------------


def with_rest_correlation(answers: pd.DataFrame, rest: float) -> csi.Moments:
    """Q3 uncorrelated with all but its block, where its correlation with the sum of the others is given."""
    corr = answers.corr()
    corr.loc["Q3"] = corr["Q3"] = 0.0
    corr.loc["Q3", "Q3"] = 1.0
    inside = rest * np.sqrt(2 + 2 * corr.loc["Q1", "Q2"]) / 2
    for other in ("Q1", "Q2"):
        corr.loc["Q3", other] = corr.loc[other, "Q3"] = inside
    return csi.Moments.from_table(corr, mean=answers.mean(), sd=answers.std(), n=1_000)


@pytest.mark.parametrize(("rest", "expected"), [(-0.11, True), (-0.09, False), (0.3, False)])
def test_an_item_that_runs_against_its_block(answers, rest, expected):
    table = doubts(SMALL, with_rest_correlation(answers, rest))
    found = table[table["code"] == "reversed_item"]
    assert len(found) == expected
    if expected:
        assert found.iloc[0]["subject"] == "Q3"
        assert found.iloc[0]["value"] == pytest.approx(rest, abs=1e-9)


def test_a_weak_negative_correlation_in_a_small_sample_is_chance(answers):
    moments = with_rest_correlation(answers, -0.25)
    small = csi.Moments(n=100, mean=moments.mean, cov=moments.cov, items=moments.items)
    assert "reversed_item" in codes(SMALL, moments)
    assert "reversed_item" not in codes(SMALL, small)


def test_a_reversed_item_that_is_declared_is_no_doubt(answers):
    turned = answers.assign(Q2=11 - answers["Q2"])
    said = csi.Model("said", {**SMALL.constructs, "quality": ["Q1", csi.Item("Q2", reversed=True), "Q3"]},
                     [(p.cause, p.effect) for p in SMALL.paths], scale=(1, 10))  # fmt: skip
    assert codes(SMALL, turned) == ["reversed_item"]
    assert codes(said, turned) == []
    np.testing.assert_allclose(csi.Study(said).fit(turned).index(), csi.Study(SMALL).fit(answers).index(), rtol=1e-8)
    assert codes(said, answers) == ["reversed_item"]


def test_a_negative_weight(mobi):
    table = doubts(ECSI, mobi.assign(CUSL2=11 - mobi["CUSL2"]))
    assert table[["code", "subject"]].values.tolist() == [["negative_weight", "CUSL2"]]
    assert table.loc[0, "value"] < 0 == table.loc[0, "limit"]


@pytest.mark.parametrize(("shared", "expected"), [(0.99995, ["duplicate_item"]), (0.99985, [])])
def test_two_columns_with_the_same_answers(answers, shared, expected):
    corr = answers.corr()
    corr.loc["S2"] = corr.loc["S1"]
    corr["S2"] = corr["S1"]
    corr.loc["S1", "S2"] = corr.loc["S2", "S1"] = shared
    corr.loc["S2", "S2"] = 1.0
    table = doubts(SMALL, csi.Moments.from_table(corr, n=250))
    assert table["code"].tolist() == expected
    if expected:
        assert table.loc[0, "subject"] == "S1, S2"


def test_a_copied_column(answers):
    assert "duplicate_item" in codes(SMALL, answers.assign(L2=answers["S1"]))
    nearly = answers["S1"].copy()
    nearly.iloc[:3] = 11 - nearly.iloc[:3]
    assert "duplicate_item" not in codes(SMALL, answers.assign(L2=nearly))


def test_items_that_share_nothing(answers):
    rng = np.random.default_rng(0)
    noise = answers.assign(**{name: rng.integers(1, 11, 250) for name in ("Q1", "Q2", "Q3")})
    table = doubts(SMALL, noise).set_index("code")
    assert table.loc["unrelated_items", "subject"] == "quality"
    assert table.loc["unrelated_items", "value"] < table.loc["unrelated_items", "limit"]
    composite = csi.Model("c", {**SMALL.constructs, "quality": csi.Construct(["Q1", "Q2", "Q3"], kind="composite")},
                          [(p.cause, p.effect) for p in SMALL.paths], scale=(1, 10))  # fmt: skip
    assert "unrelated_items" not in codes(composite, noise)


@pytest.mark.parametrize(("away", "expected"), [(-0.01, True), (0.01, False)])
def test_items_that_share_just_enough(answers, away, expected):
    """Feldt (1965): alpha is known to be above zero where 1/(1 - alpha) passes its F quantile."""
    from scipy.stats import f

    alpha = 1 - 1 / f.isf(0.025, 249, 249 * 2) + away
    inside = alpha / (3 - 2 * alpha)
    corr = answers.corr()
    block = ["Q1", "Q2", "Q3"]
    corr.loc[block] *= 0.3
    corr.loc[:, block] *= np.where(corr.index.isin(block), 1.0, 0.3)[:, None]
    corr.loc[block, block] = inside
    for name in block:
        corr.loc[name, name] = 1.0
    moments = csi.Moments.from_table((corr + corr.T) / 2, n=250)
    assert ("unrelated_items" in codes(SMALL, moments)) == expected


def test_a_whole_block_turned_round(answers):
    turned = answers.assign(L1=11 - answers["L1"], L2=11 - answers["L2"])
    table = doubts(SMALL, turned)
    assert table[["code", "subject"]].values.tolist() == [["reversed_block", "loyalty"]]
    expected = csi.Model(
        "signed",
        SMALL.constructs,
        [("quality", "satisfaction"), csi.Path("satisfaction", "loyalty", sign="-")],
        scale=(1, 10),
    )
    assert codes(expected, turned) == []


@pytest.mark.parametrize(("last", "expected"), [(-0.11, ["reversed_block"]), (-0.09, []), (0.11, [])])
def test_a_block_turned_a_little(last, expected):
    """Below a tenth a negative correlation is no sign of a turned block, however many answered."""
    model = csi.Model("chain", {"a": ["x"], "b": ["y"], "c": ["z"]}, [("a", "b"), ("b", "c")], scale=(1, 10))
    corr = pd.DataFrame([[1, 0.6, 0], [0.6, 1, last], [0, last, 1]], ["x", "y", "z"], ["x", "y", "z"])
    assert codes(model, csi.Moments.from_table(corr, n=2_000)) == expected
    assert codes(model, csi.Moments.from_table(corr, n=400)) == []


# -- moments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lowest", "expected"), [(-1e-3, ["not_positive_semidefinite"]), (1e-3, [])])
def test_a_matrix_no_answers_could_have(answers, lowest, expected):
    values, vectors = np.linalg.eigh(answers.corr())
    values[0] = lowest
    cov = vectors @ np.diag(values) @ vectors.T
    sd = np.sqrt(np.diag(cov))
    corr = pd.DataFrame(cov / sd / sd[:, None], NAMES, NAMES)
    moments = csi.Moments.from_table(corr, mean=answers.mean(), sd=answers.std(), n=250)
    assert codes(SMALL, moments) == expected


# -- replicates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("failing", "expected"), [(2, ["failed_replicates"]), (1, [])])
def test_failed_replicates(answers, failing, expected):
    """One in a hundred is within the limit, two are not."""
    cases = np.ones((100, 250))
    cases[:failing] = 0
    cases[:failing, 0] = 250
    fit = csi.Study(SMALL).fit(answers).bootstrap(cases=cases)
    assert fit.check()["code"].tolist() == expected
    if expected:
        assert fit.check().loc[0, "value"] == pytest.approx(0.02)
        assert "2 of 100 replicates" in fit.check().loc[0, "message"]


def test_failed_replicates_are_counted_group_by_group(answers):
    """A company in trouble among many is not lost in an average."""
    data = pd.concat([answers.assign(company=i) for i in range(4)], ignore_index=True)
    cases = np.ones((100, 1000))
    cases[:3, 250:500] = 0
    cases[:3, 250] = 250
    table = csi.Study(SMALL).fit(data, by="company").bootstrap(cases=cases).check()
    assert table[["code", "group"]].values.tolist() == [["failed_replicates", 1]]
    assert table.loc[0, "value"] == pytest.approx(0.03)


# -- scales ---------------------------------------------------------------------------------------------------


def five(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers as if asked on 1-5."""
    return np.ceil(answers / 2).astype(int)


def seven(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers as if asked on 1-7."""
    return (np.ceil(answers * 0.7)).astype(int)


@pytest.mark.parametrize(("made", "scale"), [(five, (1, 5)), (seven, (1, 7))])
def test_answers_on_a_shorter_scale_than_declared(answers, made, scale):
    """1-5 declared as 1-10 would give 33 for 75 in silence."""
    data = made(answers)
    table = doubts(SMALL, data)
    assert table["code"].tolist() == ["narrower_scale"]
    assert f"model.replace(scale={scale})" in table.loc[0, "remedy"]
    assert codes(SMALL.replace(scale=scale), data) == []
    above = data.copy()
    above.iloc[3, 2] = scale[1] + 1
    assert "narrower_scale" not in codes(SMALL, above) or scale == (1, 5)


def test_one_answer_in_the_upper_part_is_enough(answers):
    data = seven(answers)
    data.iloc[3, 2] = 8
    assert "narrower_scale" not in codes(SMALL, data)


def test_few_answers_prove_no_shorter_scale(answers):
    low = five(answers)
    assert codes(SMALL, low.head(30))[:1] == ["narrower_scale"]
    assert "narrower_scale" not in codes(SMALL, low.head(29))


def test_a_block_that_never_uses_the_upper_half(answers):
    data = answers.assign(**{name: five(answers)[name] for name in ("S1", "S2", "S3")})
    table = doubts(SMALL, data)
    assert table[["code", "subject"]].values.tolist() == [["upper_half_unused", "satisfaction"]]
    assert "csi.Item('S1', scale=(1, 5))" in table.loc[0, "remedy"]
    data.loc[5, "S2"] = 6
    assert "upper_half_unused" not in codes(SMALL, data)


def test_one_item_of_a_block_on_another_scale(answers):
    data = answers.assign(S2=five(answers)["S2"])
    table = doubts(SMALL, data)
    assert table[["code", "subject"]].values.tolist() == [["unequal_ranges", "S2"]]
    assert "csi.Item('S2', scale=(1, 5))" in table.loc[0, "remedy"]
    assert codes(SMALL, data.assign(S2=data["S2"].where(data.index != 5, 6))) == []


def test_codes_for_no_answer_left_among_the_answers(answers):
    for code in (99, 98, -99, -3, -1):
        data = answers.assign(Q1=answers["Q1"].where(answers.index % 50 != 0, code))
        table = doubts(SMALL, data)
        assert "left_code" in table["code"].tolist()
        doubt = table.set_index("code").loc["left_code"]
        assert doubt["subject"] == "Q1"
        assert doubt["value"] == code
        assert "in 5 answers" in doubt["message"]
        assert f"csi.Item('Q1', unknown=({code},))" in doubt["remedy"]
        assert "outside_scale" not in table["code"].tolist()


def test_several_left_codes_are_all_named(answers):
    data = answers.copy()
    data.loc[:4, "Q1"], data.loc[5:7, "Q1"], data.loc[8:9, "S1"] = 98, 99, 99
    found = doubts(SMALL, data)
    found = found[found["code"] == "left_code"].set_index("value")["subject"].to_dict()
    assert found == {98.0: "Q1", 99.0: "Q1, S1"}


def test_nines_and_eights_on_a_short_scale(answers):
    """On 1-5 a 9 is no answer, unless 6 and 7 are answers too."""
    model, data = SMALL.replace(scale=(1, 5)), five(answers)
    data.loc[:4, "S1"], data.loc[5:9, "S1"] = 9, 8
    found = doubts(model, data)
    assert found[found["code"] == "left_code"]["value"].tolist() == [8.0, 9.0]
    longer = doubts(model, answers)
    assert "left_code" not in longer["code"].tolist()
    assert "model" not in longer["code"].tolist()


def test_unknown_codes_that_are_said_are_no_doubt(answers):
    data = answers.assign(Q1=answers["Q1"].where(answers.index % 50 != 0, 99))
    said = csi.Model("said", {**SMALL.constructs, "quality": [csi.Item("Q1", unknown=(99,)), "Q2", "Q3"]},
                     [(p.cause, p.effect) for p in SMALL.paths], scale=(1, 10))  # fmt: skip
    assert codes(said, data) == []


def test_a_left_code_without_a_scale(answers):
    bare = csi.Model("bare", SMALL.constructs, [(p.cause, p.effect) for p in SMALL.paths])
    assert codes(bare, answers) == []
    data = answers.assign(Q1=answers["Q1"].where(answers.index % 50 != 0, -99))
    assert "left_code" in codes(bare, data)
    # 88 among answers from 0 to 100 is an answer.
    assert "left_code" not in codes(bare, (answers * 9.5).round().assign(Q1=lambda d: d["Q1"].replace(10, 88)))


def test_answers_outside_the_scale(answers):
    data = answers - 1
    table = doubts(SMALL, data)
    assert table["code"].tolist() == ["outside_scale"]
    assert "0..10" in table.loc[0, "remedy"]
    assert codes(SMALL.replace(scale=(0, 10)), data) == []
    typo = answers.assign(Q1=answers["Q1"].where(answers.index != 7, 55))
    doubt = doubts(SMALL, typo).iloc[0]
    assert doubt["code"] == "outside_scale"
    assert doubt["subject"] == "Q1"
    assert (doubt["value"], doubt["limit"]) == (55, 10)
    assert "55" in doubt["message"]


@pytest.mark.parametrize("end", [1, 10])
def test_the_ends_of_the_scale_are_inside(answers, end):
    assert codes(SMALL, answers.assign(Q1=answers["Q1"].where(answers.index > 2, end))) == []


def test_nothing_is_changed_by_a_doubt(answers):
    """An answer outside its scale is used as it stands, and said; it is not clipped in silence."""
    typo = answers.astype(float).assign(Q1=answers["Q1"].where(answers.index != 7, 12))
    fit = csi.Study(SMALL).fit(typo)
    assert fit.check()["code"].tolist() == ["outside_scale"]
    by_hand = (typo[["Q1", "Q2", "Q3"]].mean().mean() - 1) / 9 * 100
    assert fit.index("equal").loc["quality", "estimate"] == pytest.approx(by_hand, abs=1e-9)


def test_mixed_scales_of_one_block_are_no_unequal_ranges():
    """Items that say their own scale may have any range."""
    data = mixed_answers(250)
    assert csi.Study(mixed_model()).fit(data).check().empty
