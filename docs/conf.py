"""Settings of the documentation site: ``make docs`` builds it with warnings as errors."""

import pdcraft

project = "pdcraft"
author = "the pdcraft authors"
copyright = "the pdcraft authors, Apache-2.0"
release = version = pdcraft.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build", "jupyter_execute", "README.md"]  # README.md is included by index.md
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb"}
root_doc = "index"

myst_enable_extensions = ["dollarmath", "attrs_inline"]
myst_heading_anchors = 4
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

suppress_warnings = ["ref.ref"]  # a function's [key]_ stands in its module's references

autosummary_generate = True
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_typehints = "none"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = "pdcraft"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["cells.css"]
html_theme_options = {
    "logo": {"text": "pdcraft"},
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_copy_source = False


def setup(app):
    """Show CSV blocks as plain text: Pygments has no lexer for them."""
    from pygments.lexers.special import TextLexer

    app.add_lexer("csv", TextLexer)
