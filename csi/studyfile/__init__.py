"""A study as a file: `study.toml` says model, data and everything that is done; `csi study` runs it."""

from csi.studyfile.data import answers, opened, ordered
from csi.studyfile.file import METHODS, Broken, Output, Source, StudyFile, load, made
from csi.studyfile.findings import Finding, check, lacks
from csi.studyfile.folder import new, quoted
from csi.studyfile.running import Run, run

__all__ = [
    "METHODS",
    "Broken",
    "Finding",
    "Output",
    "Run",
    "Source",
    "StudyFile",
    "answers",
    "check",
    "lacks",
    "load",
    "made",
    "new",
    "opened",
    "ordered",
    "quoted",
    "run",
]
