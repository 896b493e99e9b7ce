"""The report: one page that needs nothing else, escapes what people wrote, says the numbers of the fit."""

from __future__ import annotations

import base64
import html
import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import csi
from csi import report
from csi.errors import SettingsError
from csi.report.blocks import Figure
from csi.report.texts import doubt_texts, say, texts
from csi.results.doubts import Doubt

#: Attributes by which a page could ask for something else.
ADDRESSES = ("src", "href", "srcset", "data", "action", "poster", "background", "xlink:href")


#: The smallest PNG.
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


class Page(HTMLParser):
    """What a page holds: its tags in order, its addresses, its texts by tag."""

    void = frozenset({"meta", "img", "br", "link"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in ADDRESSES]
        if tag not in self.void:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and data.strip():
            self.texts.setdefault(self.open[-1], []).append(" ".join(data.split()))


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return csi.datasets.load("mobi").assign(wave=["2024"] * 100 + ["2025"] * 150)


@pytest.fixture(scope="module")
def fit(answers) -> csi.Fit:
    return csi.Study(csi.models.ecsi()).fit(answers).bootstrap(200, rng=7)


@pytest.fixture(scope="module")
def pages(fit) -> dict[str, str]:
    return {language: report.page(fit, language) for language in ("en", "zh")}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_stands_alone(language, pages):
    page = Page(pages[language])
    assert all(address.startswith(("#", "data:image/")) for address in page.addresses)
    assert not {"script", "link", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not re.search(r"url\(|@import|https?://(?!doi)", pages[language].split("</style>")[0])
    assert page.tags.count("img") == 4


def test_sections_stand_in_the_order_that_is_read(pages):
    anchors = re.findall(r'<section id="(\w+)">', pages["en"])
    assert anchors[:2] == ["doubts", "sample"]
    assert anchors[2:6] == ["descriptives", "measurement", "goodness", "paths"]
    assert anchors[6:] == ["effects", "index", "impacts", "method", "references", "model", "missing"]
    assert re.findall(r'href="#(\w+)"', pages["en"])[: len(anchors)] == anchors


def test_the_page_prints(pages):
    style = pages["en"].split("<style>")[1].split("</style>")[0]
    printed = style.split("@media print")[1]
    assert "break-inside: avoid" in printed
    assert "size: A4" in printed


def test_numbers_are_those_of_the_fit(fit, pages):
    cells = Page(pages["en"]).texts["td"]
    for _, row in fit.index().iterrows():
        assert f"{row.estimate:.2f}" in cells
        assert f"[{row.conf_low:.2f}, {row.conf_high:.2f}]" in cells
    for noun in ("paths", "loadings", "weights", "r2"):
        table = getattr(fit, noun)()
        assert all(f"{value:.3f}".replace("-", "−") in cells for value in table.iloc[:, 0])
    for value in fit.impacts()["total"]:
        assert f"{value:.2f}" in cells


def test_labels_are_in_the_language_asked_for(fit, pages):
    labels = fit.model.labels("zh")
    texts = Page(pages["zh"]).texts
    assert all(
        labels[name] in [*texts["th"], *texts["td"]]
        for name in [*fit.model.constructs, *(item.name for item in fit.model.items)]
    )
    assert 'lang="zh-CN"' in pages["zh"]
    assert 'lang="en"' in pages["en"]


def test_the_same_fit_gives_the_same_page(fit, pages):
    assert report.page(fit, "zh") == pages["zh"]


def test_no_figure_stays_open(fit):
    before = plt.get_fignums()
    report.page(fit)
    assert plt.get_fignums() == before


def test_pictures_have_words_for_those_who_cannot_see_them(pages):
    assert all(alt for alt in re.findall(r'<img [^>]*alt="([^"]*)"', pages["zh"]))
    picture = re.search(r"data:image/svg\+xml;base64,([^\"]+)", pages["en"])[1]
    assert base64.b64decode(picture).startswith(b"<?xml")


@pytest.fixture
def no_pictures(monkeypatch) -> None:
    """Pictures take most of the time and have been seen."""
    monkeypatch.setattr(Figure, "source", "data:image/svg+xml,")
    monkeypatch.setattr(Figure, "pixels", lambda self, dpi=300: DOT)


# -- other fits -------------------------------------------------------------------------------------------------


def test_what_people_wrote_is_escaped(answers):
    nasty = "<script>alert('x')</script><img src=x onerror=alert(1)>"
    model = csi.models.ecsi().replace(name=nasty)
    model = model.replace(
        constructs={
            **model.constructs,
            "value": csi.Construct([csi.Item("PERV1", label=nasty), "PERV2"], label={"en": nasty, "zh": nasty}),
        }
    )
    for language in ("en", "zh"):
        page = report.page(csi.Study(model).fit(answers.assign(wave=nasty), by="wave"), language)
        assert "<script" not in page
        assert "<img src=x" not in page
        Page(page)


def test_doubts_stand_before_the_numbers_with_their_remedy(answers, no_pictures):
    bad = answers.assign(CUSA1=11 - answers["CUSA1"])
    for language, remedy in (("en", "csi.Item(&#x27;CUSA1&#x27;, reversed=True)"), ("zh", "若其最高编码为最差回答")):
        page = report.page(csi.Study(csi.models.ecsi()).fit(bad), language)
        assert page.index("reversed_item") < page.index(remedy) < page.index('id="index"')


@pytest.mark.parametrize("shape", ["waves", "many", "one column of two"])
def test_groups(shape, answers, no_pictures):
    data = pd.concat([answers.assign(shop=f"shop {i:02d}") for i in range(10)], ignore_index=True)
    by = {"waves": "wave", "many": "shop", "one column of two": ["wave", "shop"]}[shape]
    fit = csi.Study(csi.models.ecsi()).fit(data, by=by)
    for language in ("en", "zh"):
        texts = Page(report.page(fit, language)).texts
        for label in fit.groups:
            assert " / ".join(label) in texts["th"] if isinstance(label, tuple) else label in texts["th"]


def test_a_group_that_cannot_be_estimated_is_blank_and_named(answers, no_pictures):
    data = answers.assign(CUSA1=answers["CUSA1"].where(answers["wave"] != "2024", 5))
    page = report.page(csi.Study(csi.models.ecsi()).fit(data, by="wave"))
    assert "group_not_estimated (in 2024)" in page
    assert "nan" not in Page(page).texts["td"]


def other_fits(answers: pd.DataFrame) -> dict[str, csi.Fit]:
    rng = np.random.default_rng(0)
    items = answers.drop(columns="wave")
    holes = items.astype(float).mask(rng.random(items.shape) < 0.01)
    designed = answers.assign(w=rng.uniform(1, 2, 250), town=np.arange(250) % 50, region=np.arange(250) % 2)
    ecsi, model = csi.Study(csi.models.ecsi()), csi.models.ecsi()
    no_arrows = csi.Model("Two", {"a": ["IMAG1", "IMAG2"], "b": ["CUSA1", "CUSA2"]}, {"a": "b"}, scale=(1, 10))
    return {
        "no scales": csi.Study(model.replace(scale=None)).fit(answers),
        "correlations": ecsi.fit(csi.Moments.from_table(items.corr(), n=250)),
        "moments drawn": ecsi.fit(csi.Moments(n=250, mean=items.mean(), cov=items.cov())).bootstrap(
            30, kind="normal", rng=1
        ),
        "pairwise": ecsi.fit(holes),
        "listwise": ecsi.replace(missing="listwise").fit(holes),
        "mean": ecsi.replace(missing="mean").fit(holes),
        "design": ecsi.replace(design=csi.Design(weight="w", stratum="region", cluster="town")).fit(designed),
        "rao-wu": ecsi.replace(design=csi.Design(cluster="town")).fit(designed).bootstrap(30, rng=1),
        "jackknife": csi.Study(no_arrows).fit(answers).jackknife(),
        "raw": ecsi.replace(method=csi.PLS(standardized=False, scheme="centroid", modes={"image": "B"})).fit(answers),
        "consistent": ecsi.replace(method=csi.PLSc()).fit(answers),
        "no index": csi.Study(no_arrows).fit(answers),
    }


def higher() -> csi.Model:
    return csi.Model(
        "Second order",
        {"product": ["PERQ1", "PERQ2"], "service": ["PERQ3", "PERQ4"], "satisfaction": ["CUSA1", "CUSA2", "CUSA3"]},
        {"quality": "satisfaction"},
        higher={"quality": ["product", "service"]},
        scale=(1, 10),
    )


def test_every_kind_of_fit_has_a_page(answers, no_pictures):
    for language, (kind, fit) in zip(["en", "zh"] * 9, other_fits(answers).items(), strict=False):
        page = Page(report.page(fit, language))
        assert not [text for tag in ("td", "th", "p") for text in page.texts.get(tag, []) if "nan" in text], kind


def test_a_second_order_is_drawn_and_its_links_are_in_the_table(answers):
    page = Page(report.page(csi.Study(higher()).fit(answers)))
    assert page.tags.count("img") == 4
    assert "product → quality" in page.texts["th"]
    assert any("a second order repeats items" in text for text in page.texts["p"])


# -- texts ------------------------------------------------------------------------------------------------------


def test_every_text_is_there_in_both_languages_with_the_same_blanks():
    for room, entries in texts().items():
        for name, entry in entries.items():
            if room == "doubt":
                assert set(entry) == {"message", "remedy"}, name
                continue
            blanks = {language: set(re.findall(r"(?<!\{)\{(\w+)[:!}]", entry[language])) for language in ("en", "zh")}
            assert set(entry) == {"en", "zh"}, f"{room}.{name}"
            assert blanks["en"] == blanks["zh"], f"{room}.{name}"


def test_every_text_is_used(repository):
    paths = [path for room in ("report", "cli") for path in (repository / "csi" / room).rglob("*.py")]
    code = "".join(path.read_text(encoding="utf-8").replace("'", '"') for path in paths)
    # Rooms some of whose keys are put together from parts.
    made = {room for room in texts() if f'"{room}.{{' in code}
    listed = [(room, name) for room in texts() if room not in {"doubt", *made} for name in texts()[room]]
    assert [f"{room}.{name}" for room, name in listed if f'"{room}.{name}"' not in code] == []
    assert len(made) < 12


def test_a_doubt_without_chinese_is_said_in_english():
    doubt = Doubt("a_new_one", "x", 1.0, 0.5, "something is odd", "Look again")
    assert doubt_texts(doubt, "zh") == ("something is odd.", "Look again.")


def test_a_doubt_in_chinese_names_its_subject():
    doubt = Doubt("negative_weight", "CUSL2", -0.05, 0.0, "CUSL2 has a negative weight", "Leave it out")
    assert "CUSL2" in doubt_texts(doubt, "zh")[0]
    path = Doubt("path_above_one", "image -> value", 1.2, 1.0, "", "")
    assert "形象 -> 价值" in doubt_texts(path, "zh", {"image": "形象", "value": "价值"})[0]
    item = Doubt("reversed_item", "value", -0.5, -0.1, "", "")
    assert "csi.Item('value', reversed=True)" in doubt_texts(item, "zh", {"value": "价值"})[1]
    assert doubt_texts(doubt, "en") == ("CUSL2 has a negative weight.", "Leave it out.")


# -- files ------------------------------------------------------------------------------------------------------


def test_a_file_in_a_new_folder(fit, pages, tmp_path):
    path = report.write(fit, tmp_path / "a folder" / "报告.html", "zh")
    assert path.read_bytes().decode("utf-8") == pages["zh"]
    assert b"\r\n" not in path.read_bytes()


@pytest.mark.parametrize("name", ["report.pdf", "report", "report.docx.bak"])
def test_other_forms_are_refused(name, fit, tmp_path):
    with pytest.raises(SettingsError, match=r"written as \.html, \.docx"):
        report.write(fit, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_other_languages_are_refused(fit):
    with pytest.raises(SettingsError, match="language must be one of"):
        report.page(fit, "fr")


def test_sentences():
    assert say("card.lever", name="Quality") == "Strongest lever: Quality"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_was_looked_at_before_the_model_is_printed(tmp_path, language):
    answers = csi.datasets.load("mobi")
    model = csi.models.ecsi()
    screened, items = csi.screen(answers, model), csi.item_analysis(answers, model)
    path = csi.Study(model).fit(answers).report(tmp_path / "page.html", language, before=[screened, items])
    page = path.read_text(encoding="utf-8")
    assert {"en": "Before the model", "zh": "建模之前"}[language] in page
    for table in (*screened.tables(model), *items.tables(model)):
        assert table.title[language] in html.unescape(page)


def test_what_has_no_tables_is_refused(tmp_path):
    fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    with pytest.raises(csi.errors.SettingsError, match="tables"):
        fit.report(tmp_path / "page.html", before=["a sentence"])
