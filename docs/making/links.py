"""Names in code type become links, in docstrings and pages alike: `csi.Study`, `fit.index()`."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from making import reference

NAME = re.compile(r"(?P<owner>csi\.|fit\.|Fit\.|)(?P<rest>[A-Za-z_][\w.]*?)(?:\(.*\))?", flags=re.S)


class Links(SphinxPostTransform):
    """Wrap every literal that is a public name in a link to its page."""

    default_priority = 5

    def run(self, **_: object) -> None:
        pages = reference.page_names()
        for node in list(self.document.findall(nodes.literal)):
            page = pages.get(name_in(node.astext()))
            if page is None or isinstance(node.parent, nodes.reference) or self.env.docname.endswith(f"/{page}"):
                continue
            uri = self.app.builder.get_relative_uri(self.env.docname, f"generated/reference/{page}")
            link = nodes.reference("", "", internal=True, refuri=uri)
            node.replace_self(link)
            link += node


def name_in(text: str) -> str:
    """Public name that a piece of code type stands for, or an empty one."""
    found = NAME.fullmatch(text.strip())
    if found is None:
        return ""
    if found["owner"] in ("fit.", "Fit."):
        return f"csi.Fit.{found['rest']}"
    # Without `csi.` only classes are meant: `Study`, but not `items` or `match`.
    return f"csi.{found['rest']}" if found["owner"] or found["rest"][:1].isupper() else ""


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_post_transform(Links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
