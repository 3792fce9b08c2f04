"""How the documentation is built: `sphinx-build -W docs docs/_build/html`."""

import enum
import importlib
import sys
from pathlib import Path

import surefit

sys.path.insert(0, str(Path(__file__).parent))  # for `executed`

project = "surefit"
author = "The surefit developers"
project_copyright = f"2026, {author}"
release = version = surefit.__version__

extensions = [
    "executed",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.doctest",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["output.css"]
html_title = f"surefit {release}"
exclude_patterns = ["_build"]

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3

python_maximum_signature_line_length = 80
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes as a list; autodoc would document each a second time
doctest_test_doctest_blocks = ""  # docstrings are pytest's; only {doctest} blocks run here
doctest_global_setup = "import numpy as np\nimport surefit as sf\nimport surefit"

# Every reference must resolve, but for types from annotations: shape strings, and classes of other
# projects, whose inventories would have to be downloaded.
nitpicky = True
nitpick_ignore_regex = [("py:(class|data|obj|attr)", ".*"), ("py:exc", r"(?!surefit\.)[a-z_]+\..*")]


# What is shown of the classes of a room; all that is documented if nothing is said here. What every
# minimizer and every loss has is meant for surefit, not for its user.
MEMBERS = {
    "bases": ":members: parameters, evaluate",
    "exceptions": ":show-inheritance:",
    "losses": "",
    "models": ":members: parameters, evaluate",
    "networks": ":members: parameters, evaluate, to_raw, from_raw",
}
# The classes that hold a part of what a public class offers.
PARTS = {"Fit": "surefit.uncertainty.fit_record.FitRecord"}


def described(room: str, name: str) -> str:
    """The directive that documents a public name."""
    value = getattr(surefit, name)
    if not isinstance(value, type):
        return f".. autofunction:: {name}"
    is_minimizer = hasattr(value, "minimize")
    is_described_once = room in MEMBERS and (room != "models" or hasattr(value, "evaluate"))
    options = MEMBERS[room] if is_described_once else ":members:"
    options = "" if is_minimizer else options
    options += "\n   :undoc-members:" if issubclass(value, enum.Enum) else ""
    block = f".. autoclass:: {name}\n   {options}".rstrip()
    if name not in PARTS:
        return block
    return f"{block}\n   :show-inheritance:\n\n.. autoclass:: {PARTS[name]}\n   :members:"


def write_reference(_app: object) -> None:
    """Write one page a room: each public name, in the order of `__init__.py`."""
    folder = Path(__file__).parent / "reference" / "generated"
    folder.mkdir(exist_ok=True)
    rooms: dict[str, list[str]] = {}
    for name, module in surefit._MODULES.items():
        rooms.setdefault(module.partition(".")[0], []).append(name)
    for stale in set(folder.glob("*.md")) - {folder / f"{room}.md" for room in rooms}:
        stale.unlink()
    for room, names in rooms.items():
        about = (importlib.import_module(f"surefit.{room}").__doc__ or room).splitlines()[0]
        blocks = [described(room, name) for name in names]
        text = "\n\n".join([".. currentmodule:: surefit", *blocks])
        page = f"# {room}\n\n{about}\n\n```{{eval-rst}}\n{text}\n```\n"
        path = folder / f"{room}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != page:
            path.write_text(page, encoding="utf-8")


def setup(app: object) -> None:
    """Generate the reference before Sphinx looks for pages."""
    app.connect("config-inited", lambda app, _config: write_reference(app))  # pyright: ignore[reportAttributeAccessIssue]
