"""The data sets are what their source distributes, and their codebooks say what is in them."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from csi import datasets
from csi.errors import DataError, SettingsError

SHA256 = {
    "mobi": "8411783cfe766e06d056363066a8c769059c4d82fb9c4f348bf658dd1eba8dff",
    "corp_rep": "c5a0aab0b3844d11503bef297e5efbb4002adc73bf90441e4114b7087be4de5d",
}


@pytest.mark.parametrize("name", SHA256)
def test_answers_are_byte_for_byte_those_of_the_source(name, repository):
    assert hashlib.sha256((repository / "data" / f"{name}.csv").read_bytes()).hexdigest() == SHA256[name]
    assert SHA256[name] in (repository / "data" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "shape"), [("mobi", (250, 24)), ("corp_rep", (344, 41))])
def test_load_gives_every_row_and_column_as_integers(name, shape):
    data = datasets.load(name)
    assert data.shape == shape
    assert set(data.dtypes.astype(str)) == {"int64"}


def test_load_gives_a_fresh_copy():
    data = datasets.load("mobi")
    data.loc[:, :] = 0
    assert datasets.load("mobi").iloc[0, 0] == 7


def test_missing_codes_of_corp_rep_stand_as_they_were_distributed():
    data, book = datasets.load("corp_rep"), datasets.describe("corp_rep")
    assert book.unknown == (-99,)
    assert (data == -99).sum().sum() == 11
    blanks = book.items["unanswered"]
    assert blanks[blanks > 0].to_dict() == {"cusa": 1, "cusl_1": 3, "cusl_2": 4, "cusl_3": 3}


def test_providers_of_corp_rep_are_groups():
    data, book = datasets.load("corp_rep"), datasets.describe("corp_rep")
    assert data["serviceprovider"].value_counts().to_dict() == {1: 130, 2: 127, 3: 44, 4: 43}
    assert set(book.groups["serviceprovider"]) == {1, 2, 3, 4}
    assert dict(book.groups["servicetype"]) == {1: "prepaid", 2: "contract"}


@pytest.mark.parametrize("name", datasets.names())
def test_codebook_names_every_column_and_no_other(name):
    data, book = datasets.load(name), datasets.describe(name)
    assert [column for column in data if column not in {*book.groups, *book.columns}] == list(book.items.index)
    assert {*book.groups, *book.columns} <= set(data)
    assert set(book.items["construct"]) == set(book.constructs)


@pytest.mark.parametrize("name", datasets.names())
def test_every_answer_is_on_its_scale_or_an_unknown_code(name):
    data, book = datasets.load(name), datasets.describe(name)
    answers = data[book.items.index]
    outside = answers.lt(book.items["low"]) | answers.gt(book.items["high"])
    assert not (outside & ~answers.isin(book.unknown)).any(axis=None)
    for group, codes in book.groups.items():
        assert set(data[group].dropna()) == set(codes)


@pytest.mark.parametrize("name", datasets.names())
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_has_source_licence_reference_and_all_questions(name, language):
    book = datasets.describe(name, language)
    page = str(book)
    for text in (book.title, "Source:", "Cite:", "Licence:", book.licence, *book.items["question"]):
        assert text in page
    assert book.items["question"].str.len().gt(2).all()


@pytest.mark.parametrize("name", datasets.names())
def test_english_page_survives_an_ascii_console(name):
    book = datasets.describe(name)
    assert str(book).isascii()
    assert repr(book).isascii()


def test_chinese_page_is_chinese():
    assert datasets.describe("mobi", "zh").constructs["satisfaction"] == "顾客满意度"
    assert "总体满意程度" in str(datasets.describe("mobi", language="zh"))


@pytest.mark.parametrize("ask", [datasets.load, datasets.describe])
def test_unknown_name_is_refused_with_a_guess(ask):
    with pytest.raises(DataError, match=r"no data set 'mobbi'; did you mean 'mobi'\?.*'corp_rep', 'mobi'"):
        ask("mobbi")


def test_unknown_language_is_refused():
    with pytest.raises(SettingsError, match="language must be one of 'en', 'zh'; not 'fr'"):
        datasets.describe("mobi", "fr")


def test_items_are_a_plain_table():
    items = datasets.describe("mobi").items
    assert type(items) is pd.DataFrame
    assert items.index.name == "item"
    assert items.loc["CUSCO", "construct"] == "complaints"
