"""DOT, Mermaid and TikZ: kept as golden files, complete for every catalogue model, safe for any name."""

from __future__ import annotations

from pathlib import Path as File

import pytest

import csi.models
from csi.errors import ModelError
from csi.spec import Construct, Model, Path
from csi.spec.graphs import dot, mermaid, tikz

GOLDEN = File(__file__).parent / "golden"
AWKWARD = Model(
    "a “model” & more",
    {"质量（总）": ["50%_ok", "a<b"], "x": ['say "hi"']},
    [Path("质量（总）", "x", sign="-", status="assumed")],
    "x",
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ecsi.dot", dot(csi.models.ecsi(), items=True)),
        ("ccsi_zh.mmd", mermaid(csi.models.ccsi(), language="zh", items=True)),
        ("acsi.tex", tikz(csi.models.acsi(variant="product-service"), {("value", "satisfaction"): "−0.2*"})),
    ],
)
def test_golden(name, text):
    assert text + "\n" == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("model", csi.models.all(), ids=lambda m: m.name)
@pytest.mark.parametrize("write", [dot, mermaid, tikz])
def test_every_arrow_and_label_is_there(model, write):
    text = write(model, {(p.cause, p.effect): 0.123 for p in model.paths}, language="zh")
    assert text.count("0.123") == len(model.paths)
    assert all(model.labels("zh")[name] in text for name in model.constructs)


def test_awkward_names_are_escaped():
    assert 'label="say \\"hi\\""' in dot(AWKWARD, items=True)
    assert '["say #quot;hi#quot;"]' in mermaid(AWKWARD, items=True)
    assert '["a#lt;b"]' in mermaid(AWKWARD, items=True)
    assert "{$-$}" in tikz(AWKWARD)
    assert r"{50\%\_ok}" in tikz(AWKWARD.rename({"x": "50%_ok", "50%_ok": "y"}))


def test_assumed_arrows_are_lighter():
    assert 'color="gray60"' in dot(AWKWARD)
    assert "-.->" in mermaid(AWKWARD)
    assert r"\draw[assumed]" in tikz(AWKWARD)


def test_a_missing_coefficient_leaves_its_arrow_bare():
    model = Model("m", {"a": ["a1"], "b": ["b1"], "c": ["c1"]}, [("a", "b"), ("b", "c")])
    assert mermaid(model, {("a", "b"): -0.5}).splitlines()[-2:] == ['  n1 -->|"−0.500"| n2', "  n2 --> n3"]


def test_products_and_parts_are_drawn():
    blocks = {"a": ["a1"], "b": ["b1"], "s": ["s1"], "all": Construct(of=["a", "b"], kind="composite")}
    model = Model("m", blocks, [("a:b", "s"), ("all", "s")], "s")
    assert 'n5 [label="a × b"];' in dot(model)
    assert "n1 -> n4 [style=dashed];" in dot(model)
    assert "n1 ==> n4" in mermaid(model)
    assert r"{a$\times$ b}" in tikz(model).replace("a $", "a$")


def test_unknown_coefficients_and_positions_are_refused():
    model = csi.models.scsb()
    with pytest.raises(ModelError, match=r"\('value', 'loyalty'\) is not a path"):
        dot(model, {("value", "loyalty"): 0.1})
    with pytest.raises(ModelError, match="did you mean 'value'"):
        tikz(model, positions={"valu": (0, 0)})
