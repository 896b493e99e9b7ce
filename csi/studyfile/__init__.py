"""A study as a file: `study.toml` says model, data and everything that is done; `csi study` runs it."""

from csi.studyfile.data import answers, opened, ordered
from csi.studyfile.file import METHODS, Broken, Output, Source, StudyFile, load, made

__all__ = ["METHODS", "Broken", "Output", "Source", "StudyFile", "answers", "load", "made", "opened", "ordered"]
