"""A questionnaire as one page of HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from csi.questionnaire.markdown import code_heads, number_to_write

if TYPE_CHECKING:
    from csi.questionnaire.printed import Block, Questionnaire

STYLE = """
@page { size: A4; margin: 18mm 16mm; }
.csi-form { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1f2933; line-height: 1.5;
  font-family: "Source Sans 3", "Segoe UI", "Helvetica Neue", Arial, "Noto Sans CJK SC", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif; font-size: 15px; }
.csi-form h1 { font-size: 1.6rem; text-align: center; margin: 0 0 .6rem; }
.csi-form h2 { font-size: 1.12rem; margin: 1.6rem 0 .4rem; padding-bottom: .25rem; break-after: avoid;
  border-bottom: 2px solid #2f6690; }
.csi-form h3, .csi-form th.h { font-size: 1rem; font-weight: 600; color: #2f6690; text-align: left; }
.csi-form h3 { margin: .9rem 0 .3rem; break-after: avoid; }
.csi-form .intro { margin: 0 auto 1rem; }
.csi-form .rule { margin: .4rem 0 .2rem; padding: .3rem .6rem; background: #f2f5f8; border-left: 3px solid #2f6690; }
.csi-form table { width: 100%; border-collapse: collapse; margin: .3rem 0 .7rem; table-layout: fixed; }
.csi-form tr, .csi-form .single, .csi-form ul { break-inside: avoid; }
.csi-form th { font-weight: 400; font-size: .74rem; line-height: 1.25; color: #52606d; vertical-align: bottom;
  padding: .2rem 0; overflow-wrap: break-word; hyphens: auto; }
.csi-form th.low { text-align: left; padding-left: .5rem; }
.csi-form th.high { text-align: right; padding-right: .5rem; }
.csi-form th b { display: block; font-size: .88rem; color: #1f2933; font-weight: 600; }
.csi-form td { padding: .38rem .2rem; border-top: 1px solid #d9e2ec; vertical-align: middle; }
.csi-form td.n { text-align: right; padding-right: .5rem; color: #52606d; }
.csi-form col.n { width: 2.2rem; }
.csi-form col.q { width: 40%; }
.csi-form td.c { text-align: center; }
.csi-form .o { display: inline-block; width: .85rem; height: .85rem; border: 1.3px solid #52606d; border-radius: 50%; }
.csi-form ul { list-style: none; margin: .2rem 0 .8rem 2.2rem; padding: 0; display: flex; flex-wrap: wrap;
  gap: .25rem 1.6rem; }
.csi-form ul .o { margin-right: .45rem; vertical-align: -.1rem; }
.csi-form .single { margin: .7rem 0 0; }
.csi-form .single span.n { display: inline-block; min-width: 1.7rem; text-align: right; padding-right: .5rem;
  color: #52606d; }
.csi-form .thanks { text-align: center; margin-top: 2rem; }
""".strip()


def page(form: Questionnaire) -> str:
    """Write the page."""
    language = "zh-CN" if form.language == "zh" else "en"
    body = "\n".join(_body(form))
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(form.title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        f'<main class="csi-form" lang="{language}">\n{body}\n</main>\n</body>\n</html>\n'
    )


def _body(form: Questionnaire) -> Iterator[str]:
    yield f'<h1>{escape(form.title)}</h1>\n<p class="intro">{escape(form.intro)}</p>'
    for section in form.sections:
        yield f"<section>\n<h2>{escape(section.title)}</h2>"
        for block in section.blocks:
            yield from _block(block, form.language)
        yield "</section>"
    yield f'<p class="thanks">{escape(form.thanks)}</p>'


def _block(block: Block, language: str) -> Iterator[str]:
    if block.heading and (block.rule or block.kind != "grid"):
        yield f"<h3>{escape(block.heading)}</h3>"
    if block.rule:
        yield f'<p class="rule">{escape(block.rule)}</p>'
    if block.kind == "grid":
        yield _grid(block)
        return
    for line in block.lines:
        yield f'<p class="single"><span class="n">{line.number}.</span>{escape(line.text)}</p>'
        if block.kind == "number":
            yield f'<p class="single"><span class="n"></span>{escape(number_to_write(block, language))}</p>'
        answers = "".join(f'<li><span class="o"></span>{escape(text or code)}</li>' for code, text in block.codes)
        if answers:
            yield f"<ul>{answers}</ul>"


def _grid(block: Block) -> str:
    """A table of circles; its heading stands in the corner that codes leave free."""
    circles = '<td class="c"><span class="o"></span></td>' * len(block.codes)
    rows = "\n".join(
        f'<tr><td class="n">{line.number}</td><td>{escape(line.text)}</td>{circles}</tr>' for line in block.lines
    )
    columns = '<col class="n"><col class="q">' + "<col>" * len(block.codes)
    return (
        f"<table>\n<colgroup>{columns}</colgroup>\n<thead>{_head(block)}</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


def _head(block: Block) -> str:
    """Codes with their words; where only the ends have words, these stand above, with room to the middle."""
    corner = "" if block.rule else escape(block.heading)
    codes = [
        f"<b>{escape(code)}</b>{'' if block.anchors and code else escape(text)}"
        for code, (_, text) in zip(code_heads(block), block.codes, strict=True)
    ]
    if not block.anchors:
        cells = "".join(f"<th>{code}</th>" for code in codes)
        return f'<tr><th class="h" colspan="2">{corner}</th>{cells}</tr>'
    scale = len(codes) - block.outside
    low, high = map(escape, block.anchors)
    above = (
        f'<th class="low" colspan="{scale // 2}">{low}</th><th class="high" colspan="{scale - scale // 2}">{high}</th>'
    )
    aside = "".join(f'<th rowspan="2">{code}</th>' for code in codes[scale:])
    below = "".join(f"<th>{code}</th>" for code in codes[:scale])
    return f'<tr><th class="h" colspan="2" rowspan="2">{corner}</th>{above}{aside}</tr><tr>{below}</tr>'
