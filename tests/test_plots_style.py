"""The house style: Chinese without boxes, signs as they should be, and the user's settings untouched."""

from __future__ import annotations

import io
import subprocess
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from csi.errors import SettingsError
from csi.plots import style

SIGNS = "R² = 0.681 β = −0.054*** ± × ≤ ≥ → χ² α ρ ω Δ √ ’ “ ” – — … · % ° ① ½"
SIMPLIFIED = "顾客满意度指数，感知质量、品牌形象；公众信任（95% 置信区间）：抱怨处理“忠诚”囧"
TRADITIONAL = "顧客滿意度 感知價值 品牌形象 抱怨處理 忠誠 預期品質 誠信 寶"


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def characters(family: str) -> set[int]:
    path = font_manager.findfont(font_manager.FontProperties(family=[family]), fallback_to_default=False)
    return set(FT2Font(path).get_charmap())


@pytest.mark.parametrize("font", [None, "sans", "serif", ["DejaVu Serif", "serif"]])
def test_no_character_becomes_a_box(font):
    assert style.missing_glyphs([SIGNS, SIMPLIFIED, TRADITIONAL], font) == set()


def test_a_missing_character_is_found():
    assert style.missing_glyphs(["顾客", "\U0001f6d7"]) == {"\U0001f6d7"}


def test_sans_holds_all_of_gb2312_and_both_hold_the_daily_ones():
    style.families()
    daily = {bytes([a, b]).decode("gb2312") for a in range(0xB0, 0xD7) for b in range(0xA1, 0xFF)}
    rarer = {bytes([a, b]).decode("gb2312") for a in range(0xD8, 0xF8) for b in range(0xA1, 0xFF)}
    assert len(daily | rarer) == 3666 + 3008
    assert {ord(c) for c in daily | rarer} <= characters("CSI Sans SC")
    assert {ord(c) for c in daily} <= characters("CSI Serif SC")


def test_the_fonts_have_names_of_their_own_and_a_licence():
    style.families()
    ours = [f for f in font_manager.fontManager.ttflist if f.name.startswith("CSI ")]
    assert sorted(f.name for f in ours) == ["CSI Sans SC", "CSI Serif SC"]
    licence = (style.resources.files("csi.plots") / "fonts" / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_serif_is_times_for_latin_and_song_for_chinese():
    assert style.families("serif")[:2] == ["STIXGeneral", "CSI Serif SC"]


def test_a_named_font_comes_first_and_an_unknown_one_is_refused():
    assert style.families("DejaVu Serif")[0] == "DejaVu Serif"
    with pytest.raises(SettingsError, match="font 'DejaVu Serf' is not installed here; did you mean 'DejaVu Serif'"):
        style.families("DejaVu Serf")


def test_the_settings_of_the_user_are_untouched():
    before = dict(mpl.rcParams)
    with style.canvas() as ax:
        ax.set_xlabel("满意度")
    assert dict(mpl.rcParams) == before


def test_texts_keep_their_font_when_drawn_under_the_settings_of_the_user():
    figure = Figure(figsize=(4, 3))
    ax = figure.add_subplot()
    with style.canvas(ax) as drawn:
        drawn.set_xlabel("满意度")
        drawn.set_ylabel("感知价值")
        drawn.set_xticks([0, 1], ["非常不满意", "非常满意"])
        drawn.set_ylim(-1, 1)
        style.scale(drawn.yaxis)
    with mpl.rc_context({"axes.unicode_minus": False, "font.family": ["DejaVu Sans"]}):
        figure.draw_without_rendering()
        assert ax.get_yticklabels()[0].get_text() == "−1.0"
    assert ax.xaxis.label.get_fontfamily() == style.families()


def test_a_title_of_the_user_keeps_its_own_font():
    ax = Figure().add_subplot()
    ax.set_title("mine", fontfamily="DejaVu Serif")
    with style.canvas(ax):
        pass
    assert ax.title.get_fontfamily() == ["DejaVu Serif"]


@pytest.mark.parametrize("form", ["png", "pdf", "svg", "eps"])
@pytest.mark.parametrize("font", ["sans", "serif"])
def test_every_form_is_written_without_a_warning(form, font):
    with style.canvas(font=font) as ax:
        ax.text(0, 0, "−0.054*** R² = 0.681 感知质量", in_layout=False)
    file = io.BytesIO()
    style.save(ax, file, format=form)
    assert file.getbuffer().nbytes > 5_000
    style.save(root := style.root_figure(ax), file, format=form)
    assert root is ax.figure


def test_importing_the_library_does_not_import_matplotlib():
    code = "import sys, csi, csi.display; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
