"""Pictures of series and leagues: breaks, smoothed levels, ranks and tiers; no label on another."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from test_groups import SMALL

import csi
from csi import plots
from csi.errors import SettingsError

QUARTERS = [f"{year}Q{quarter}" for year in (2022, 2023, 2024) for quarter in (1, 2, 3, 4)]
NAMES = ["Alpha Bank", "Beta Telecom", "Gamma Retail", "Delta Energy"]


@pytest.fixture(scope="module")
def fit():
    rows = 12 * 40
    data = csi.simulate(SMALL, 4 * rows, rng=3).assign(
        company=np.repeat(NAMES, rows), quarter=np.tile(np.repeat(QUARTERS, 40), 4)
    )
    for item in ("CUSA1", "CUSA2", "CUSA3"):
        data[item] = np.clip(data[item] - 4 * (data["company"] == NAMES[0]), 1, 10)
    return csi.Study(SMALL).fit(data, by=["company", "quarter"])


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("smooth", [False, True])
def test_many_waves_of_several_companies_do_not_touch(fit, smooth, language):
    ax = plots.track(csi.track(fit, breaks="2023Q3"), language=language, smooth=smooth)
    assert plots.overlaps(ax) == []
    assert [text.get_text() for text in ax.get_legend().get_texts()] == sorted(NAMES)
    shown = [label.get_text() for label in ax.get_xticklabels()]
    assert shown[-1] == "2024Q4"
    dotted = [line for line in ax.lines if list(line.get_xdata()) == [5.5, 5.5]]
    assert len(dotted) == 1
    assert ("smoothed" in ax.get_xlabel() or "平滑" in ax.get_xlabel()) == smooth


def test_a_smoothed_level_is_drawn_where_it_lies(fit):
    track = csi.track(fit["Alpha Bank"])
    ax = plots.track(track, smooth=True)
    level = track.smooth()["estimate"].to_numpy()
    assert any(len(line.get_ydata()) == 12 and np.allclose(line.get_ydata(), level) for line in ax.lines)
    assert plots.overlaps(ax) == []
    with pytest.raises(SettingsError, match="no Track"):
        plots.track(track.index(), smooth=True)


def test_waves_stand_in_the_order_of_time(fit):
    names = {quarter: f"Q{quarter[-1]} {quarter[:4]}" for quarter in QUARTERS}
    native = fit.core.sample.table.native
    data = native[native["quarter"].isin(QUARTERS[2:6])]
    found = csi.track(csi.Study(SMALL).fit(data.assign(quarter=data["quarter"].map(names)), by=["company", "quarter"]))
    ax = plots.track(found)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["Q3 2022", "Q4 2022", "Q1 2023", "Q2 2023"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_league_shows_ranks_sets_and_tiers(fit, language):
    nation = csi.aggregate(fit, "equal")
    ax = plots.league(nation, language=language)
    assert plots.overlaps(ax) == []
    table = nation.league().loc["2024Q4"]
    assert [label.get_text() for label in ax.get_yticklabels()] == table.index.tolist()
    written = [text.get_text() for text in ax.texts]
    assert written[1].startswith("1 (1–")
    assert written[-1] == "4 (4)"
    shades = table["tier"].mod(2).eq(1).sum()
    assert len(ax.patches) == shades
    earlier = plots.league(nation, peers="2022Q1", most=2)
    assert len(earlier.get_yticklabels()) == 2
    assert "2" in earlier.get_xlabel()


def test_peers_must_be_there_and_one_set(fit):
    nation = csi.aggregate(fit, "equal", levels="kind", table=pd.DataFrame({"company": NAMES, "kind": list("xxyy")}))
    with pytest.raises(SettingsError, match="several sets of peers"):
        plots.league(nation, within="kind")
    assert len(plots.league(nation, within="kind", peers=("2024Q4", "x")).get_yticklabels()) == 2
    with pytest.raises(SettingsError, match="there are no peers '2024Q5'; did you mean"):
        plots.league(nation, peers="2024Q5")
    with pytest.raises(SettingsError, match="needs ranks"):
        plots.league(fit.index())
