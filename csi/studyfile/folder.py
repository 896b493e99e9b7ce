"""A new study as a folder that a beginner can edit: study file, questionnaire, empty answer sheet, README."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator
from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import Any

from csi.display.words import Language
from csi.errors import SettingsError
from csi.questionnaire import Hierarchy, Question
from csi.questionnaire.words import Branch
from csi.simulation import simulate
from csi.spec import Model
from csi.spec.words import number_text
from csi.studyfile.file import made
from csi.studyfile.writing import key, value

#: Made-up respondents of the example.
EXAMPLE = 200
EXAMPLE_FILE = "answers-example-SYNTHETIC.csv"
#: Share of answers that the example leaves blank, as real ones do.
BLANK = 0.01
_ENDS = (("lowest", "最低"), ("highest", "最高"))
_TEXTS = {
    "example": ("Now: made-up answers, so that the folder runs at once.", "目前为合成数据，便于立即试运行。"),
    "none": ("Enter them into the empty sheet.", "请录入空白数据表。"),
    "row": (
        f"| `{EXAMPLE_FILE}` | {EXAMPLE} SYNTHETIC respondents, so that everything runs at once. Delete it later |",
        f"| `{EXAMPLE_FILE}` | {EXAMPLE} 份合成数据，便于立即试运行，之后请删除 |",
    ),
    "note": (" (the answers are synthetic, and every page says so).", "（数据为合成数据，报告各处注明）。"),
    "point": (
        "write `{data}` and delete the line `synthetic = true`",
        "改写为 `{data}`，并删去 `synthetic = true` 一行",
    ),
    "point_none": ("nothing is to be changed for the data", "数据一行不必改动"),
}


def new(
    path: str | PathLike[str], model: Any, *, scale: list[float] | None = None, language: Language = "en",
    example: bool = True,
) -> list[Path]:  # fmt: skip
    """Write a folder for a new study.

    Parameters
    ----------
    path : str or Path
        The folder; it must not be there, or be empty.
    model : str or mapping
        As a study file says it.
    scale : (low, high), optional
        Of the answers; the model's own if left out.
    language : {"en", "zh"}
        Of comments, questionnaire and README.
    example : bool
        Whether made-up answers are written, so that the folder runs at once.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    SettingsError
        If something is there already, or the model is not understood.
    """
    folder = Path(path)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingsError(f"{str(path)!r} is there and not empty; nothing is overwritten. Choose another name")
    study = made({"model": model, **({"scale": scale} if scale else {})}, Path()).study
    if study.model.scale is None:
        raise SettingsError("say the scale of the answers: --scale 1-5")
    folder.mkdir(parents=True, exist_ok=True)
    return list(_files(_Folder(folder, study.model, model, language, example)))


def quoted(name: str) -> str:
    """Write a name as the command line takes it.

    Examples
    --------
    >>> quoted("my-study"), quoted("my study")
    ('my-study', '"my study"')
    """
    return name if not any(letter.isspace() or letter in "&()'" for letter in name) else f'"{name}"'


class _Folder:
    """What every file of a new study is made from."""

    def __init__(self, folder: Path, model: Model, said: Any, language: Language, example: bool) -> None:
        self.folder, self.model, self.said, self.language, self.example = folder, model, said, language, example
        self.at = ("en", "zh").index(language)
        # Where the system knows no Chinese, names of files are handed over byte by byte.
        self.name = folder.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        excel = importlib.util.find_spec("openpyxl") is not None
        self.sheet = "answers.xlsx" if excel else "answers.csv"
        self.data = f'data = {{ file = "{self.sheet}", sheet = "answers" }}' if excel else f'data = "{self.sheet}"'

    def text(self, name: str) -> str:
        """One text in the language of the folder."""
        return _TEXTS[name][self.at]

    def filled(self, template: str) -> str:
        """A template with its blanks filled in."""
        scale = self.model.scale
        own = f'data = "{EXAMPLE_FILE}"\nsynthetic = true                             # {self.text("example")}'
        blanks = {
            "title": self.name.replace('"', "'").replace("\\", "/"), "folder": quoted(self.name),
            "real": self.data, "language": self.language,
            "example_en": _TEXTS["example" if self.example else "none"][0],
            "example_zh": _TEXTS["example" if self.example else "none"][1],
            "data": own if self.example else self.data, "model": value(self.said),
            "low": number_text(scale.low) if scale else "", "high": number_text(scale.high) if scale else "",
            "some": self.model.items[0].name, "items": "\n".join(self.items()), "sheet": self.sheet,
            "questions": len(self.model.items),
            "example_row": self.text("row") + "\n" if self.example else "",
            "example_note": self.text("note") if self.example else "",
            "point": self.text("point").format(data=self.data) if self.example else self.text("point_none"),
        }  # fmt: skip
        return files("csi.studyfile").joinpath("templates", template).read_text(encoding="utf-8").format(**blanks)

    def items(self) -> Iterator[str]:
        """Lines of [items]: constructs with their columns, questions beside them."""
        labels = self.model.labels(self.language)
        for name, block in self.model.constructs.items():
            if not block.items:
                continue
            yield f"# {labels[name]}"
            yield from (f"#   {item.name}: {labels[item.name]}" for item in block.items)
            own = [_said(item.name, item.scale, item.reversed) for item in block.items]
            yield f"{key(name)} = {value(own)}"


def _said(name: str, scale: Any, turned: bool) -> Any:
    """An item as it is written: its name, or what is to be said beside."""
    more = {"scale": scale} if scale is not None else {}
    return {"name": name, **more, **({"reversed": True} if turned else {})} if more or turned else name


def _files(study: _Folder) -> Iterator[Path]:
    yield _write(study.folder / "study.toml", study.filled(f"study.{study.language}.toml"))
    yield _write(study.folder / "README.md", study.filled(f"README.{study.language}.md"))
    form = questionnaire(study.model, study.name).questionnaire(study.language)
    yield form.save(study.folder / "questionnaire.html")
    if importlib.util.find_spec("docx") is not None:
        yield form.save(study.folder / "questionnaire.docx")
    yield _sheet(study)
    if study.example:
        yield _example(study)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def questionnaire(model: Model, name: str) -> Hierarchy:
    """Lay the items of a model out as a questionnaire, constructs in their order."""
    blocks = {
        construct: [_question(model, item) for item in block.items]
        for construct, block in model.constructs.items()
        if block.items
    }
    index = model.index if model.index in blocks else next(iter(blocks))
    own = blocks.pop(str(index))
    branches = {construct: Branch(questions) for construct, questions in blocks.items()}
    return Hierarchy(name, branches, own, str(index), model=model, scale=model.scale)


def _question(model: Model, item: Any) -> Question:
    scale = model.scale_of(item)
    ends: dict[float, Any] = {}
    if scale is not None:
        ends = {
            end: {"en": words[0], "zh": words[1]} for end, words in zip((scale.low, scale.high), _ENDS, strict=True)
        }
    if scale is not None and scale.width == 1:
        ends = {scale.low: {"en": "no", "zh": "否"}, scale.high: {"en": "yes", "zh": "是"}}
    return Question(item.name, dict(item.label or {}), scale, item.reversed, item.unknown or None, ends)


def _sheet(study: _Folder) -> Path:
    """An empty answer sheet: a header, and in a workbook the questions on a sheet of their own."""
    header = ["id", *(item.name for item in study.model.items)]
    path = study.folder / study.sheet
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerow(header)
        return path
    import openpyxl

    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("questions")
    first.title = "answers"
    first.append(header)
    first.freeze_panes = "B2"
    labels = study.model.labels(study.language)
    second.append(["column", "question", "codes"])
    for item in study.model.items:
        scale = study.model.scale_of(item)
        ends = f"{number_text(scale.low)}-{number_text(scale.high)}" if scale else ""
        second.append([item.name, labels[item.name], ends])
    for row in [*first.rows, *second.rows]:
        for cell in row:
            # A name that begins with = is a name.
            cell.data_type = "s"
    second.column_dimensions["B"].width = 60
    book.save(path)
    return path


def _example(study: _Folder) -> Path:
    """Made-up answers, marked in the name of the file and in every row."""
    answers = simulate(study.model, EXAMPLE, rng=7, missing=BLANK)
    answers.insert(0, "id", range(1, len(answers) + 1))
    answers["synthetic"] = 1
    path = study.folder / EXAMPLE_FILE
    answers.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n", float_format="%g")
    return path
