"""Arithmetic among parameters: `ind := a*b` and `a == 2*b`, read without running any code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from csi.errors import ModelError, suggest

_NAME = re.compile(r"(?<![\w.])[^\W\d][\w.]*")
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"sqrt": np.sqrt, "exp": np.exp, "log": np.log, "abs": np.abs}


@dataclass(frozen=True)
class Formula:
    """`name := expression`, or `expression == expression` as their difference.

    Parameters
    ----------
    name : str
        What is defined; empty for a constraint.
    names : tuple of str
        Labels that the expression uses.
    tree : ast.expr
        The expression, its names replaced by their numbers.
    """

    text: str
    sign: str
    name: str
    names: tuple[str, ...]
    tree: ast.expr

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Work the expression out."""
        with np.errstate(all="ignore"):
            return _value(self.tree, [values[name] for name in self.names], self.text)

    def check(self, known: Iterable[str]) -> None:
        """Refuse a name that is no parameter."""
        labels = list(known)
        for name in self.names:
            if name not in labels:
                raise ModelError(
                    f"{self.text!r}: no parameter is called {name!r}{suggest(name, labels)}. A coefficient gets a name"
                    f" in the text form, such as y ~ {name}*x, or by Path('x', 'y', coefficient={name!r})"
                )


def read(line: str) -> Formula:
    """Read one line of a model's extra text.

    Examples
    --------
    >>> read("ind := a*b")({"a": 2.0, "b": 3.0})
    6.0
    """
    sign = ":=" if ":=" in line else "=="
    left, right = (part.strip() for part in line.split(sign, 1))
    body = right if sign == ":=" else f"({left}) - ({right})"
    names = tuple(dict.fromkeys(name for name in _NAME.findall(body) if name not in _FUNCTIONS))
    hidden = _NAME.sub(lambda m: m[0] if m[0] in _FUNCTIONS else f"_{names.index(m[0])}", body).replace("^", "**")
    try:
        tree = ast.parse(hidden, mode="eval").body
    except SyntaxError as why:
        raise ModelError(f"{line!r} is not arithmetic: write 'ind := a*b' or 'a == 2*b'") from why
    formula = Formula(line, sign, left if sign == ":=" else "", names, tree)
    _value(tree, [1.0] * len(names), line)
    return formula


def linear(formula: Formula, labels: Mapping[str, int]) -> tuple[dict[str, float], float]:
    """Slopes and constant of a linear expression; refuse any other."""
    formula.check(labels)

    def at(**moved: float) -> float:
        return float(formula({name: moved.get(name, 0.0) for name in formula.names}))

    constant = at()
    slopes = {name: at(**{name: 1.0}) - constant for name in formula.names}
    for trial in np.random.default_rng(0).normal(size=(3, len(formula.names))):
        value = dict(zip(formula.names, trial, strict=True))
        straight = constant + sum(slopes[name] * value[name] for name in formula.names)
        if not abs(float(formula(value)) - straight) < 1e-9 * (1 + abs(straight)):
            raise ModelError(
                f"the constraint {formula.text!r} is not linear in its parameters; only sums and multiples can be held"
                " equal. A product can be watched by ':='"
            )
    return slopes, constant


def _value(tree: ast.expr, values: list[Any], text: str) -> Any:
    """Work out an expression of numbers, names, + - * / ^ and four functions."""
    if isinstance(tree, ast.Constant) and isinstance(tree.value, (int, float)):
        return float(tree.value)
    if isinstance(tree, ast.Name) and tree.id.startswith("_"):
        return values[int(tree.id[1:])]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.USub, ast.UAdd)):
        inner = _value(tree.operand, values, text)
        return -inner if isinstance(tree.op, ast.USub) else inner
    if isinstance(tree, ast.BinOp) and type(tree.op) in _BINARY:
        sides = _value(tree.left, values, text), _value(tree.right, values, text)
        return _binary(type(tree.op), *sides)
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and len(tree.args) == 1 and not tree.keywords:
        function = _FUNCTIONS.get(tree.func.id)
        if function is not None:
            return function(_value(tree.args[0], values, text))
    raise ModelError(f"{text!r}: only + - * / ^, brackets, {', '.join(_FUNCTIONS)} are understood")


def _binary(kind: type, one: Any, two: Any) -> Any:
    """One operation; a division by zero is NaN, not an error."""
    found = _BINARY[kind](np.asarray(one, dtype=float), two)
    return float(found) if np.ndim(found) == 0 else found
