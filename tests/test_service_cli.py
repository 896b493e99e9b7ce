"""`csi audit` and `csi service` from the command line."""

from __future__ import annotations

import pandas as pd
import pytest
from service_contacts import contacts

from csi.cli import main


def test_audit_prints_and_writes(tmp_path, capsys):
    path = tmp_path / "audit.csv"
    assert main(["audit", "company_x", "-o", str(path)]) == 0
    assert "3120 are missing" in capsys.readouterr().out
    assert (pd.read_csv(path, encoding="utf-8-sig")["verdict"] == "fails").sum() == 23


def test_service_prints_and_writes(tmp_path, capsys):
    contacts(300).to_csv(tmp_path / "c.csv", index=False, encoding="utf-8")
    plan = tmp_path / "kpi.toml"
    plan.write_text('[indicators.csat]\nkind = "share"\ncolumn = "rating"\nat_least = 4\ntarget = 0.9\n'
                    'direction = "higher"\n', encoding="utf-8")  # fmt: skip
    words = [
        "service",
        str(tmp_path / "c.csv"),
        "--plan",
        str(plan),
        "--by",
        "month,channel",
        "-o",
        str(tmp_path / "o"),
    ]
    assert main(words) == 0
    assert "| 2024-01 | chat | csat |" in capsys.readouterr().out
    card = pd.read_csv(tmp_path / "o" / "scorecard.csv", encoding="utf-8-sig")
    assert card.columns[:3].tolist() == ["month", "channel", "indicator"]


@pytest.mark.parametrize(
    ("words", "said"),
    [(["audit", "nothing.toml"], "there is no file 'nothing.toml'"),
     (["service", "nothing.csv"], "there is no file 'nothing.csv'"),
     (["service", "nothing.csv", "--plan", "no.toml"], "there is no file 'no.toml' with a plan")],
)  # fmt: skip
def test_what_cannot_be_done_is_one_line(words, said, capsys):
    assert main(words) == 2
    assert said in capsys.readouterr().err
