"""The charts: what they draw is what the tables say; labels apart, no boxes for characters, in both languages."""

from __future__ import annotations

import inspect
import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import csi
from csi import plots
from csi.errors import DataError, SettingsError
from csi.plots import style
from csi.plots.inputs import ask, column, table

COUNTS = pd.DataFrame(
    [[3, 5, 20, 40, 32], [10, 20, 30, 30, 10]],
    index=["产品质量", "service"],
    columns=["很不满意", "不满意", "一般", "满意", "很满意"],
)
LONG = {"value": "What customers think they get for what they pay, all things considered"}


@pytest.fixture(scope="module")
def fit():
    return csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi")).bootstrap(200, rng=7, progress=False)


@pytest.fixture(scope="module")
def waves():
    data = csi.datasets.load("mobi").assign(wave=["2024", "2025"] * 125, company=["甲", "乙", "丙", "丁", "戊"] * 50)
    return csi.Study(csi.models.ecsi()).fit(data, by=["company", "wave"]).bootstrap(50, rng=7, progress=False)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(ax) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_visible()]


def widths(ax) -> np.ndarray:
    return np.array([bar.get_width() for bar in ax.patches])


CHARTS = {
    "diagram": lambda fit, waves, **k: plots.diagram(fit, **k),
    "index": lambda fit, waves, **k: plots.index(fit, benchmark=75, **k),
    "index-marks": lambda fit, waves, **k: plots.index(fit, benchmark={"value": 70, "loyalty": 60}, **k),
    "index-groups": lambda fit, waves, **k: plots.index(_companies(waves), **k),
    "index-long": lambda fit, waves, **k: plots.index(fit, labels=LONG, **k),
    "impacts": lambda fit, waves, **k: plots.impacts(fit, points=5, **k),
    "loadings": lambda fit, waves, **k: plots.loadings(fit, **k),
    "weights": lambda fit, waves, **k: plots.weights(fit, item_labels=True, **k),
    "track": lambda fit, waves, **k: plots.track(waves, benchmark=70, **k),
    "scores": lambda fit, waves, **k: plots.scores(fit, **k),
    "scores-every": lambda fit, waves, **k: plots.scores(fit, every=True, **k),
    "replicates": lambda fit, waves, **k: plots.replicates(fit, **k),
    "replicates-index": lambda fit, waves, **k: plots.replicates(fit, noun="index", **k),
    "priorities": lambda fit, waves, **k: plots.priorities(fit, **k),
    "answers": lambda fit, waves, **k: plots.answers(COUNTS, **k),
    "answers-diverging": lambda fit, waves, **k: plots.answers(COUNTS, kind="diverging", sort=True, **k),
}


def _companies(waves) -> pd.DataFrame:
    found = waves.index()
    return found[found.index.get_level_values("wave") == "2024"].droplevel("wave")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_texts_are_apart_and_complete_in_both_languages(name, language, fit, waves):
    before = dict(mpl.rcParams)
    font = "serif" if language == "zh" else None
    ax = CHARTS[name](fit, waves, language=language, font=font)
    assert plots.overlaps(ax) == []
    assert plots.missing_glyphs(texts(ax), font) == set()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", [name for name in CHARTS if "-" not in name and name != "diagram"])
def test_a_picture_takes_an_axes_and_gives_it_back(name, fit, waves):
    ax = Figure(figsize=(6, 6), layout="constrained").add_subplot()
    assert CHARTS[name](fit, waves, ax=ax) is ax
    file = io.BytesIO()
    plots.save(ax, file, dpi=60)
    assert file.getvalue()[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", [n for n in plots.__all__ if "ax" in inspect.signature(getattr(plots, n)).parameters])
def test_arguments_are_called_the_same_everywhere(name):
    known = inspect.signature(getattr(plots, name)).parameters
    if name not in ("save", "overlaps", "text_boxes"):
        # Slopes are those of two constructs, which come with the fit.
        at = 3 if name == "slopes" else 1
        assert list(known)[at : at + 2] == ["ax", "language"]
        assert {"labels", "font"} <= set(known)
        assert known["language"].default == "en"


def test_index_bars_begin_at_zero_and_are_as_long_as_the_index(fit):
    ax = plots.index(fit)
    assert ax.get_xlim() == (0, 100)
    np.testing.assert_allclose(widths(ax), fit.index()["estimate"])
    assert "72.5" in texts(ax)
    assert "Customer satisfaction" in texts(ax)
    assert any("95% intervals" in text for text in texts(ax))
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()


def test_index_takes_a_table_and_some_rows(fit):
    ax = plots.index(fit.index()[["estimate"]], constructs=["value", "image"])
    np.testing.assert_allclose(widths(ax), fit.index()["estimate"][["value", "image"]])
    assert {"value", "image"} <= set(texts(ax))
    assert not any("intervals" in text for text in texts(ax))


def test_a_benchmark_is_a_line_or_a_mark_in_each_row(fit):
    assert "Benchmark 75.0" in texts(plots.index(fit, benchmark=75))
    ax = plots.index(fit, benchmark=pd.Series({"value": 70.0}), language="zh")
    marks = next(line for line in ax.lines if line.get_label() == "基准")
    np.testing.assert_allclose(marks.get_xdata(), [np.nan] * 4 + [70, np.nan, np.nan])


def test_groups_differ_in_shape_as_well_as_in_colour(waves):
    ax = plots.index(_companies(waves), benchmark=70)
    markers = [line.get_marker() for line in ax.lines if line.get_label() in ("甲", "乙", "丙", "丁", "戊")]
    assert len(set(markers)) == 5
    assert "Benchmark 70.0" in texts(ax)


def test_impacts_are_sorted_and_split(fit):
    ax, impact = plots.impacts(fit), fit.impacts().sort_values("total", ascending=False)
    np.testing.assert_allclose(widths(ax)[:4], impact["total"])
    np.testing.assert_allclose(widths(ax)[4:8], impact["direct"])
    np.testing.assert_allclose(widths(plots.impacts(fit.impacts()))[:4], impact["total"])
    assert any("for 5 points" in text for text in texts(plots.impacts(fit, points=5)))


def test_items_stand_under_their_construct(fit):
    ax = plots.loadings(fit)
    np.testing.assert_allclose(widths(ax), fit.loadings()["estimate"])
    said = {label.get_text(): label.get_position()[1] for label in ax.get_yticklabels()}
    assert said["Image"] < said["IMAG1"] < said["IMAG5"] < said["Customer expectations"] < said["CUEX1"]
    assert any("line: 0.708" in text for text in texts(ax))
    assert not any("line:" in text for text in texts(plots.loadings(fit, limit=None)))
    ax = plots.weights(fit, labels={"IMAG1": "Trust"})
    np.testing.assert_allclose(widths(ax), fit.weights()["estimate"])
    assert {"Trust", "IMAG2"} <= set(texts(ax))


def test_a_line_a_company_over_the_waves(waves):
    ax = plots.track(waves, construct="value")
    own = waves.index().xs("value", level="construct").xs("乙", level="company")["estimate"]
    line = next(line for line in ax.lines if line.get_label() == "乙")
    np.testing.assert_allclose(line.get_ydata(), own)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["2024", "2025"]
    assert "Perceived value (0–100)" in texts(ax)


def test_one_series_prints_its_numbers():
    frame = pd.DataFrame({"estimate": [70.25, 71.5, np.nan]}, index=pd.Index(["Q1", "Q2", "Q3"], name="wave"))
    assert {"70.2", "71.5", "Q3"} <= set(texts(plots.track(frame)))


def test_scores_are_counted_in_per_cent(fit):
    ax = plots.scores(fit, construct="value", step=20)
    heights = np.array([bar.get_height() for bar in ax.patches])
    expected = np.histogram(fit.scores()["value"], np.arange(0, 101, 20))[0] / 2.5
    np.testing.assert_allclose(heights, expected)
    assert "Perceived value (0–100), n = 250" in texts(ax)
    assert "Mean 62.3" in texts(ax)


def test_scores_may_be_missing():
    frame = pd.DataFrame({"a": [10.0, np.nan, 30.0], "b": [1.0, 2.0, 3.0]})
    assert "a (0–100), n = 2" in texts(plots.scores(frame))
    assert "20.0" in texts(plots.scores(frame, every=True))


def test_replicates_print_the_percentile_interval(fit):
    ax = plots.replicates(fit, confidence_level=0.9, rows_of=[("image", "loyalty")])
    low, high = np.quantile(fit.replicates("paths")["image", "loyalty"], [0.05, 0.95])
    assert f"[{low:.3f}, {high:.3f}]" in texts(ax)
    assert "Image → Customer loyalty" in texts(ax)
    assert any("dark: central 90% of 200 replicates" in text for text in texts(ax))


def test_replicates_without_spread_or_with_failures_are_drawn():
    frame = pd.DataFrame({"fixed": [1.0] * 5, "some": [0.1, np.nan, 0.3, 0.2, 0.4]})
    assert {"fixed", "some"} <= set(texts(plots.replicates(frame)))


def test_the_map_puts_points_where_the_tables_say(fit):
    ax = plots.priorities(fit)
    points = next(line for line in ax.lines if line.get_marker() == "o")
    total = fit.impacts()["total"]
    np.testing.assert_allclose(points.get_xdata(), total)
    np.testing.assert_allclose(points.get_ydata(), fit.index()["estimate"][total.index])
    assert {"Improve first", "Keep up", "Low priority", "Possible overkill", "Perceived value"} <= set(texts(ax))
    assert any("crosses: 95% intervals" in text for text in texts(ax))


def test_the_map_takes_the_priorities_of_a_fit(fit):
    ax = plots.priorities(fit.priorities(), labels={"value": "Value for money"})
    assert "Value for money" in texts(ax)
    assert any("crosses" in text for text in texts(ax))
    bare = plots.priorities(fit.priorities()[["impact", "score"]])
    assert not any("crosses" in text for text in texts(bare))


def test_the_map_of_items_calls_them_by_name_and_nothing_overlaps(fit):
    ax = plots.priorities(fit.priorities(items=True))
    assert {"PERQ1", "IMAG5", "PERV1"} <= set(texts(ax))
    assert not plots.overlaps(ax)


def test_the_map_takes_importance_performance_analysis_of_items():
    data = csi.datasets.load("mobi")
    items = [f"PERQ{i}" for i in range(1, 8)]
    found = csi.measures.importance_performance(data, items, on="CUSA1")
    ax = plots.priorities(found, language="zh")
    assert set(items) <= set(texts(ax))
    assert plots.overlaps(ax) == []
    lines = [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1 and line.get_zorder() == 1]
    np.testing.assert_allclose(lines[0], found["importance_cut"].iloc[0])


@pytest.mark.parametrize("n", [12, 24])
def test_many_points_keep_their_names_apart(n):
    rng = np.random.default_rng(n)
    frame = pd.DataFrame({"impact": rng.uniform(0, 0.6, n), "score": rng.uniform(60, 80, n)})
    frame.index = [f"ITEM{i}" for i in range(n)]
    assert plots.overlaps(plots.priorities(frame)) == []


def test_the_cut_may_be_given(fit):
    ax = plots.priorities(fit, cut=(0.5, 70))
    assert next(line.get_xdata()[0] for line in ax.lines if line.get_zorder() == 1) == 0.5


def test_answers_add_up_to_a_hundred():
    ax = plots.answers(COUNTS, labels={"service": "Service"})
    assert ax.get_xlim() == (0, 100)
    ends = [bar.get_x() + bar.get_width() for bar in ax.containers[-1]]
    np.testing.assert_allclose(ends, 100)
    assert {"Service", "很满意", "32"} <= set(texts(ax))


def test_diverging_answers_have_the_middle_grade_half_and_half():
    ax = plots.answers(COUNTS, kind="diverging")
    bar = ax.containers[2][0]
    assert bar.get_x() == pytest.approx(-10)
    assert bar.get_width() == pytest.approx(20)
    even = plots.answers(COUNTS.drop(columns="一般"), kind="diverging")
    assert even.containers[2][1].get_x() == pytest.approx(0)


def test_raw_answers_are_counted_by_grade():
    raw = pd.DataFrame({"q1": [1, 2, 3, 3, 99], "q2": [1, 1, 2, np.nan, 3]})
    grades = {1: {"en": "poor", "zh": "差"}, 2: {"en": "fair", "zh": "中"}, 3: {"en": "good", "zh": "好"}}
    ax = plots.answers(raw, language="zh", grades=grades)
    assert [bar.get_width() for bar in ax.containers[2]] == pytest.approx([50, 25])
    assert {"差", "中", "好"} <= set(texts(ax))


def test_the_best_item_may_stand_on_top():
    ax = plots.answers(COUNTS.iloc[::-1], sort=True)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["产品质量", "service"]


def test_ticks_are_round_and_exact():
    ax = Figure().add_subplot()
    ax.set_xlim(-0.2, 0.7)
    ax.set_ylim(57.1, 79.3)
    style.scale(ax.xaxis)
    style.scale(ax.yaxis)
    ax.figure.draw_without_rendering()
    for axis in (ax.xaxis, ax.yaxis):
        for text, value in zip([t.get_text() for t in axis.get_ticklabels()], axis.get_ticklocs(), strict=True):
            assert float(text.replace("−", "-")) == pytest.approx(value)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f, w: plots.index(f, language="de"), SettingsError, "language must be one of 'en', 'zh'"),
        (lambda f, w: plots.index(f, constructs=["valu"]), SettingsError, "there is no row 'valu'; did you mean"),
        (lambda f, w: plots.index(f, benchmark={"valu": 1}), SettingsError, "benchmark: there is no row 'valu'"),
        (lambda f, w: plots.index(3), SettingsError, r"needs a fit or the table of fit.index\(\); not int"),
        (lambda f, w: plots.impacts(w), SettingsError, "several groups; draw one"),
        (lambda f, w: plots.loadings(w), SettingsError, "several groups; draw one"),
        (lambda f, w: plots.priorities(w), SettingsError, "several groups; draw one"),
        (lambda f, w: plots.diagram(w), SettingsError, "several groups; draw one group"),
        (lambda f, w: plots.track(f), SettingsError, "needs waves; fit the data with by="),
        (lambda f, w: plots.track(w["甲", "2024"].index()), SettingsError, "needs waves"),
        (lambda f, w: plots.track(w, construct="valu"), SettingsError, "did you mean 'value'"),
        (lambda f, w: plots.track(pd.DataFrame({"estimate": [1.0]}, ["Q1"])), SettingsError, "at least two waves"),
        (lambda f, w: plots.scores(f, construct="valu"), SettingsError, "did you mean 'value'"),
        (lambda f, w: plots.replicates(f, rows_of=["x"]), SettingsError, "no draws of 'x'"),
        (lambda f, w: plots.replicates(w), SettingsError, "several groups"),
        (lambda f, w: plots.replicates(3), SettingsError, "fit with replicates or their table; not int"),
        (lambda f, w: plots.priorities({}), SettingsError, "needs a fit or a table such as"),
        (lambda f, w: plots.priorities(f.index()), SettingsError, "no column 'importance' or 'impact'"),
        (lambda f, w: plots.priorities(f.priorities() * np.nan), SettingsError, "no row has both"),
        (lambda f, w: plots.answers(COUNTS, kind="pie"), SettingsError, "kind must be one of"),
        (lambda f, w: plots.answers(COUNTS[["满意"]]), SettingsError, "at least two grades"),
        (lambda f, w: plots.answers(-COUNTS), DataError, "is negative"),
        (lambda f, w: plots.answers(COUNTS.mul([1, 0], axis=0)), DataError, "no answers in 'service'"),
    ],
)
def test_bad_input_is_refused(call, error, message, fit, waves):
    with pytest.raises(error, match=message):
        call(fit, waves)


def test_tables_are_found_or_refused():
    assert ask(csi.models.scsb(), "paths") is None
    assert list(table({"a": 1.0}, "index")["estimate"]) == [1.0]
    with pytest.raises(SettingsError, match=r"it has .'estimate'."):
        column(pd.DataFrame({"estimate": []}), "total")
