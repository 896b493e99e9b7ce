"""Tables as marked-up text: plain, HTML, Markdown, LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from csi.display.cells import Cell, Grid, Head
from csi.display.plain import grid as aligned

#: What a console may lack, and what it is written as there.
_PLAIN = {
    "−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "²": "2", "³": "3", "×": "x", "≥": ">=",
    "≤": "<=", "≠": "!=", "±": "+/-", "∞": "inf", "α": "alpha", "β": "beta", "λ": "lambda", "ρ": "rho", "χ": "chi",
    "ω": "omega", "Δ": "Delta", "→": "->", "·": ".",
}  # fmt: skip
_TEX_GREEK = {letter: name for letter, name in _PLAIN.items() if "α" <= letter <= "ω"} | {"Δ": "Delta"}
_TEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "<": "$<$",
    ">": "$>$", "±": r"$\pm$", "×": r"$\times$", "²": "$^2$", "³": "$^3$", "≥": r"$\geq$", "≤": r"$\leq$",
    "≠": r"$\neq$", "∞": r"$\infty$", "→": r"$\rightarrow$", "–": "--", "—": "---", "’": "'", "‘": "`", "“": "``",
    "|": r"\textbar{}", "”": "''", "[": "{[}", "·": r"$\cdot$", **{sign: "\\" + sign for sign in "&%$#_{}"},
    **{letter: rf"$\{name}$" for letter, name in _TEX_GREEK.items()},
}  # fmt: skip


def text(grid: Grid) -> str:
    """Write a table for a terminal."""
    header, rows = [_flat(grid)], [[cell.text for cell in row] for row in grid.rows]
    # Stars stand beyond the last digit, so that digits stay in their columns.
    for column in range(grid.left, len(header[0])):
        marks = max((len(row[column].stars) for row in grid.rows), default=0)
        for cells, row in zip(rows, grid.rows, strict=True):
            cells[column] += " " * (marks - len(row[column].stars)) if cells[column] and marks else ""
    body = aligned(header[0], rows, left=grid.left)
    return _plain("\n".join([*([grid.caption] if grid.caption else []), body, *grid.notes]))


def _plain(said: str) -> str:
    return "".join(_PLAIN.get(letter, letter) for letter in said)


def _flat(grid: Grid) -> list[str]:
    """One header line out of several: `Group: Estimate`."""
    columns: list[list[str]] = [[] for _ in range(grid.columns)]
    for line in grid.header:
        at = 0
        for head in line:
            for column in columns[at : at + head.span]:
                column.append(head.text)
            at += head.span
    return [": ".join(part for part in column if part) for column in columns]


# -- HTML -------------------------------------------------------------------------------------------------

_RULE, _THIN = "1.5px solid currentColor", "0.75px solid currentColor"


def html(grid: Grid) -> str:
    """Write an HTML table that looks the same with and without a style sheet."""
    lines = ['<table class="csi-table" style="border-collapse:collapse;border:0;margin:1em 0">']
    if grid.caption:
        lines.append(f'<caption style="caption-side:top;text-align:left">{escape(grid.caption)}</caption>')
    lines += ["<thead>", *_html_header(grid), "</thead>", "<tbody>"]
    lines += [_html_row(grid, row) for row in range(len(grid.rows))]
    lines.append("</tbody>")
    if grid.notes:
        said = "<br>".join(escape(note) for note in grid.notes)
        style = f"border-top:{_RULE};text-align:left;font-size:85%;padding:4px 8px"
        lines.append(f'<tfoot><tr><td colspan="{grid.columns}" style="{style}">{said}</td></tr></tfoot>')
    return "\n".join([*lines, "</table>"])


def _html_header(grid: Grid) -> list[str]:
    lines = []
    for level, heads in enumerate(grid.header):
        last = level == len(grid.header) - 1
        words = [grid.is_text(i) if last else i < grid.left for i in range(len(heads))]
        cells = [_html_head(head, is_text, level == 0, last) for head, is_text in zip(heads, words, strict=True)]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return lines


def _html_head(head: Head, is_text: bool, first: bool, last: bool) -> str:
    rules = [f"border-top:{_RULE}"] if first else []
    if last or (head.text and not is_text):
        rules.append(f"border-bottom:{_THIN}")
    align = "left" if is_text else "right" if last else "center"
    span = f' colspan="{head.span}"' if head.span > 1 else ""
    style = ";".join([*rules, f"text-align:{align}", "padding:3px 8px", "font-weight:normal"])
    return f'<th scope="col"{span} style="{style}">{escape(head.text)}</th>'


def _html_row(grid: Grid, row: int) -> str:
    bottom = f"border-bottom:{_RULE};" if row == len(grid.rows) - 1 and not grid.notes else ""
    above = "padding-top:7px;" if grid.begins_group(row) else ""
    parts = []
    for i, cell in enumerate(grid.rows[row]):
        is_label = grid.is_text(i)
        style = f"{bottom}text-align:{'left' if is_label else 'right'};padding:2px 8px;{above}white-space:"
        style += "normal" if is_label else "nowrap;font-variant-numeric:tabular-nums"
        tag = 'th scope="row"' if i < grid.left else "td"
        weight = ";font-weight:normal" if i < grid.left else ""
        parts.append(f'<{tag} style="{style}{weight}">{escape(cell.text)}</{tag.split()[0]}>')
    return f"<tr>{''.join(parts)}</tr>"


# -- Markdown ---------------------------------------------------------------------------------------------


def markdown(grid: Grid) -> str:
    """Write a table as GitHub reads it."""
    lines = [f"**{mark(grid.caption)}**", ""] if grid.caption else []
    lines.append(_bars(mark(head) for head in _flat(grid)))
    lines.append(_bars("---" if grid.is_text(i) else "---:" for i in range(grid.columns)))
    lines += [_bars(mark(cell.text) for cell in row) for row in grid.rows]
    return "\n".join([*lines, *(line for note in grid.notes for line in ("", mark(note)))])


def _bars(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def mark(said: str) -> str:
    """Escape what Markdown and the HTML inside it would read as marks."""
    return re.sub(r"([\\`*_|<>\[\]#~])", r"\\\1", re.sub(r"\s*\n\s*", " ", said))


# -- LaTeX ------------------------------------------------------------------------------------------------


def latex(grid: Grid, label: str = "") -> str:
    """Write a table with the rules of booktabs."""
    lines = [r"\begin{table}[htbp]", r"\centering"]
    lines += [rf"\caption{{{tex(grid.caption)}}}"] if grid.caption else []
    lines += [rf"\label{{{label}}}"] if label else []
    alignment = "".join("l" if grid.is_text(i) else "r" for i in range(grid.columns))
    lines += [rf"\begin{{tabular}}{{{alignment}}}", r"\toprule", *_tex_header(grid), r"\midrule"]
    for row in range(len(grid.rows)):
        lines += [r"\addlinespace"] if grid.begins_group(row) else []
        lines.append(" & ".join(_tex_cell(cell) for cell in grid.rows[row]) + r" \\")
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip\footnotesize {tex(grid.note)}"] if grid.notes else []
    return "\n".join([*lines, r"\end{table}"])


def _tex_header(grid: Grid) -> list[str]:
    lines = []
    for heads in grid.header[:-1]:
        parts, rules, at = [], [], 1
        for head in heads:
            parts.append(rf"\multicolumn{{{head.span}}}{{c}}{{{tex(head.text)}}}" if head.text else "")
            if head.text:
                rules.append(rf"\cmidrule(lr){{{at}-{at + head.span - 1}}}")
            at += head.span
        lines += [" & ".join(parts) + r" \\", " ".join(rules)]
    return [*lines, " & ".join(tex(head.text) for head in grid.header[-1]) + r" \\"]


def _tex_cell(cell: Cell) -> str:
    if not cell.stars:
        return tex(cell.text)
    return tex(cell.text.removesuffix(cell.stars)) + f"$^{{{cell.stars}}}$"


def tex(said: str) -> str:
    r"""Escape what TeX would read as commands.

    Examples
    --------
    >>> print(tex("R² = 50% & α_1 < 2"))
    R$^2$ = 50\% \& $\alpha$\_1 $<$ 2
    """
    return "".join(_TEX.get(letter, letter) for letter in said)
