"""What the report says of all kinds of fits: groups, waves, covariance structures, moments, hostile words."""

from __future__ import annotations

import base64
import re
import zipfile

import docx
import numpy as np
import openpyxl
import pandas as pd
import pytest

import csi
from csi.bibliography import listed, named_in, works
from csi.display.cells import cut
from csi.errors import SettingsError
from csi.report import document
from csi.report.blocks import Exhibit, Figure, Listing
from csi.results.criteria import SETS

ECSI = csi.models.ecsi()
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
NASTY = "=1+1<script>alert('x')</script>|`*_&\""


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return csi.datasets.load("mobi").assign(wave=["2024"] * 100 + ["2025"] * 150, company=(["a", "b", "c"] * 84)[:250])


@pytest.fixture
def no_pictures(monkeypatch) -> None:
    """Pictures take most of the time and are looked at elsewhere."""
    monkeypatch.setattr(Figure, "source", "data:image/svg+xml,")
    monkeypatch.setattr(Figure, "pixels", lambda self, dpi=300: DOT)


@pytest.fixture(scope="module")
def made(answers: pd.DataFrame) -> dict[str, csi.Fit]:
    items = [item.name for item in ECSI.items]
    bad = answers.assign(CUSA1=11 - answers["CUSA1"])
    short = csi.Model(
        "Two", {"quality": ["PERQ1", "PERQ2", "PERQ3"], "satisfaction": ["CUSA1", "CUSA2", "CUSA3"]},
        {"quality": "satisfaction"}, scale=(1, 10),
    )  # fmt: skip
    return {
        "waves": csi.Study(ECSI).fit(answers, by="wave").bootstrap(30, rng=1),
        "companies": csi.Study(short).fit(answers, by="company"),
        "covariances": csi.Study(ECSI.without("image"), method=csi.CBSEM("MLR")).fit(answers),
        "covariance groups": csi.Study(short, method=csi.CBSEM()).fit(answers, by="wave"),
        "consistent": csi.Study(ECSI, method=csi.PLSc()).fit(answers),
        "moments": csi.Study(ECSI).fit(csi.Moments(n=250, mean=answers[items].mean(), cov=answers[items].cov())),
        "doubts": csi.Study(ECSI).fit(bad),
    }


def anchors(said: document.Document) -> list[str]:
    return [section.anchor for section in said.sections]


def test_every_form_of_every_fit_holds_its_tables(made, no_pictures, tmp_path):
    for place, (kind, fit) in enumerate((kind, made[kind]) for kind in ("covariances", "moments")):
        language = ("en", "zh")[place % 2]
        said = document.build(fit, language, chapter=3)
        word, book, text = fit.report(
            [tmp_path / f"{place}{form}" for form in (".docx", ".xlsx", ".md")], language, chapter=3
        )
        found = [table for table in docx.Document(str(word)).tables if table._tbl.xpath(".//w:tcBorders")]
        assert len(found) == len(said.tables) > 5, kind
        for table, shown in zip(said.tables, found, strict=True):
            rows = [[cell.text.replace("\u00a0", " ") for cell in row.cells] for row in shown.rows][-len(table.frame) :]
            wanted = [[cell.text.replace("\u00a0", " ") for cell in row] for row in cut(table, language).rows]
            assert rows == wanted, kind
            assert "nan" not in {cell for row in rows for cell in row}, kind
        assert len(openpyxl.load_workbook(book).sheetnames) == len(said.tables) + 1
        assert text.read_text(encoding="utf-8").startswith("# ")


def test_doubts_are_the_first_section_of_every_form(made, no_pictures, tmp_path):
    fit = made["doubts"]
    word, book, text = fit.report([tmp_path / f"a{form}" for form in (".docx", ".xlsx", ".md")])
    paragraphs = [one.text for one in docx.Document(str(word)).paragraphs]
    first = next(at for at, said in enumerate(paragraphs) if "reversed_item" in said)
    assert first < paragraphs.index("Sample")
    assert paragraphs[first].count("csi.Item('CUSA1', reversed=True)") == 1
    front = [str(cell.value) for (cell,) in openpyxl.load_workbook(book).worksheets[0].iter_rows(max_col=1)]
    assert next(at for at, said in enumerate(front) if "reversed_item" in said) < front.index("Sample")
    assert "reversed\\_item" in text.read_text(encoding="utf-8").split("## Sample")[0]


# -- sections -------------------------------------------------------------------------------------------------------


def test_groups_are_compared_and_waves_followed(made):
    waves, companies = document.build(made["waves"]), document.build(made["companies"])
    assert {"comparisons", "tracking"} <= set(anchors(waves))
    assert "tracking" not in anchors(companies)
    shown = {block.key: block.table for s in waves.sections for block in s.blocks if isinstance(block, Exhibit)}
    compared = made["waves"].compare("2024", "2025")
    np.testing.assert_allclose(shown["differences"].frame["estimate"], compared["estimate"])
    pairs = {block.key: block.table for s in companies.sections for block in s.blocks if isinstance(block, Exhibit)}
    assert len(pairs["differences"].frame) == 3
    assert (pairs["differences"].frame["p_adjusted"] >= pairs["differences"].frame["p_value"]).all()


def test_what_a_comparison_doubts_is_said(made):
    fit = made["covariance groups"]
    doubts = fit.compare("2024", "2025").attrs["doubts"]
    assert doubts
    section = next(s for s in document.build(fit).sections if s.anchor == "comparisons")
    listing = next(block for block in section.blocks if isinstance(block, Listing))
    assert [f"{doubt}." for doubt in doubts] == [point for point, _ in listing.points]
    chinese = next(s for s in document.build(fit, "zh").sections if s.anchor == "comparisons")
    assert "未检验" in next(block for block in chinese.blocks if isinstance(block, Listing)).points[0][0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_notes_on_validity_stand_under_htmt(answers, language):
    fit = csi.Study(ECSI).fit(answers)
    said = document.build(fit, language)
    tables = {block.key: block.table for s in said.sections for block in s.blocks if isinstance(block, Exhibit)}
    note = cut(tables["htmt"], language).note
    assert len(tables["htmt"].notes) == 1 + len(fit.validity().attrs["notes"])
    assert all(name in note for name in (fit.model.labels(language)["quality"], "HTMT2"))


def test_criteria_count_what_meets_them(answers):
    fit = csi.Study(ECSI).fit(answers)
    said = document.build(fit)
    tables = {block.key: block.table for s in said.sections for block in s.blocks if isinstance(block, Exhibit)}
    judged = fit.assess().loc["loading"]
    assert tables["verdicts"].frame.loc["loading", "met"] == f"{int(judged['met'].sum())}/{len(judged)}"
    assert tables["goodness"].frame.loc["srmr", "verdict"] == "不符合"
    assert "not met" in tables["goodness"].to_text()


def test_fieldwork_stands_in_the_sample_and_its_lack_is_said(answers):
    fit = csi.Study(ECSI).fit(answers)
    known, unknown = document.build(fit, fieldwork={"Invited": 12000, "Period": "May"}), document.build(fit)
    sample = next(section for section in known.sections if section.anchor == "sample")
    assert sample.blocks[0].pairs[:2] == [("Invited", "12,000"), ("Period", "May")]
    lacking = [block.points for section in (known.sections[-1], unknown.sections[-1]) for block in section.blocks]
    assert len(lacking[1]) == len(lacking[0]) + 1


def test_controls_and_weights_are_in_the_words(answers):
    design = csi.Design(weight="w", stratum="wave")
    fit = csi.Study(ECSI, design=design).fit(answers.assign(w=np.linspace(1, 3, 250)))
    text = fit.methods()
    assert "weighted by w; the largest weight is 3.00 times the smallest" in text
    assert "strata wave" in text


# -- hostile words --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_words_stay_words_in_every_form(answers, no_pictures, tmp_path, language):
    blocks = {**ECSI.constructs}
    item = csi.Item("PERV1", label=NASTY)
    blocks["value"] = csi.Construct([item, "PERV2"], label={"en": NASTY, "zh": NASTY * 3})
    model = ECSI.replace(name=NASTY.replace("`", ""), constructs=blocks)
    fit = csi.Study(model).fit(answers)
    said = {"=cmd": "+1", "-2": "@SUM(1)", f"{NASTY}\x0b": NASTY}
    paths = fit.report([tmp_path / f"a{f}" for f in (".html", ".docx", ".xlsx", ".md")], language, fieldwork=said)
    assert "<script" not in paths[0].read_text(encoding="utf-8")
    text = "\n".join(one.text for one in docx.Document(str(paths[1])).paragraphs)
    assert "<script>alert('x')" in text
    book = openpyxl.load_workbook(paths[2])
    assert {cell.data_type for sheet in book.worksheets for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    with zipfile.ZipFile(paths[2]) as archive:
        sheets = [archive.read(name).decode("utf-8") for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any("<f>" in sheet for sheet in sheets)
    assert not re.search(r"(?<!\\)<script", paths[3].read_text(encoding="utf-8").split("```")[0])


# -- methods and references -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_methods_say_what_was_done(answers, language):
    fit = csi.Study(ECSI).fit(answers).bootstrap(40, rng=7)
    text = fit.methods(language)
    counts = (len(ECSI.constructs), len(ECSI.items), len(ECSI.paths), 250, 40, fit.core.solution.iterations[0], 7)
    assert all(str(count) in text for count in counts)
    assert csi.__version__ in text
    assert "Tenenhaus et al. (2005)" in text
    assert {"en": "path weighting scheme", "zh": "路径加权方案"}[language] in text


def test_methods_of_every_fit_in_both_languages(made):
    for kind, fit in made.items():
        for language in ("en", "zh"):
            text = fit.methods(language)
            assert not re.search(r"nan|\{\w+\}|\ue000", text), kind
            assert len(text.split("\n\n")) >= 4, kind


def test_methods_differ_by_method(made, answers):
    said = {kind: fit.methods() for kind, fit in made.items()}
    assert "consistent partial least squares" in said["consistent"]
    assert "estimator MLR" in said["covariances"]
    assert "published moments of 250" in said["moments"]
    with pytest.raises(SettingsError, match="language"):
        csi.Study(ECSI).fit(answers).methods("fr")


def test_references_of_software_model_method_and_measures(made):
    for kind, wanted in (
        (
            "waves",
            ("csi authors", "Tenenhaus", "Lohm", "Davison", "Fornell, C., Johnson", "Cronbach", "MICOM|invariance"),
        ),
        ("covariances", ("csi authors", "general method for analysis of covariance", "Yuan", "Bartlett", "Bentler")),
        ("consistent", ("Dijkstra", "Binder")),
    ):
        text = made[kind].cite()
        assert all(re.search(one, text) for one in wanted), kind
    lines = made["waves"].cite("gbt7714").splitlines()
    assert [line.split()[0] for line in lines] == [f"[{place}]" for place in range(1, len(lines) + 1)]
    assert all(re.search(r"\[(J|M|R|S|CP)\]", line) for line in lines)
    assert made["waves"].cite("bibtex").count("@") == len(lines)
    with pytest.raises(SettingsError, match="style"):
        made["waves"].cite("mla")


def test_chinese_works_are_cited_in_chinese():
    (line,) = listed([works()["gbt19038"]], "gbt7714")
    assert line == (
        "[1] 全国质量管理和质量保证标准化技术委员会. 顾客满意测评模型和方法指南: GB/T 19038—2009[S]. "
        "北京: 中国标准出版社, 2009."
    )


def test_every_criterion_and_every_model_of_the_catalogue_has_its_work():
    for one in (one for chosen in SETS.values() for one in chosen):
        assert named_in([one.source]), one.source
    for name in csi.models.names():
        assert named_in(path.source for path in csi.models.get(name).paths), name


def test_works_are_whole_and_their_keys_are_names_and_years():
    for key, work in works().items():
        assert work.title and work.authors, key
        assert key.endswith(work.year) or work.kind == "standard", key
        if work.kind == "article":
            assert work.journal and work.volume and work.pages, key
        if work.kind in ("book", "chapter"):
            assert work.publisher and work.place, key
    assert len({work.short for work in works().values()}) >= len(works()) - 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_products_of_constructs_are_named(answers, language):
    model = csi.Model(
        "Moderated",
        {"image": ["IMAG1", "IMAG2"], "quality": ["PERQ1", "PERQ2"], "satisfaction": ["CUSA1", "CUSA2", "CUSA3"]},
        {"image": "satisfaction", "quality": "satisfaction", "image:quality": "satisfaction"},
        scale=(1, 10),
    )
    said = document.build(csi.Study(model).fit(answers), language)
    assert any("image × quality → satisfaction" in table.to_markdown(language) for table in said.tables)
