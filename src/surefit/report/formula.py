"""Formulas for web pages: drawn as outlines, so that no script and no font has to be loaded."""

from html import escape

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from surefit.exceptions import InvalidOption
from surefit.report.style import paper_style

_SIZE = 12.0  # units of the drawing for one em
# matplotlib's codes of path segments: SVG's letter and how many points follow.
_SEGMENTS = {
    int(Path.MOVETO): ("M", 1),
    int(Path.LINETO): ("L", 1),
    int(Path.CURVE3): ("Q", 2),
    int(Path.CURVE4): ("C", 3),
    int(Path.CLOSEPOLY): ("Z", 1),
}


def formula_svg(formula: str) -> str:
    r"""Draw a formula as SVG that stands in a line of text, in the text's size and color.

    Args:
        formula: LaTeX mathematics without the dollar signs, as far as matplotlib knows it
            (fractions, roots, sums, Greek; no environments).

    Returns:
        An `<svg>` element with the formula's text as its accessible name.

    Raises:
        InvalidOption: matplotlib cannot read the formula; the message says where it stops.

    Example:
        >>> formula_svg(r"\chi^2")[:4]
        '<svg'
    """
    properties = FontProperties(math_fontfamily="cm", size=_SIZE)
    try:
        with paper_style():
            path = TextPath((0, 0), f"${formula}$", prop=properties)
    except ValueError as error:
        reason = str(error).strip().splitlines()[-1]
        raise InvalidOption(f"The formula {formula!r} cannot be drawn: {reason}") from error
    vertices = np.asarray(path.vertices, dtype=float)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    low = np.minimum(low - 0.5, 0)
    width, height = high - low + 0.5
    em = 1 / _SIZE
    return (
        f'<svg role="img" aria-label="{escape(formula)}" '
        f'viewBox="{low[0]:.2f} {-low[1] - height:.2f} {width:.2f} {height:.2f}" '
        f'style="width:{width * em:.3f}em;height:{height * em:.3f}em;'
        f'vertical-align:{low[1] * em:.3f}em">'
        f'<path fill="currentColor" d="{_outline(path)}"/></svg>'
    )


def _outline(path: Path) -> str:
    """Write a path in SVG's language, whose vertical axis points down."""
    vertices, codes = np.asarray(path.vertices, dtype=float), np.asarray(path.codes)
    words, index = [], 0
    while index < len(codes):
        letter, length = _SEGMENTS[int(codes[index])]
        points = [] if letter == "Z" else vertices[index : index + length]
        words.append(letter + " ".join(f"{x:.2f} {-y:.2f}" for x, y in points))
        index += length
    return "".join(words)
