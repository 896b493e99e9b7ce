"""One report in four forms: every number of the fit's tables stands in each of them, as printed."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import docx
import numpy as np
import openpyxl
import pytest
from docx.oxml.ns import qn
from docx.table import _Cell

import csi
from csi.display.cells import cut
from csi.errors import MissingExtra, SettingsError
from csi.report import document
from csi.report.blocks import Exhibit, Figure, pieces, ref

FORMS = (".html", ".docx", ".xlsx", ".md")
WORDS = {"en": ("Table ", "Figure "), "zh": ("表", "图")}


@pytest.fixture(scope="module")
def fit() -> csi.Fit:
    return csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi")).bootstrap(200, rng=7)


@pytest.fixture(scope="module", params=["en", "zh"])
def written(request, fit, tmp_path_factory) -> tuple[str, document.Document, dict[str, Path]]:
    """The language, what was to be written, and the files."""
    language, folder = request.param, tmp_path_factory.mktemp("report") / "a 目录"
    paths = fit.report([folder / f"chapter{form}" for form in FORMS], language, chapter=4)
    return language, document.build(fit, language, chapter=4), dict(zip(FORMS, paths, strict=True))


def cells_of(table) -> list[list[str]]:
    """Read every cell once; `row.cells` of python-docx reads the whole table for every row."""
    return [[_Cell(cell, table).text.replace("\u00a0", " ") for cell in row.tc_lst] for row in table._tbl.tr_lst]


def numbered(file) -> list:
    """The tables of a Word file that have three rules; facts stand in tables without."""
    return [table for table in file.tables if table._tbl.xpath(".//w:tcBorders")]


# -- Word -----------------------------------------------------------------------------------------------------------


def test_word_holds_every_number_of_every_table_as_printed(written):
    language, said, paths = written
    found = numbered(docx.Document(str(paths[".docx"])))
    assert len(found) == len(said.tables)
    for table, word in zip(said.tables, found, strict=True):
        rows = cells_of(word)[-len(table.frame) :]
        assert rows == [[cell.text.replace("\u00a0", " ") for cell in row] for row in cut(table, language).rows]


def test_word_tables_have_three_rules_and_no_others(written):
    for table in numbered(docx.Document(str(written[2][".docx"]))):
        edges = [
            {(edge.tag.split("}")[1], edge.get(qn("w:sz"))) for edge in row._tr.xpath(".//w:tcBorders/*")}
            for row in table.rows
        ]
        head = sum(bool(row._tr.xpath("./w:trPr/w:tblHeader")) for row in table.rows)
        assert ("top", "12") in edges[0]
        assert edges[head - 1] >= {("bottom", "6")}
        assert edges[-1] == {("bottom", "12")}
        assert all(edge == set() for edge in edges[head:-1])
        assert not table._tbl.xpath(".//w:tcBorders/w:left | .//w:tcBorders/w:right | ./w:tblPr/w:tblBorders")


def fields_of(paragraph) -> list[tuple[str, str]]:
    """Every field of a paragraph and the result that is read before Word counts."""
    found, code, shown, state = [], "", "", ""
    for run in paragraph._p.iter(qn("w:r")):
        for part in run:
            if part.tag == qn("w:fldChar"):
                state = part.get(qn("w:fldCharType"))
                if state == "begin":
                    code, shown = "", ""
                elif state == "end":
                    found.append((code.strip(), shown))
            elif part.tag == qn("w:instrText"):
                code += part.text
            elif part.tag == qn("w:t") and state == "separate":
                shown += part.text
    return found


def test_captions_are_fields_with_their_results(written):
    language, said, paths = written
    file = docx.Document(str(paths[".docx"]))
    captions = [one for one in file.paragraphs if one.style.name == "Caption"]
    shown = [block for section in said.sections for block in section.blocks if isinstance(block, Exhibit | Figure)]
    assert len(captions) == len(shown)
    for caption, block in zip(captions, shown, strict=True):
        kind = WORDS[language][block.kind == "figure"]
        assert caption.text.startswith(f"{kind}{block.number}")
        chapter, count = block.number.split("-")
        assert fields_of(caption) == [
            ("STYLEREF 1 \\s", chapter),
            (f"SEQ {kind.strip()} \\* ARABIC \\s 1", count),
        ]


def test_headings_are_styles_numbered_by_word(written):
    _, said, paths = written
    file = docx.Document(str(paths[".docx"]))
    assert [one.text for one in file.paragraphs if one.style.name == "Heading 1"] == [said.title]
    assert [one.text for one in file.paragraphs if one.style.name == "Heading 2"] == [s.title for s in said.sections]
    levels = file.part.numbering_part.element.xpath("./w:abstractNum[@w:abstractNumId='97']/w:lvl")
    assert [level.find(qn("w:start")).get(qn("w:val")) for level in levels] == ["4", "1", "1"]
    assert file.styles["Heading 2"].element.pPr.numPr.ilvl.val == 1


def test_contents_and_page_numbers_are_fields(written):
    _, said, paths = written
    file = docx.Document(str(paths[".docx"]))
    codes = [code.text.strip() for code in file.element.xpath("//w:instrText")]
    assert codes[0] == 'TOC \\o "2-2" \\h \\z \\u'
    lines = [one for one in file.paragraphs if one.style.name == "TOC 2"]
    assert ["".join(t.text for t in one._p.iter(qn("w:t"))) for one in lines] == [
        f"4.{place}  {section.title}" for place, section in enumerate(said.sections, 1)
    ]
    anchors = file.element.xpath("//w:hyperlink/@w:anchor")
    assert set(anchors) <= set(file.element.xpath("//w:bookmarkStart/@w:name"))
    assert fields_of(file.sections[0].footer.paragraphs[0]) == [("PAGE", "1")]


def test_fields_are_whole_and_bookmarks_are_unique(written):
    with zipfile.ZipFile(written[2][".docx"]) as archive:
        text = archive.read("word/document.xml").decode("utf-8")
        assert "updateFields" not in archive.read("word/settings.xml").decode("utf-8")
    kinds = [text.count(f'fldCharType="{kind}"') for kind in ("begin", "separate", "end")]
    assert len(set(kinds)) == 1
    names = docx.Document(str(written[2][".docx"])).element.xpath("//w:bookmarkStart/@w:name")
    assert len(names) == len(set(names))
    assert all(len(name) <= 40 for name in names)


def test_pictures_have_300_dots_an_inch_and_words(written):
    file = docx.Document(str(written[2][".docx"]))
    pictures = [part for part in file.part.package.iter_parts() if part.content_type == "image/png"]
    assert pictures
    assert {round(picture.image.horz_dpi) for picture in pictures} == {300}
    assert all(shape._inline.docPr.get("descr") for shape in file.inline_shapes)


def test_song_and_times(written):
    styles = docx.Document(str(written[2][".docx"])).styles
    for name, east in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Caption", "黑体")):
        fonts = styles[name].element.rPr.rFonts
        assert (fonts.get(qn("w:ascii")), fonts.get(qn("w:eastAsia"))) == ("Times New Roman", east)


# -- workbook -------------------------------------------------------------------------------------------------------


def test_the_workbook_holds_the_raw_numbers(written):
    _, said, paths = written
    book = openpyxl.load_workbook(paths[".xlsx"])
    sheets = book.worksheets[1:]
    assert len(sheets) == len(said.tables)
    for table, sheet in zip(said.tables, sheets, strict=True):
        numbers = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, float | int)]
        wanted = [value for value in table.frame.to_numpy().ravel() if isinstance(value, float | int)]
        wanted = [value for value in np.array(wanted, dtype=float) if np.isfinite(value)]
        np.testing.assert_allclose(numbers, wanted, rtol=1e-12)
        assert sheet.freeze_panes is not None


def test_the_front_sheet_leads_to_every_table(written):
    _, said, paths = written
    book = openpyxl.load_workbook(paths[".xlsx"])
    front = book.worksheets[0]
    links = [cell.hyperlink.location for (cell,) in front.iter_rows(max_col=1) if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:]]
    texts = [cell.value for (cell,) in front.iter_rows(max_col=1)]
    assert texts[0] == said.title
    assert texts.index(said.sections[0].title) < texts.index(said.sections[1].title)


# -- Markdown and the page ------------------------------------------------------------------------------------------


def test_markdown_names_its_pictures(written):
    _, said, paths = written
    text = paths[".md"].read_text(encoding="utf-8")
    figures = [block for section in said.sections for block in section.blocks if isinstance(block, Figure)]
    for figure in figures:
        name = f"figure-{figure.number}.png"
        assert f"chapter_files/{name}" in text
        assert (paths[".md"].parent / "chapter_files" / name).read_bytes().startswith(b"\x89PNG")
    for table in said.tables:
        assert table.to_markdown(written[0]) in text


def test_the_page_holds_the_same_tables(written):
    text = written[2][".html"].read_text(encoding="utf-8")
    for table in written[1].tables:
        assert table.to_html(written[0]) in text


# -- asking ---------------------------------------------------------------------------------------------------------


def test_one_path_gives_one_path(fit, tmp_path):
    assert fit.report(tmp_path / "a.md") == tmp_path / "a.md"


@pytest.mark.parametrize("paths", [["a.html", "b.pdf"], ["b"]])
def test_a_form_that_cannot_be_written_is_refused_before_any_is(fit, tmp_path, paths):
    with pytest.raises(SettingsError, match=r"\.html, \.docx, \.xlsx or \.md"):
        fit.report([tmp_path / name for name in paths])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("suffix", "module"), [(".docx", "docx"), (".xlsx", "xlsxwriter")])
def test_a_missing_package_names_the_line_that_installs_it(fit, tmp_path, monkeypatch, suffix, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra, match=r"csi\[report\]"):
        fit.report([tmp_path / "a.html", tmp_path / f"a{suffix}"])
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("chapter", [0, -1, 1.5, True, "4"])
def test_a_chapter_is_a_whole_number(fit, tmp_path, chapter):
    with pytest.raises(SettingsError, match="chapter"):
        fit.report(tmp_path / "a.md", chapter=chapter)


def test_references_are_pieces_of_a_text():
    assert list(pieces(f"see {ref('paths')}.")) == [("text", "see "), ("ref", "paths"), ("text", ".")]
