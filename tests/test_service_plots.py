"""Pictures of control charts and funnels."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from service_contacts import contacts

from csi.errors import SettingsError
from csi.plots import charts
from csi.service import Indicator, ServicePlan

PLAN = ServicePlan("p", [Indicator(name="x", kind="share", column="resolved", direction="higher")])


@pytest.fixture(scope="module")
def measured():
    table = contacts(3000)
    table.loc[table["agent"] == "a004", "resolved"] = 0.0
    return PLAN.measure(table)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_control_chart_draws_the_table(measured, language):
    table = measured.chart("x", per="week")
    figure, ax = plt.subplots()
    assert charts.control(table, ax, language) is ax
    drawn = [line.get_ydata() for line in ax.lines]
    assert any(len(y) == len(table) and np.allclose(y, table["estimate"]) for y in drawn)
    assert len(ax.lines) == 4 + table["signal"].any()
    assert ax.get_legend().get_texts()[0].get_text() == {"en": "centre line", "zh": "中心线"}[language]
    plt.close(figure)


def test_funnel_names_who_is_beyond_chance(measured):
    ax = charts.funnel(measured.agents("x", roster=["new"]), labels={"a004": "Chen"})
    assert [text.get_text() for text in ax.texts] == ["Chen"]
    plt.close(ax.figure)


def test_other_tables_are_refused():
    for draw in (charts.control, charts.funnel):
        with pytest.raises(SettingsError, match="it has no column"):
            draw(pd.DataFrame({"estimate": [1.0]}))
