"""What is on the screen: files are there before it, and it is Chinese where Chinese was asked for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import csi
from csi.cli import results
from csi.methods.cbsem import CBSEM
from csi.report import heading


@pytest.mark.parametrize("command", ["study", "fit"])
def test_files_are_written_though_nobody_reads_the_screen(command: str, tmp_path: Path) -> None:
    words = {"study": ["study", "mobi", "--resamples", "20"], "fit": ["fit", "mobi", "--model", "ecsi"]}[command]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-u", "-m", "csi", *words, "-o", str(tmp_path / "out")],
            stdout=closed, stderr=subprocess.PIPE, check=False, timeout=120,
        )  # fmt: skip
    # Warnings of other packages on how they open files are not ours.
    assert done.returncode == 0 and b"BrokenPipe" not in done.stderr
    assert (tmp_path / "out" / "report.html").stat().st_size > 10_000
    assert (tmp_path / "out" / "tables" / "paths.csv").exists()


def screens() -> dict[str, csi.Fit]:
    model, data = csi.models.ecsi(), csi.datasets.load("mobi")
    blank = data.mask((data.index.to_numpy()[:, None] + range(data.shape[1])) % 97 == 0)
    fit = csi.Study(model).fit(data)
    correlation = csi.Moments.from_table(data.corr(), n=len(data))
    return {
        "drawn": fit.bootstrap(20, rng=1),
        "jackknife": fit.jackknife(),
        "blanks": csi.Study(model, missing="listwise").fit(blank),
        "covariance": csi.Study(model, method=CBSEM()).fit(data),
        "correlations": csi.Study(model).fit(correlation),
        "covariance of correlations": csi.Study(model, method=CBSEM()).fit(correlation),
        "ranks": csi.Study(model, correlations="spearman").fit(data),
        "groups": csi.Study(model).fit(data.assign(wave=[2023, 2024] * 125), by="wave"),
    }


def test_no_english_sentence_on_a_chinese_screen(capsys: pytest.CaptureFixture[str]) -> None:
    for name, fit in screens().items():
        results.show(fit, "zh")
        out = capsys.readouterr().out
        sentences = re.findall(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", out)
        assert not sentences, (name, sentences)
        assert "pairwise" not in out
        assert "置信区间" in out, name


def test_the_heading_in_chinese() -> None:
    fit = screens()
    assert heading.head(fit["groups"], "zh")[0] == (
        "ECSI mobile：偏最小二乘路径建模（PLS），250 名受访者，按 wave 分为 2 组（每组 125 名）"
    )
    assert heading.how(fit["drawn"], "zh") == "95% 百分位置信区间，自助法重抽样 20 次，失败 0 次。"
    assert heading.how(fit["drawn"], "en").startswith("95 % percentile interval, 20 replicates (bootstrap)")
    assert "处理方法：列表删除，删去" in heading.head(fit["blanks"], "zh")[0]


def test_a_report_takes_a_title(tmp_path: Path) -> None:
    fit = csi.Study(csi.models.ecsi()).fit(csi.datasets.load("mobi"))
    page = fit.report(tmp_path / "report.html", title="Mobile phones 1998")
    assert "<title>Mobile phones 1998" in page.read_text(encoding="utf-8")
