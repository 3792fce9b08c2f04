"""How figures look and are saved: for print, for color-blind readers, the same each time."""

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import matplotlib.style
from matplotlib.figure import Figure

from surefit.exceptions import FileProblem
from surefit.report.files import write_atomically

# Okabe & Ito 2008, "Color universal design", reordered: those that stand out from gray come first.
PALETTE = ("#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8B6508", "#333333")
DASHES = ("-", (0, (6, 2)), (0, (2, 1.3)), (0, (6, 2, 1.5, 2)))  # tells curves apart in gray print
INK = "#222222"
GRAY = "#7A7A7A"
PIXELS_PER_INCH = 200  # of a saved PNG and of rasterized points inside a PDF or SVG

_STYLE = {
    "figure.dpi": 100,
    "savefig.dpi": PIXELS_PER_INCH,
    "font.size": 10.5,
    "axes.labelsize": 11.5,
    "axes.titlesize": 11.5,
    "axes.linewidth": 0.8,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.formatter.limits": (-4, 5),
    "axes.formatter.use_mathtext": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "legend.facecolor": "white",  # a curve behind a legend fades; no edge is drawn
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "legend.fontsize": 9.5,
    "legend.handlelength": 2.2,
    "pdf.fonttype": 42,  # fonts embedded whole, as journals ask; the default Type 3 is refused
    "ps.fonttype": 42,
    "svg.fonttype": "path",  # looks the same where the font is missing
    "svg.hashsalt": "surefit",
}

# What would differ from run to run or from version to version is left out.
_METADATA = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}

_LOCK = threading.RLock()  # matplotlib's settings are global; two threads must not mix them


class Drawing(Figure):
    """A matplotlib figure that a notebook shows as it is, without pyplot's global state."""

    def _repr_png_(self) -> bytes:
        return rendered(self, "png", pixels_per_inch=120)


@contextlib.contextmanager
def paper_style() -> Iterator[None]:
    """Draw in our style, whatever the user's settings are; they are restored afterwards."""
    with _LOCK, matplotlib.style.context(["default", _STYLE]):
        yield


def rendered(figure: Figure, kind: str, *, pixels_per_inch: int = PIXELS_PER_INCH) -> bytes:
    """Turn a figure into a file's content, byte for byte the same for the same figure.

    Args:
        figure: Any matplotlib figure.
        kind: `"png"`, `"pdf"` or `"svg"`.
        pixels_per_inch: Resolution of a PNG, and of rasterized parts of the others.

    Returns:
        The content of a file of that kind.
    """
    buffer = io.BytesIO()
    with paper_style():
        figure.savefig(buffer, format=kind, dpi=pixels_per_inch, metadata=_METADATA[kind])
    return buffer.getvalue()


def save_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Save a figure, whole or not at all, in the format that the file's name asks for.

    Args:
        figure: Any matplotlib figure.
        path: Where to write, ending in `.png`, `.pdf` or `.svg`.

    Raises:
        FileProblem: Another ending, or the file cannot be written.

    Example:
        >>> save_figure(Drawing(), "fit.docx")
        Traceback (most recent call last):
        ...
        surefit.exceptions.FileProblem: Cannot save a figure as 'fit.docx'; ...
    """
    kind = Path(path).suffix.removeprefix(".").lower()
    if kind not in _METADATA:
        raise FileProblem(
            f"Cannot save a figure as {str(path)!r}; end the name in .png, .pdf or .svg."
        )
    write_atomically(path, rendered(figure, kind))
