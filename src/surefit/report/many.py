"""The views of many fits at once: how many can be trusted, and what came out on the whole."""

import dataclasses
import math
import textwrap
from html import escape

from surefit.report import wording
from surefit.report.html import table_html, view

WIDTH = 80


@dataclasses.dataclass(frozen=True)
class SpreadRow:
    """One parameter over all valid fits.

    Attributes:
        name: The parameter's flat name.
        median: Median of its values.
        low: The 15.87 % quantile of its values.
        high: The 84.13 % quantile.
        median_error: Median of its errors.
    """

    name: str
    median: float
    low: float
    high: float
    median_error: float


@dataclasses.dataclass(frozen=True)
class FitsSummary:
    """Everything that a view of many fits shows.

    Attributes:
        model: The model's constructor.
        n_fits: How many fits.
        n_points: Fewest and most points in a fit.
        n_valid: How many fits are to be trusted.
        counts: Name, number and advice of each status, most frequent first.
        rows: The parameters in order.
        reduced: Median of χ²/ndof; NaN if no errors were given.
        n_unlikely: Fits with a p-value below 0.001.
        errors_estimated: Whether the size of the errors on y was estimated, in each fit.
        failed: Number and message of the first rows whose data cannot be fitted.
        n_failed: How many such rows there are.
        method: What was done, in a sentence.
        notes: Further sentences.
        seconds: Wall time of all fits.
    """

    model: str
    n_fits: int
    n_points: tuple[int, int]
    n_valid: int
    counts: tuple[tuple[str, int, str], ...]
    rows: tuple[SpreadRow, ...]
    reduced: float
    n_unlikely: int
    errors_estimated: bool
    failed: tuple[tuple[int, str], ...]
    n_failed: int
    method: str
    notes: tuple[str, ...]
    seconds: float


def fits_text(summary: FitsSummary) -> str:
    """Describe many fits in plain text of at most 80 columns.

    Args:
        summary: The fits.

    Returns:
        Text without a final line end.

    Example:
        >>> print(fits_text(FitsSummary("Line()", 3, (5, 5), 2,
        ...     (("converged", 2, ""), ("bad data", 1, "Look at the data.")),
        ...     (SpreadRow("slope", 2.0, 1.9, 2.1, 0.05),), 1.02, 0, False,
        ...     ((1, "y has 1 value(s) that are NaN."),), 1, "Closed form.", (), 0.01)))
        Line(): 3 fits of 5 points, 10 ms
        2 of 3 can be trusted.
        <BLANKLINE>
                median  68 % within  median error
          slope      2   1.9 … 2.1           0.05
        <BLANKLINE>
          median chi2/ndof = 1.02; p < 0.001 in 0 fits
        <BLANKLINE>
          2 converged
          1 bad data: Look at the data.
              row 1: y has 1 value(s) that are NaN.
          Closed form.
    """
    head = [_head(summary), f"{_trusted(summary)}."]
    blocks = [head, _table(summary), [f"  {_quality(summary)}"]]
    remarks = []
    for name, n, advice in summary.counts:
        remarks += _wrapped(_count(name, n, advice), "  ")
        if name == BAD_DATA:
            for row, message in summary.failed:
                remarks += _wrapped(f"row {row}: {message}", "      ")
            if summary.n_failed > len(summary.failed):
                remarks.append(f"      and {summary.n_failed - len(summary.failed)} more")
    for sentence in (summary.method, *summary.notes):
        remarks += _wrapped(wording.plain(sentence), "  ")
    return "\n\n".join("\n".join(block) for block in [*blocks, remarks] if block)


BAD_DATA = "bad data"


def fits_html(summary: FitsSummary) -> str:
    """Describe many fits as a piece of HTML that can stand anywhere in a page."""
    is_good = summary.n_valid == summary.n_fits
    style = "surefit-verdict" if is_good else "surefit-verdict surefit-warn"
    header = ["parameter", ">median", ">68 % within", ">median error"]
    cells = [
        [f"<code>{escape(row.name)}</code>", f"{row.median:.5g}", escape(_within(row)), _error(row)]
        for row in summary.rows
    ]
    counts = [escape(_count(*count)) for count in summary.counts]
    failed = [escape(f"row {row}: {message}") for row, message in summary.failed]
    more = summary.n_failed - len(summary.failed)
    failed += [f"and {more} more"] if more > 0 else []
    items = [*counts, *failed, *(escape(one) for one in (summary.method, *summary.notes))]
    return view(
        [
            f"<p><b>{escape(_head(summary))}</b></p>",
            f'<p class="{style}">{escape(_trusted(summary))}.</p>',
            table_html(header, cells),
            f"<p>{escape(_quality(summary)).replace('chi2', 'χ<sup>2</sup>')}</p>",
            "<p>" + "<br>".join(items) + "</p>",
        ]
    )


def _head(summary: FitsSummary) -> str:
    least, most = summary.n_points
    points = f"{most} points" if least == most else f"{least} to {most} points"
    model = wording.shortened(summary.model, 200)
    return f"{model}: {summary.n_fits} fits of {points}, {wording.duration(summary.seconds)}"


def _trusted(summary: FitsSummary) -> str:
    whole = summary.n_valid == summary.n_fits
    return f"{'All' if whole else summary.n_valid} of {summary.n_fits} can be trusted"


def _quality(summary: FitsSummary) -> str:
    if summary.errors_estimated:
        return "errors on y were not given: their size is estimated in each fit"
    n = summary.n_unlikely
    fits = "fit" if n == 1 else "fits"
    return f"median chi2/ndof = {summary.reduced:.3g}; p < 0.001 in {n} {fits}"


def _count(name: str, n: int, advice: str) -> str:
    return f"{n} {name}" if name == "converged" else f"{n} {name}: {advice}"


def _within(row: SpreadRow) -> str:
    return "" if math.isnan(row.low) else f"{row.low:.5g} … {row.high:.5g}"


def _error(row: SpreadRow) -> str:
    return f"{row.median_error:.2g}"


def _table(summary: FitsSummary) -> list[str]:
    shown = [("", "median", "68 % within", "median error")]
    shown += [(row.name, f"{row.median:.5g}", _within(row), _error(row)) for row in summary.rows]
    widths = [max(len(cells[i]) for cells in shown) for i in range(4)]
    lines = []
    for name, *numbers in shown:
        aligned = [cell.rjust(width) for cell, width in zip(numbers, widths[1:], strict=True)]
        lines.append("  " + "  ".join([name.ljust(widths[0]), *aligned]).rstrip())
    return lines


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
