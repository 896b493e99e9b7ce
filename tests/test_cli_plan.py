"""`csi plan` prints what the library says."""

from __future__ import annotations

import pytest

from csi.cli import main


def test_sizes_are_compared(capsys):
    assert main(["plan", "--n", "100", "4484"]) == 0
    shown = capsys.readouterr().out
    assert "3.92" in shown
    assert "1.46" in shown


def test_a_margin_gives_interviews(capsys):
    assert main(["plan", "--margin", "2", "--sd", "20", "--population", "5000"]) == 0
    assert "357" in capsys.readouterr().out


def test_chinese_where_the_console_can_show_it(capsys):
    assert main(["plan", "--n", "130", "--language", "zh"]) == 0
    assert "3.44" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [["plan", "--n", "1"], ["plan", "--margin", "-2"], ["plan", "--n", "100", "--sd", "-1"]]
)
def test_wrong_numbers_are_refused_in_one_line(words, capsys):
    assert main(words) == 2
    assert capsys.readouterr().err.count("\n") == 1
