"""A small table with sentences below it, in two views."""

import textwrap
from collections.abc import Sequence
from html import escape

from surefit.report.html import table_html, view
from surefit.report.text import WIDTH
from surefit.report.wording import plain, shortened

UNIT = "mean -2 ln L of a point (1 is what noise leaves)"
"""What an error is, where the loss has a scale."""
SQUARED = "mean squared residual, in the unit of y squared"
"""What an error is, where it has none."""


def series_text(
    heading: str, header: Sequence[str], rows: Sequence[Sequence[str]], sentences: Sequence[str]
) -> str:
    """Write a table in plain text; its first column is text where it is called `model`.

    Args:
        heading: What it is.
        header: Headings of the columns.
        rows: As many cells in each.
        sentences: What is to be said of it.

    Example:
        >>> print(series_text("Errors", ["points", "fitted"], [["10", "1.5"]], ["Good."]))
        Errors
        <BLANKLINE>
          points  fitted
              10     1.5
        <BLANKLINE>
        Good.
    """
    cells = [list(header), *([shortened(row[0], 34), *row[1:]] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    is_text = [name in ("model", "") for name in header]
    lines = [
        "  "
        + "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(row, widths, is_text, strict=True)
        ).rstrip()
        for row in cells
    ]
    said = [textwrap.fill(plain(sentence), WIDTH) for sentence in sentences if sentence]
    return "\n\n".join([plain(heading), "\n".join(lines), "\n".join(said)])


def series_html(
    heading: str, header: Sequence[str], rows: Sequence[Sequence[str]], sentences: Sequence[str]
) -> str:
    """Write the same as a piece of HTML; everything is escaped.

    Args:
        heading: What it is.
        header: Headings of the columns.
        rows: As many cells in each.
        sentences: What is to be said of it.
    """
    heads = [name if name in ("model", "") else f">{name}" for name in header]
    table = table_html(heads, [[escape(cell) for cell in row] for row in rows])
    said = [f"<p>{escape(plain(sentence))}</p>" for sentence in sentences if sentence]
    return view([f"<p><b>{escape(plain(heading))}</b></p>", table, *said])
