"""The site: written pages, pages generated from the library (docs/making), notebooks as they were executed.

Notebooks are shown with the outputs they hold and never executed here: `.ci/run` executes each of them once and
builds the site from the result. Nothing is fetched from a network.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE)]

from making import build, listings  # noqa: E402

import csi  # noqa: E402

project = "csi"
author = "The csi authors"
copyright = "The csi authors"
release = version = csi.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "myst_nb",
    "making.formulas",
    "making.bilingual",
    "making.links",
    "making.docstrings",
]
exclude_patterns = ["_build", "making", "**/.ipynb_checkpoints"]

# -- pages -----------------------------------------------------------------------------------------------------
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist", "attrs_inline"]
myst_heading_anchors = 4
nb_execution_mode = "off"
nb_merge_streams = True
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# -- reference -------------------------------------------------------------------------------------------------
default_role = "code"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_param = False
napoleon_use_rtype = False
python_maximum_signature_line_length = 88
add_module_names = False

# -- the look --------------------------------------------------------------------------------------------------
html_theme = "pydata_sphinx_theme"
html_title = "csi"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_math_renderer = "mathml"
html_search_language = "bilingual"
html_show_sourcelink = False
html_copy_source = False
#: Pages without pages below them need no list at the side.
ALONE = ["index", "tutorial", "differences", "doubts", "gallery", "generated/reference/**", "changelog"]
html_sidebars = {page: [] for page in ALONE}
html_theme_options = {
    "navbar_end": ["language-switch", "theme-switcher"],
    "show_toc_level": 2,
    "navigation_depth": 2,
    "collapse_navigation": True,
    "show_prev_next": False,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "default",
    "pygments_dark_style": "monokai",
}
templates_path = ["templates"]


def setup(app):
    build.generate(HERE)
    app.connect("source-read", listings.fill)
    app.connect("env-get-outdated", listings.outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
