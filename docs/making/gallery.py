"""The pictures of the gallery, each with the lines that drew it, in English and Chinese."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from making import files

#: What every picture starts from.
FIRST = """
import csi
mobi = csi.datasets.load("mobi")
study = csi.Study(csi.models.ecsi())
fit = study.fit(mobi).bootstrap(2_000, rng=7, progress=False)
waves = study.fit(mobi.assign(wave=[2023, 2024, 2025, 2026, 2023] * 50), by="wave")
providers = study.fit(mobi.assign(provider=list("ABCDE") * 50), by="provider")
league = csi.aggregate(providers, {"provider": dict.fromkeys("ABCDE", 1)})
"""
MODERATED = """
moderated = csi.Model(
    "Moderated",
    {name: study.model.constructs[name] for name in ("quality", "image", "satisfaction")},
    {"quality": ["satisfaction"], "image": ["satisfaction"], "quality:image": ["satisfaction"]},
    index="satisfaction", scale=(1, 10),
)
ax = csi.plots.slopes(csi.Study(moderated).fit(mobi), "quality", "image", language=language)
""".strip()
#: Name, what it shows, the lines that draw it; `language` is "en" or "zh".
PICTURES = [
    ("diagram", "The model with its coefficients and R2; stars as in theses.", "ax = fit.plot(language=language)"),
    ("hypotheses", "The model before the data: hypotheses with their signs.",
     "ax = csi.plots.diagram(study.model, language=language, arrows='hypotheses')"),
    ("index", "The index of every construct with its interval.", "ax = csi.plots.index(fit, language=language)"),
    ("impacts", "What moves satisfaction: points gained per five points of a driver.",
     "ax = csi.plots.impacts(fit, language=language, points=5)"),
    ("priorities", "Where to improve first: impact against score.",
     "ax = csi.plots.priorities(fit, language=language)"),
    ("weights", "Weights of the items.", "ax = csi.plots.weights(fit, language=language)"),
    ("loadings", "Loadings of the items, with the usual limit.", "ax = csi.plots.loadings(fit, language=language)"),
    ("scores", "How the respondents are spread over the index.", "ax = csi.plots.scores(fit, language=language)"),
    ("replicates", "The resamples behind an interval.",
     "ax = csi.plots.replicates(fit, language=language,\n"
     "    rows_of=[('quality', 'satisfaction'), ('complaints', 'loyalty')])"),
    ("track", "The index over waves.", "ax = csi.plots.track(waves, language=language)"),
    ("league", "Who stands where, how surely, and who is not told apart.",
     "ax = csi.plots.league(league, language=language)"),
    ("slopes", "An interaction: what quality does where the image is low, average and high.", MODERATED),
    ("answers", "How the answers to a question are spread.",
     "ax = csi.plots.answers(mobi[['CUSA1', 'CUSA2', 'CUSA3']], language=language,\n"
     "    grades={code: str(code) for code in range(1, 11)})"),
]  # fmt: skip


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Draw every picture twice and write the page that shows them."""
    lines = ["", "```python", FIRST.strip(), 'language = "en"      # or "zh"', "```", ""]
    space: dict[str, Any] = {}
    exec(FIRST, space)
    for name, what, code in PICTURES:
        for language in ("en", "zh"):
            yield files.write(target / f"{name}_{language}.png", drawn(code, {**space, "language": language}))
        lines += [f"## {name.capitalize()}", "", what, "", "```python", code, "```", ""]
        lines += [f"![{what}](generated/gallery/{name}_en.png)", f"![{what}](generated/gallery/{name}_zh.png)", ""]
    yield files.write(target / "shown.txt", "\n".join(lines))


def drawn(code: str, space: dict[str, Any]) -> bytes:
    """Run the lines of a picture and give it as PNG."""
    exec(code, space)
    buffer = io.BytesIO()
    space["ax"].figure.savefig(buffer, format="png", dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(space["ax"].figure)
    return buffer.getvalue()
