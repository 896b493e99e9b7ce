"""What a fit, a model and a table show of themselves, compared with files that were read by a person.

`CSI_GOLDEN=write pytest tests/test_faces.py` writes the files anew; look at the difference before it is committed.
"""

from __future__ import annotations

import html.parser
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import csi
from csi.display import fit as fit_face
from csi.display import model as model_face
from csi.display.plain import frame_text, grid, width
from csi.report.faces import model_html
from csi.results.doubts import Doubt

GOLDEN = Path(__file__).parent / "golden"


def golden(name: str, text: str) -> None:
    """Compare with a file, or write it where that is asked for."""
    path = GOLDEN / name
    if os.environ.get("CSI_GOLDEN") == "write":
        path.write_text(text + "\n", encoding="utf-8", newline="\n")
    assert text + "\n" == path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return csi.datasets.load("mobi").assign(wave=["2024"] * 100 + ["2025"] * 150)


@pytest.fixture(scope="module")
def fits(answers) -> dict[str, csi.Fit]:
    """A fit of every kind."""
    ecsi = csi.Study(csi.models.ecsi())
    bad = answers.astype({"IMAG1": float})
    bad.loc[3:9, "IMAG1"] = np.nan
    bad["CUSA1"] = 11 - bad["CUSA1"]
    items = answers.drop(columns="wave")
    # As many respondents in each of twenty shops, all alike.
    many = pd.concat([answers.assign(shop=f"shop {i:02d}") for i in range(20)], ignore_index=True)
    return {
        "plain": ecsi.fit(answers),
        "drawn": ecsi.fit(answers).bootstrap(200, rng=7),
        "waves": csi.Study(csi.models.ccsi(items="mobi")).fit(answers, by="wave"),
        "many": ecsi.replace(model=csi.models.ecsi().replace(name="Shops")).fit(many, by="shop"),
        "doubts": ecsi.fit(bad),
        "no_scale": csi.Study(csi.models.ecsi().replace(scale=None)).fit(answers),
        "correlations": ecsi.fit(csi.Moments.from_table(items.corr(), n=250)),
        "em": csi.Study(csi.models.ecsi(), missing="em").fit(bad),
    }


@pytest.mark.parametrize("kind", ["plain", "drawn", "waves", "many", "doubts", "no_scale", "correlations", "em"])
def test_fit_as_text(kind, fits):
    text = repr(fits[kind])
    golden(f"fit_{kind}.txt", text)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("kind", ["plain", "waves", "doubts", "correlations"])
def test_fit_as_html(kind, fits):
    text = fits[kind]._repr_html_()
    golden(f"fit_{kind}.html", text)
    well_formed(text)


def test_doubts_stand_before_the_numbers(fits):
    for text in (repr(fits["doubts"]), fits["doubts"]._repr_html_()):
        assert text.index("reversed_item") < text.index("estimate")


def test_many_doubts_are_gathered_by_their_kind():
    doubts = [Doubt("few_cases", "n = 9", 9.0, 24.0, "fewer cases", "Report means", f"g{i}") for i in range(40)]
    doubts.append(Doubt("left_code", "Q1", 99.0, 10.0, "Q1 holds 99", "Say so"))
    lines = fit_face.doubt_lines(doubts)
    assert lines[0].startswith("41 doubts, the first of every kind")
    assert lines[1] == "! few_cases [g0] and 39 more: fewer cases."
    assert lines[3] == "! left_code: Q1 holds 99."
    assert "and 39 more" in fit_face.doubts_html(doubts)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["ecsi", "ccsi", "acsi-product-service"])
def test_model_as_text(name, language):
    short, _, variant = name.partition("-")
    model = csi.models.get(short, **({"variant": variant} if variant else {}))
    text = model_face.text(model, language)
    golden(f"model_{name}_{language}.txt", text)
    assert text.isascii() or language == "zh"


@pytest.mark.parametrize("model", csi.models.all(), ids=lambda model: model.name)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_model_of_the_catalogue_has_a_face(model, language):
    text = model_face.text(model, language)
    labels = model.labels(language)
    assert all(labels[name] in text for name in model.constructs)
    assert all(item.name in text for item in model.items)
    assert ("?" in text) >= any(path.status == "assumed" for path in model.paths)
    well_formed(model_face.html(model, language))


def test_model_as_html_with_its_diagram():
    text = model_html(csi.models.ecsi(), "zh")
    assert "data:image/svg+xml;base64," in text
    assert text == model_html(csi.models.ecsi(), "zh")
    golden("model_ecsi_zh.html", re.sub(r"base64,[^']*", "base64,", text))
    well_formed(text)


def test_what_people_wrote_is_escaped(answers):
    nasty = "<script>alert('x')</script>"
    model = csi.Model(
        nasty,
        {
            "a&b": csi.Construct(["IMAG1", csi.Item("IMAG2", label=nasty)], label=nasty),
            "satisfaction": ["CUSA1", "CUSA2"],
        },
        {"a&b": "satisfaction"},
        scale=(1, 10),
    )
    fit = csi.Study(model).fit(answers.assign(wave=nasty), by="wave")
    for text in (fit._repr_html_(), model_face.html(model), model_html(model)):
        assert "<script" not in text
        well_formed(text)


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "utf-8"])
def test_texts_of_the_library_reach_every_console(encoding, fits):
    for fit in fits.values():
        repr(fit).encode(encoding)


def test_columns_stand_straight_under_chinese_labels():
    table = pd.DataFrame({"estimate": [0.5, 12.25]}, index=pd.Index(["quality", "感知价值"], name="construct"))
    lines = frame_text(table, 2).splitlines()
    assert {width(line) for line in lines} == {19}


def test_grid_of_nothing_is_its_header():
    assert grid(["name", "n"], []) == "name  n"


def test_numbers_that_are_missing_are_a_dash():
    table = pd.DataFrame({"estimate": [np.nan, -0.5], "p_value": [np.nan, 0.2]}, index=pd.Index(["a", "b"], name="x"))
    assert frame_text(table).splitlines()[1].split() == ["a", "-", "-"]


def test_strip_is_left_out_where_something_is_missing():
    assert fit_face.strip(50.0, np.nan, 60.0) == ""
    assert "circle" not in fit_face.strip(50.0, 40.0, 60.0)


class _Tags(html.parser.HTMLParser):
    """Follows opening and closing tags."""

    void = frozenset({"br", "img", "meta", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag


def well_formed(text: str) -> None:
    """Every tag that opens closes, in order."""
    tags = _Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
