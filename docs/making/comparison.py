"""Numbers of other programs, from tests/oracles with the call that made them, beside ours, worked out now."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import csi
from making import files

MISSING = "-"


def pages(docs: Path, target: Path) -> Iterator[Path]:
    """Write every table that docs/differences.md includes."""
    oracles = docs.parent / "tests" / "oracles"

    def read(name: str) -> Any:
        return json.loads((oracles / f"{name}.json").read_text(encoding="utf-8"))

    mobi = csi.datasets.load("mobi")
    makers: dict[str, Callable[[Any, pd.DataFrame], str]] = {
        "paths": paths, "settings": settings, "index": index, "consistent": consistent, "assessment": assessment,
        "covariance": covariance, "semopy": semopy,
    }  # fmt: skip
    for name, make in makers.items():
        yield files.write(target / f"{name}.txt", make(read, mobi))


def table(head: list[str], rows: list[list[Any]], digits: int = 4) -> str:
    """A table in Markdown; numbers with so many digits."""

    def cell(value: Any) -> str:
        if isinstance(value, str):
            return value.replace("|", "\\|")
        return MISSING if value is None or np.isnan(value) else f"{value:.{digits}f}"

    lines = [head, ["---"] * len(head), *([cell(each) for each in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _pair(text: str) -> tuple[str, str]:
    first, second = text.replace("--", "->").split(" -> ")
    return first, second


def _solution(read: Any, name: str) -> dict[str, Any]:
    return next(each for each in read("pls/mobi")["solutions"] if each["name"] == name)


def _assessed(read: Any, package: str, name: str) -> dict[str, Any]:
    found = read("assess/mobi")["solutions"]
    return next(each for each in found if each["package"].startswith(package) and each["name"] == name)


# -- PLS ---------------------------------------------------------------------------------------------------------


def paths(read: Any, mobi: pd.DataFrame) -> str:
    """The twelve paths of ECSI by every program, path scheme, items standardized."""
    theirs = {
        "seminr 2.3.4": _solution(read, "seminr/ECSI_modeA_path")["paths"],
        "cSEM 0.6.1": _solution(read, "csem/ECSI_modeA_path")["paths"],
        "plspm 0.5.1": _solution(read, "plspm/ECSI_modeA_path")["paths"],
        "SmartPLS 2 (semPLS 1.0-10)": read("pls/published")["smartpls2"]["path"],
    }
    ours = csi.Study(csi.models.ecsi(), csi.PLS(tolerance=1e-12)).fit(mobi).paths()["estimate"]
    rows = []
    for cause, effect in ours.index:
        numbers = [program[f"{cause} -> {effect}"] for program in theirs.values()]
        own = float(ours[cause, effect])
        rows.append([f"{cause} -> {effect}", *numbers, own, f"{max(abs(each - own) for each in numbers):.0e}"])
    return table(["path", *theirs, "csi", "largest difference"], rows, 6)


def settings(read: Any, mobi: pd.DataFrame) -> str:
    """One path under the settings of every program, with the call that gives the same here."""
    model, unit = csi.models.ecsi(), dict.fromkeys(csi.models.ecsi().constructs, "unit")
    ways: list[tuple[str, str, str, csi.PLS]] = [
        ("seminr, default", "seminr/ECSI_modeA_path", "PLS()", csi.PLS()),
        ("seminr, path_factorial", "seminr/ECSI_modeA_factorial", "PLS(scheme='factorial')", csi.PLS("factorial")),
        ("seminr, unit_weights", "seminr/ECSI_unit_path", "PLS(modes={...: 'unit'})", csi.PLS(modes=unit)),
        ("cSEM, `<~` and its default, mode B", "csem/ECSI_allModeB_path", "PLS(modes={...: 'B'})",
         csi.PLS(modes=dict.fromkeys(model.constructs, "B"))),
        ("cSEM, .PLS_modes = 'modeA'", "csem/ECSI_modeA_path", "PLS()", csi.PLS()),
        ("plspm, default scheme", "plspm/ECSI_modeA_centroid", "PLS(scheme='centroid')", csi.PLS("centroid")),
        ("plspm, scheme = 'path'", "plspm/ECSI_modeA_path", "PLS()", csi.PLS()),
        ("plspm, scaled = FALSE", "plspm/ECSI_modeA_unscaled_path", "PLS(standardized=False)",
         csi.PLS(standardized=False)),
    ]  # fmt: skip
    rows = []
    for said, name, call, method in ways:
        own = csi.Study(model, method).fit(mobi).paths().loc[("quality", "satisfaction"), "estimate"]
        rows.append([said, _solution(read, name)["paths"]["quality -> satisfaction"], f"`csi.{call}`", float(own)])
    return table(["program and setting", "its number", "the same here", "csi"], rows, 5)


def index(read: Any, mobi: pd.DataFrame) -> str:
    """The index by every convention, and as it was printed in 2005."""
    oracle, printed = read("pls/index")["path"], read("pls/published")["tenenhaus2005"]["index"]
    fit = csi.Study(csi.models.ecsi(), csi.PLS(tolerance=1e-12)).fit(mobi)
    raw = csi.Study(csi.models.ecsi(), csi.PLS("centroid", standardized=False)).fit(mobi)
    own = {name: fit.index(name)["estimate"] for name in ("unstandardized", "standardized", "equal")}
    own["raw"] = raw.index()["estimate"]
    head = ["construct", "cSEM `doIPMA`", "csi, default", "plspm `rescale`, seminrExtras", "csi, `\"standardized\"`",
            "Tenenhaus et al. 2005", "csi, raw, centroid", "csi, `\"equal\"`"]  # fmt: skip
    rows = [
        [name, oracle["unstandardized"][name], own["unstandardized"][name], oracle["rescale"][name],
         own["standardized"][name], printed[name], own["raw"][name], own["equal"][name]]
        for name in own["equal"].index
    ]  # fmt: skip
    return table(head, rows, 2)


def consistent(read: Any, mobi: pd.DataFrame) -> str:
    """Consistent PLS, all constructs reflective."""
    theirs = [_assessed(read, package, "ECSI_PLSc_path")["paths"] for package in ("seminr", "cSEM")]
    ours = csi.Study(csi.models.ecsi(), csi.PLSc(tolerance=1e-12)).fit(mobi).paths()["estimate"]
    rows = [
        [" -> ".join(pair), *(each[" -> ".join(pair)] for each in theirs), float(ours[pair])] for pair in ours.index
    ]
    return table(["path", "seminr 2.3.4", "cSEM 0.6.1", "csi"], rows, 5)


def _composites(model: csi.Model) -> csi.Model:
    """The same model with every construct a composite, which is what `<~` says to cSEM."""
    return model.replace(constructs={name: replace(held, kind="composite") for name, held in model.constructs.items()})


def assessment(read: Any, mobi: pd.DataFrame) -> str:
    """Fit, validity and reliability of the same PLS solution by cSEM and seminr."""
    cs, se = _assessed(read, "cSEM", "ECSI_modeA_path"), _assessed(read, "seminr", "ECSI_modeA_path")
    fit = csi.Study(csi.models.ecsi(), csi.PLS(tolerance=1e-12)).fit(mobi)
    composites = _composites(csi.models.ecsi())
    same = csi.Study(composites, csi.PLS(tolerance=1e-12)).fit(mobi)
    good, saturated = same.goodness()["estimate"], same.goodness(model="saturated")["estimate"]
    rows: list[list[Any]] = [
        ["SRMR, estimated model", cs.get("srmr"), None, good["srmr"]],
        ["SRMR, saturated model", cs.get("SRMR_saturated"), None, saturated["srmr"]],
        ["d_ULS", cs.get("dl"), None, good["d_uls"]],
        ["d_G", cs.get("dg"), None, good["d_g"]],
        ["NFI", cs.get("nfi"), None, good["nfi"]],
    ]
    reliability, theirs = fit.reliability(), se["reliability"]
    for name in ("satisfaction", "loyalty"):
        for said, key, own in (("alpha", "alpha", "alpha_standardized"), ("rho_A", "rhoA", "rho_a"),
                               ("rho_C", "rhoC", "rho_c"), ("AVE", "AVE", "ave")):  # fmt: skip
            rows.append([f"{said}, {name}", None, theirs[key][name], reliability.loc[name, own]])
    htmt = {absolute: fit.validity(absolute=absolute)["htmt"] for absolute in (True, False)}
    for pair in ("quality -- loyalty", "quality -- satisfaction"):
        rows.append([f"HTMT, {pair}", cs["htmt"].get(pair), se["htmt"].get(pair), htmt[True][_pair(pair)]])
        rows.append([f"HTMT, {pair}, `absolute=False`", cs["htmt"].get(pair), None, htmt[False][_pair(pair)]])
    return table(["measure", "cSEM 0.6.1", "seminr 2.3.4", "csi"], rows)


# -- covariance structure models ---------------------------------------------------------------------------------


def covariance(read: Any, mobi: pd.DataFrame) -> str:
    """ACSI on the mobile phone survey by lavaan's estimators, the statistic of AMOS included."""
    model = csi.models.acsi(items="mobi")
    ways = [
        ("ML (lavaan's default)", "ACSI_ML", "CBSEM()", csi.CBSEM()),
        ("ML, N - 1 (AMOS, EQS; lavaan likelihood = 'wishart')", "ACSI_ML_wishart", "CBSEM.like('amos')",
         csi.CBSEM(likelihood="wishart")),
        ("MLR", "ACSI_MLR", "CBSEM('MLR')", csi.CBSEM("MLR")),
        ("GLS", "ACSI_GLS", "CBSEM('GLS')", csi.CBSEM("GLS")),
        ("ULS", "ACSI_ULS_polished", "CBSEM('ULS')", csi.CBSEM("ULS")),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for said, name, call, method in ways:
        theirs, ours = read(f"lavaan_{name}")["fit"], csi.Study(model, method).fit(mobi).goodness()["estimate"]
        keys = (("chisq", "chi2"), ("cfi", "cfi"), ("tli", "tli"), ("rmsea", "rmsea"), ("srmr", "srmr"))
        rows.append([f"{said}: lavaan 0.6-14", *(theirs.get(key) for key, _ in keys)])
        rows.append([f"`csi.{call}`", *(float(ours[own]) for _, own in keys)])
    return table(["estimator", "chi2", "CFI", "TLI", "RMSEA", "SRMR"], rows)


def semopy(read: Any, mobi: pd.DataFrame) -> str:
    """What semopy prints for the same model: run now, beside lavaan and us."""
    import semopy as other

    # The single item of complaints stands for its construct, which is the only form that semopy can identify.
    text = csi.models.acsi(items="mobi").to("lavaan")
    lines = [line for line in text.splitlines() if not line.startswith("complaints =~")]
    text = "\n".join(line.replace("complaints", "CUSCO") for line in lines)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = other.Model(text)
        model.fit(mobi.astype(float))
        theirs = other.calc_stats(model).iloc[0]
    good, lavaan = (
        csi.Study(csi.models.acsi(items="mobi"), csi.CBSEM()).fit(mobi).goodness()["estimate"],
        read("lavaan_ACSI_ML")["fit"],
    )
    keys = [("chi2", "chi2", "chisq"), ("DoF", "df", "df"), ("CFI", "cfi", "cfi"), ("TLI", "tli", "tli"),
            ("RMSEA", "rmsea", "rmsea"), ("GFI", "gfi", "gfi"), ("NFI", "nfi", "nfi"), ("AIC", "aic", "aic"),
            ("BIC", "bic", "bic")]  # fmt: skip
    rows = [[said, float(theirs[said]), lavaan.get(his), float(good.get(own, np.nan))] for said, own, his in keys]
    return table(["measure", f"semopy {other.__version__}", "lavaan 0.6-14", "csi"], rows)
