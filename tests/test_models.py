"""The catalogue: every entry is complete, as large as published, and bends to a user's own items."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import csi.models
from csi.errors import CsiError, ModelError, SettingsError
from csi.spec import Construct, Item, Model, Scale
from csi.spec.model import find_circle

ENTRIES = csi.models.entries()
OPTIONS = {
    "ccsi twelve": csi.models.ccsi(image_to_loyalty=True),
    "tcsi with loyalty": csi.models.tcsi(image_to_loyalty=True),
    "acsi handling": csi.models.acsi(complaints="handling"),
    "product-service handling": csi.models.acsi("product-service", complaints="handling"),
    "scsb handling": csi.models.scsb(complaints="handling"),
    "product-service through parts": csi.models.acsi("product-service", expectations_to_parts=True),
    "acsi on mobi": csi.models.acsi(items="mobi"),
}
MODELS = {f"{entry.name} {entry.variant}".strip(): entry.model for entry in ENTRIES} | OPTIONS


@pytest.fixture(params=ENTRIES, ids=lambda entry: f"{entry.name}-{entry.variant}".strip("-"))
def entry(request) -> csi.models.Entry:
    """Every entry in turn."""
    return request.param


@pytest.fixture(params=MODELS.values(), ids=MODELS)
def model(request) -> Model:
    """Every model in turn, some of them with options."""
    return request.param


def arrows(model: Model) -> set[tuple[str, str]]:
    """Paths without what is said of them."""
    return {(path.cause, path.effect) for path in model.paths}


def read(text: str) -> set[tuple[str, str]]:
    """Read `a -> b c; d -> e`."""
    runs = [run.split("->") for run in text.split(";")]
    return {(cause.strip(), effect) for cause, effects in runs for effect in effects.split()}


# -- every model --------------------------------------------------------------------------------------------


def test_text_is_read_back(model):
    assert Model.parse(str(model)) == model
    assert list(Model.parse(str(model)).constructs) == list(model.constructs)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_is_labelled(model, language):
    for word in (*model.constructs.values(), *model.items):
        assert word.label.get(language), word
    labels = [model.labels(language)[name] for name in model.constructs]
    assert len(set(labels)) == len(labels)


def test_chinese_labels_are_chinese(model):
    assert all(re.search(r"[\u4e00-\u9fff]", label) for label in model.labels("zh").values())
    assert not any(re.search(r"[\u4e00-\u9fff]", label) for label in model.labels("en").values())


def test_translation_is_a_model(model):
    chinese = model.translate("zh")
    assert len(chinese.constructs) == len(model.constructs)
    assert chinese.index == model.labels("zh")["satisfaction"]
    assert chinese.items == model.items


def test_hypotheses_have_sign_and_status(model):
    hypotheses = model.hypotheses()
    assert len(hypotheses) == len(model.paths)
    assert all(h.sign in ("+", "-", "+/-") and h.status in ("published", "reported", "assumed") for h in hypotheses)
    assert all(path.source for path in model.paths)


def test_causes_come_before_effects(model):
    order = list(model.constructs)
    assert find_circle(order, arrows(model)) == []
    assert all(order.index(cause) < order.index(effect) for cause, effect in arrows(model))


def test_every_construct_is_reached(model):
    touched = {name for arrow in arrows(model) for name in arrow} | {m for of in model.higher.values() for m in of}
    assert touched == set(model.constructs)


def test_satisfaction_is_the_index_and_every_item_has_a_scale(model):
    assert model.index == "satisfaction"
    assert all(model.scale_of(item) for item in model.items)


def test_models_pickle_and_hash(model):
    again = pickle.loads(pickle.dumps(model))
    assert again == model and hash(again) == hash(model)


def test_reprs_are_ascii(model):
    assert repr(model).isascii()


# -- every entry --------------------------------------------------------------------------------------------


def test_an_entry_is_complete(entry):
    assert entry.title["en"] and entry.title["zh"] and entry.country
    assert entry.year is None or 1989 <= entry.year <= 2020
    assert len(entry.reference) > 40
    for told in (entry.definitions, entry.synonyms):
        assert list(told) == list(entry.model.constructs)
        assert all(each[language] for each in told.values() for language in ("en", "zh"))


def test_an_entry_prints(entry):
    for language in ("en", "zh"):
        text = entry.text(language)
        assert entry.reference in text and entry.title[language] in text
        assert all(item.name in text for item in entry.model.items)
    assert str(entry) == entry.text("en")
    assert repr(entry).isascii() and entry.name in repr(entry)


def test_an_entry_is_found_by_every_name(entry):
    for name in (entry.name, entry.name.upper(), *entry.also_called):
        assert csi.models.entry(name).name == entry.name
    assert csi.models.entry(entry.name, entry.variant or None) == entry


def test_the_call_that_an_entry_prints_gives_its_model(entry):
    call = str(entry).splitlines()[1]
    assert eval(call, {"csi": csi}) == entry.model


def test_an_entry_pickles(entry):
    assert pickle.loads(pickle.dumps(entry)) == entry


def test_no_name_means_two_entries():
    names = [name.casefold() for entry in ENTRIES for name in {entry.name, *entry.also_called}]
    by_entry = {(entry.name, name.casefold()) for entry in ENTRIES for name in {entry.name, *entry.also_called}}
    assert len({name for _, name in by_entry}) == len(by_entry)
    assert len(set(names)) == len(by_entry)


def test_an_entry_speaks_of_the_arrows_it_assumes(entry):
    if any(path.status == "assumed" for path in entry.model.paths):
        assert any("assumed" in note for note in entry.notes)


# -- as published -------------------------------------------------------------------------------------------

SIZES = {
    "scsb": (5, 10, 6),
    "acsi 1994": (6, 15, 9),
    "acsi product-service": (8, 17, 9),
    "acsi government": (5, 12, 6),
    "ecsi mobile": (7, 24, 12),
    "ecsi 1999": (7, 20, 13),
    "ccsi": (6, 20, 11),
    "tcsi": (7, 16, 13),
    "ncsb original": (7, 18, 11),
    "ncsb new": (12, 36, 16),
    "swics": (3, 8, 3),
    "tcsi_taiwan": (6, 17, 7),
    "ncsi_malaysia": (8, 17, 9),
    "epsi": (7, 20, 13),
    "ecsi_portugal": (7, 24, 12),
    "ccsi twelve": (6, 20, 12),
    "tcsi with loyalty": (7, 16, 14),
    **dict.fromkeys(("ncsi_korea", "ncsi_uk", "tmme", "csisg", "sa_csi", "zimcsi"), (6, 15, 9)),
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes_are_those_published(name):
    model = MODELS[name]
    assert (len(model.constructs), len(model.items), len(model.paths)) == SIZES[name]


def test_every_entry_has_its_size_checked():
    assert set(MODELS) - set(OPTIONS) <= set(SIZES)


ACSI = (
    "expectations -> quality value satisfaction; quality -> value satisfaction; value -> satisfaction;"
    "satisfaction -> complaints loyalty; complaints -> loyalty"
)
SEVEN = (
    "expectations -> quality value satisfaction; quality -> value satisfaction; value -> satisfaction;"
    "satisfaction -> loyalty"
)
STRUCTURES = {
    "scsb": "expectations -> value satisfaction; value -> satisfaction; satisfaction -> complaints loyalty;"
    "complaints -> loyalty",
    "acsi 1994": ACSI,
    "acsi product-service": ACSI,
    "acsi government": "expectations -> quality satisfaction; quality -> satisfaction;"
    "satisfaction -> complaints trust; complaints -> trust",
    "ecsi mobile": "image -> expectations satisfaction loyalty; expectations -> quality value satisfaction;"
    "quality -> value satisfaction; value -> satisfaction; satisfaction -> complaints loyalty; complaints -> loyalty",
    "ecsi 1999": "image -> expectations satisfaction loyalty;"
    "expectations -> product_quality service_quality value satisfaction; product_quality -> value satisfaction;"
    "service_quality -> value satisfaction; value -> satisfaction; satisfaction -> loyalty",
    "ccsi": SEVEN + "; image -> expectations quality value satisfaction",
    "ccsi twelve": SEVEN + "; image -> expectations quality value satisfaction loyalty",
    "tcsi": ACSI + "; image -> expectations quality value satisfaction",
    "ncsb original": ACSI + "; image -> satisfaction loyalty",
    "ncsb new": "tangibles -> satisfaction; reliability -> satisfaction; responsiveness -> satisfaction;"
    "assurance -> satisfaction; empathy -> satisfaction; price -> satisfaction loyalty;"
    "complaint_handling -> satisfaction loyalty; image -> loyalty; affective_commitment -> loyalty;"
    "satisfaction -> image affective_commitment calculative_commitment loyalty; calculative_commitment -> loyalty",
    "swics": "satisfaction -> dialogue loyalty; dialogue -> loyalty",
    "tcsi_taiwan": "image -> expectations loyalty; expectations -> quality; quality -> value satisfaction;"
    "value -> satisfaction; satisfaction -> loyalty",
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_are_those_published(name):
    assert arrows(MODELS[name]) == read(STRUCTURES[name])


def test_what_is_not_confirmed_is_marked():
    image = {p.effect for p in csi.models.ccsi(image_to_loyalty=True).paths if p.status == "assumed"}
    assert image == {"expectations", "quality", "value", "satisfaction", "loyalty"}
    assert {p.status for p in csi.models.tcsi().paths} == {"assumed"}
    assert {p.status for p in csi.models.acsi().paths} == {"published"}
    assert {p.status for p in csi.models.get("csisg").paths} == {"reported"}


def test_overall_quality_of_the_product_service_form_is_of_second_order():
    model = csi.models.acsi("product-service")
    assert model.higher == {"quality": ("product_quality", "service_quality")}
    assert model.constructs["quality"].kind == "composite"
    assert len([i for name in model.higher["quality"] for i in model.constructs[name].items]) == 6
    added = set(csi.models.acsi("product-service", expectations_to_parts=True).paths) - set(model.paths)
    assert {(p.effect, p.status) for p in added} == {("product_quality", "assumed"), ("service_quality", "assumed")}


# -- complaints ---------------------------------------------------------------------------------------------


def signs(model: Model) -> dict[tuple[str, str], str]:
    """Expected signs around complaints."""
    return {(p.cause, p.effect): p.sign for p in model.paths if "complaints" in (p.cause, p.effect)}


@pytest.mark.parametrize("function", [csi.models.acsi, csi.models.scsb, csi.models.tcsi, csi.models.ncsb])
def test_signs_depend_on_what_complaints_mean(function):
    low, either = ("satisfaction", "complaints"), ("complaints", "loyalty")
    assert signs(function()) == signs(function(complaints="incidence")) == {low: "-", either: "+/-"}
    assert signs(function(complaints="handling")) == {low: "+", either: "+"}
    assert signs(function(items="mobi")) == {low: "+", either: "+"}
    assert {item.scale for item in function().constructs["complaints"].items} == {Scale(0, 1)}
    assert {item.scale for item in function(complaints="handling").constructs["complaints"].items} == {None}
    assert function(complaints="handling").labels()["complaints"] == "Complaint handling"


def test_the_european_models_ask_for_handling():
    assert set(signs(csi.models.ecsi()).values()) == {"+"}
    assert csi.models.entry("ecsi").definitions["complaints"]["en"].startswith("How well")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: csi.models.acsi(complaints="rate"), "complaints must be one of 'incidence', 'handling'; not 'rate'"),
        (lambda: csi.models.acsi(items="mobi", complaints="incidence"), "say 'handling'"),
        (lambda: csi.models.ncsb("new", complaints="handling"), "NCSB new has no construct 'complaints'"),
    ],
)
def test_meanings_of_complaints_that_contradict(call, words):
    with pytest.raises(CsiError, match=re.escape(words)):
        call()


# -- a user's own items -------------------------------------------------------------------------------------


def test_own_items_take_the_place_of_the_default_ones():
    model = csi.models.acsi(items={"satisfaction": ["S1", "S2"], "value": "V"}, scale=(1, 5))
    assert [item.name for item in model.constructs["satisfaction"].items] == ["S1", "S2"]
    assert model.constructs["value"] == Construct(["V"], label={"en": "Perceived value", "zh": "感知价值"})
    assert model.constructs["quality"] == csi.models.acsi().constructs["quality"]
    assert model.scale == Scale(1, 5)
    assert model.paths == csi.models.acsi().paths


def test_a_default_item_keeps_its_question_and_scale():
    model = csi.models.acsi(items={"loyalty": ["REPUR", "LOWPTOL", "mine"]})
    assert model.constructs["loyalty"].items[1].reversed
    assert model.constructs["loyalty"].items[1].label["en"].startswith("Price cut")
    assert model.constructs["loyalty"].items[2] == Item("mine")


def test_a_construct_may_be_given_whole():
    given = Construct(csi.spec.items("S", 2, scale=(1, 7)), kind="composite")
    block = csi.models.scsb(items={"satisfaction": given}).constructs["satisfaction"]
    assert block.kind == "composite" and block.items == given.items and block.label["zh"] == "顾客满意度"
    assert csi.models.scsb(items={"satisfaction": Construct(["S"], label="Mine")}).labels()["satisfaction"] == "Mine"


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_a_construct_without_items_is_left_out(nothing):
    model = csi.models.ecsi(items={"complaints": nothing})
    assert model == csi.models.ecsi().without("complaints")
    assert len(model.paths) == 10


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: csi.models.acsi(items={"qualty": ["q"]}),
            "ACSI has no such construct: 'qualty'; did you mean 'quality'",
        ),
        (lambda: csi.models.acsi(items={"image": ["q"], "trust": ["t"]}), "(2 problems)"),
        (lambda: csi.models.acsi(items=["q"]), "items maps constructs to items"),
        (lambda: csi.models.acsi(items="moby"), "items must be one of 'mobi'; not 'moby'; did you mean 'mobi'?"),
        (lambda: csi.models.acsi("product-service", items="mobi"), "mobi has no questions on product_quality"),
        (
            lambda: csi.models.acsi("product-service", items={"quality": ["q"]}),
            "made up of product_quality and service",
        ),
        (lambda: csi.models.acsi(items={"satisfaction": None}), "'satisfaction' is the index"),
        (lambda: csi.models.acsi(items={"value": ["SATIS"]}), "item 'SATIS' stands 2 times"),
        (lambda: csi.models.acsi("1995"), "variant must be one of '1994', 'product-service', 'government'; not '1995'"),
        (
            lambda: csi.models.acsi(expectations_to_parts=True),
            "ACSI has no arrows to add by expectations_to_parts=True",
        ),
        (lambda: csi.models.ecsi("Mobile"), "did you mean 'mobile'?"),
        (lambda: csi.models.ccsi(scale=(5, 1)), "a scale runs from a low to a higher code"),
    ],
)
def test_items_and_settings_that_do_not_fit(call, words):
    with pytest.raises(CsiError, match=re.escape(words)):
        call()


# -- mobi ---------------------------------------------------------------------------------------------------

BLOCKS = {
    "image": [f"IMAG{i}" for i in range(1, 6)],
    "expectations": [f"CUEX{i}" for i in range(1, 4)],
    "quality": [f"PERQ{i}" for i in range(1, 8)],
    "value": ["PERV1", "PERV2"],
    "satisfaction": ["CUSA1", "CUSA2", "CUSA3"],
    "complaints": ["CUSCO"],
    "loyalty": ["CUSL1", "CUSL2", "CUSL3"],
}


@pytest.mark.parametrize(
    "model",
    [
        csi.models.ecsi(),
        csi.models.ecsi(items="mobi"),
        csi.models.acsi(items="mobi"),
        csi.models.scsb(items="mobi"),
        csi.models.ccsi(image_to_loyalty=True, items="mobi"),
        csi.models.tcsi(items="mobi"),
        csi.models.ncsb(items="mobi"),
        csi.models.tcsi_taiwan(items="mobi"),
        csi.models.get("csisg", items="mobi"),
    ],
    ids=lambda model: model.name,
)
def test_models_fit_the_columns_of_mobi(model, mobi):
    assert {item.name for item in model.items} <= set(mobi.columns)
    blocks = {name: [item.name for item in construct.items] for name, construct in model.constructs.items()}
    assert blocks == {name: BLOCKS[name] for name in model.constructs}
    scale = model.scale
    assert scale == Scale(1, 10) and all(item.scale is None for item in model.items)
    assert mobi.to_numpy().min() >= scale.low and mobi.to_numpy().max() <= scale.high


def test_the_european_model_orders_its_constructs_as_its_authors():
    assert list(csi.models.ecsi().constructs) == list(BLOCKS)


def test_questions_are_those_of_the_codebook(repository):
    codebook = tomllib.loads((repository / "data" / "mobi.toml").read_text(encoding="utf-8"))
    for language in ("en", "zh"):
        labels = csi.models.ecsi().labels(language)
        assert {item: facts[language] for item, facts in codebook["items"].items()} == {
            item: labels[item] for item in codebook["items"]
        }


# -- finding ------------------------------------------------------------------------------------------------


def test_get_is_the_function_of_that_name():
    assert csi.models.get("ccsi", image_to_loyalty=True) == csi.models.ccsi(image_to_loyalty=True)
    assert csi.models.get("ACSI", variant="government", scale=(0, 10)) == csi.models.acsi("government", scale=(0, 10))
    assert csi.models.get("中国顾客满意指数") == csi.models.ccsi()
    assert csi.models.get(" SA-csi ").name == "SA-csi"


def test_an_index_that_uses_anothers_model_takes_its_options():
    korea = csi.models.get("NCSI Korea", complaints="handling")
    assert korea.name == "NCSI Korea" and arrows(korea) == arrows(csi.models.acsi())
    assert signs(korea)["satisfaction", "complaints"] == "+"
    assert korea.paths[0].source == "NCSI Korea, after Fornell et al. (1996)"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: csi.models.get("acis"), "no model is called 'acis'; did you mean 'acsi'?"),
        (lambda: csi.models.get("中国顾客满意"), "; did you mean '中国顾客满意指数'?"),
        (lambda: csi.models.get("Swedish Customer Satisfaction"), "did you mean 'Swedish Customer Satisfaction"),
        (lambda: csi.models.get("zzz"), "csi.models.names() are scsb, acsi"),
        (lambda: csi.models.get("JCSI"), "its arrows could not be confirmed"),
        (lambda: csi.models.get("C-CSI"), "a ranking of brands without a structural model"),
        (lambda: csi.models.get("KCSI"), "not a structural model"),
        (lambda: csi.models.get("ccsi", variant="1994"), "ccsi has no option 'variant'"),
        (lambda: csi.models.get("ccsi", image_to_loyality=True), "did you mean 'image_to_loyalty'?"),
        (lambda: csi.models.get("csisg", variant="government"), "csisg has no option 'variant'"),
        (lambda: csi.models.entry("acis"), "did you mean 'acsi'?"),
    ],
)
def test_names_that_are_not_there(call, words):
    with pytest.raises(ModelError, match=re.escape(words)):
        call()


def test_variants_that_are_not_there():
    for name, variant in (("acsi", "1995"), ("csisg", "1994"), ("ccsi", "x")):
        with pytest.raises(SettingsError, match="variant must be one of"):
            csi.models.entry(name, variant)
    with pytest.raises(SettingsError, match="language must be one of 'en', 'zh'"):
        csi.models.entry("acsi").text("fr")


def test_the_table_has_a_row_for_every_model():
    table = csi.models.catalogue()
    assert list(table.columns) == [
        *("name", "variant", "title_en", "title_zh", "country", "year"),
        *("constructs", "items", "paths", "assumed", "reference"),
    ]
    assert len(table) == len(csi.models.all()) == len(ENTRIES)
    assert tuple(table["name"].unique()) == csi.models.names()
    assert not table.duplicated(["name", "variant"]).any()
    assert [len(model.paths) for model in csi.models.all()] == list(table["paths"])
    assert table["constructs"].dtype == int and isinstance(table["year"].dtype, pd.Int64Dtype)
    assert not table.drop(columns="year").isna().any().any()


def test_the_list_is_the_callers_own():
    csi.models.all().clear()
    csi.models.entries().clear()
    assert len(csi.models.all()) == len(csi.models.entries()) == len(ENTRIES)


def test_the_catalogue_needs_the_words_only_and_works_from_a_zip(repository, tmp_path):
    archive = tmp_path / "csi.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("csi/__init__.py", "")
        for room in ("errors.py", "spec", "models"):
            for file in [repository / "csi" / room, *(repository / "csi" / room).rglob("*")]:
                if file.suffix in (".py", ".toml"):
                    packed.write(file, Path("csi") / file.relative_to(repository / "csi"))
    code = "import csi.models; print(csi.models.__file__); print(len(csi.models.all()))"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(archive)},
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
    )
    place, count = ran.stdout.split()
    assert "csi.zip" in place and int(count) == len(ENTRIES)
