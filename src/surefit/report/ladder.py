"""The ladder of models as a record, and what is said of it in text and HTML."""

import dataclasses
import math
import textwrap
from collections.abc import Sequence
from html import escape

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from surefit.report import wording
from surefit.report.html import table_html, view
from surefit.report.rounding import significant
from surefit.report.text import WIDTH

_HEADER = ("model", "spent", "chi2/ndof", "p", "what a larger model would add")
_EXPLANATION = (
    "spent: effective degrees of freedom. p: probability that noise alone makes some larger model "
    "look as much better; below 0.05 the model is not enough."
)


@dataclasses.dataclass(frozen=True)
class LadderRow:
    """One rung of the ladder.

    Attributes:
        label: The model's constructor.
        family: What it belongs to.
        n_parameters: Number of its parameters.
        spent: Effective degrees of freedom.
        chi2: χ²; NaN if no errors were given.
        rss: Residual sum of squares, each divided by σ² where errors were given.
        ndof: Measured values less `spent`, rounded.
        adequacy: Probability that noise alone makes some larger model look as much better.
        is_bound: Whether `adequacy` is an upper limit of it.
        missing: What a larger model would add first, in words; empty where that is nothing.
        gain: By how much −2 ln L would fall, to first order.
        score: −2 ln L + 2 spent, an estimate of twice the error of prediction (Ye 1998).
        seconds: Wall time.
        is_adequate: Whether no larger model is significantly better.
        is_best: Whether it is the smallest of these.
    """

    label: str
    family: str
    n_parameters: int
    spent: float
    chi2: float
    rss: float
    ndof: int
    adequacy: float
    is_bound: bool
    missing: str
    gain: float
    score: float
    seconds: float
    is_adequate: bool
    is_best: bool


def ladder_text(rows: Sequence[LadderRow], verdict: str, notes: Sequence[str] = ()) -> str:
    """Describe a ladder in plain text of at most 80 columns.

    Args:
        rows: All rungs, in order.
        verdict: What follows from them.
        notes: Further remarks.

    Returns:
        The telling rungs as a table, and the verdict; without a final line end.

    Example:
        >>> row = LadderRow(
        ...     "Line()", "polynomial", 2, 2.0, 97.1, 97.1, 98, 0.41, False, "", 5.0, 101.1, 0.1,
        ...     True, True,
        ... )
        >>> print(ladder_text([row], "Line() explains the data.").splitlines()[2])
        * Line()    2.0   97.10/98  0.41
    """
    shown = telling(rows)
    cells = [list(_HEADER), *(_cells(row) for row in shown)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADER))]
    marks = ["  ", *("* " if row.is_best else "  " for row in shown)]
    lines = [
        (
            mark
            + "  ".join(
                cell.ljust(width) if column in (0, len(_HEADER) - 1) else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
        ).rstrip()
        for mark, line in zip(marks, cells, strict=True)
    ]
    lines.insert(1, "-" * min(max(map(len, lines)), WIDTH))
    lines.append("")
    closing = [wording.plain(verdict), *notes, _said_of(rows, shown), _EXPLANATION]
    return "\n".join([*lines, *(textwrap.fill(line, WIDTH) for line in closing if line)])


def ladder_rich(
    rows: Sequence[LadderRow], verdict: str, notes: Sequence[str] = ()
) -> RenderableType:
    """Describe a ladder for a terminal in color."""
    shown = telling(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for number, heading in enumerate(_HEADER):
        is_text = number in (0, len(_HEADER) - 1)
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    for row in shown:
        style = "bold green" if row.is_best else "" if row.is_adequate else "dim"
        table.add_row(*(Text(cell) for cell in _cells(row)), style=style)
    ending = [Text(wording.plain(verdict), style="bold"), *(Text(note) for note in notes)]
    quiet = [_said_of(rows, shown), _EXPLANATION]
    return Group(table, Text(), *ending, *(Text(line, style="dim") for line in quiet if line))


def ladder_html(rows: Sequence[LadderRow], verdict: str, notes: Sequence[str] = ()) -> str:
    """Describe a ladder as a piece of HTML for notebooks and reports."""
    shown = telling(rows)
    header = ["model", ">spent", ">χ<sup>2</sup>/ndof", ">p", "what a larger model would add"]
    cells = []
    for row in shown:
        texts = [escape(cell) for cell in _cells(row)]
        cells.append([f"<b>{cell}</b>" if row.is_best and cell else cell for cell in texts])
    parts = [f'<p class="surefit-verdict">{escape(wording.plain(verdict))}</p>']
    parts += [f"<p>{escape(note)}</p>" for note in notes]
    quiet = " ".join(filter(None, [_said_of(rows, shown), _EXPLANATION]))
    parts.append(f'<p class="surefit-quiet">{escape(quiet)}</p>')
    return view([table_html(header, cells), *parts])


def telling(rows: Sequence[LadderRow]) -> list[LadderRow]:
    """The rungs worth a line: of each family the smallest adequate one, or else its best.

    And the best of those that are smaller than the chosen one, without which the choice cannot be
    judged.
    """
    kept: list[LadderRow] = []
    for family in dict.fromkeys(row.family for row in rows):
        own = [row for row in rows if row.family == family]
        adequate = [row for row in own if row.is_adequate]
        kept.append(adequate[0] if adequate else min(own, key=lambda row: row.score))
    best = [row for row in rows if row.is_best]
    if best:
        smaller = [row for row in rows if row.spent < best[0].spent and row is not best[0]]
        kept += best
        kept += [max(smaller, key=lambda row: (row.adequacy, -row.score))] if smaller else []
        own = [row for row in smaller if row.family == best[0].family]
        kept += own[-1:]
    return [row for row in rows if any(row is one for one in kept)]


def _said_of(rows: Sequence[LadderRow], shown: Sequence[LadderRow]) -> str:
    left = len(rows) - len(shown)
    return f"{left} further rungs are in `.rows`." if left else ""


def _cells(row: LadderRow) -> list[str]:
    return [
        wording.shortened(row.label, 26),
        f"{row.spent:.1f}",
        _ratio(row),
        probability_text(row),
        wording.shortened(row.missing, 30) if not row.is_adequate else "",
    ]


def probability_text(row: LadderRow) -> str:
    """The p-value as one reads it: `0.21`, `< 1e-9`."""
    if math.isnan(row.adequacy):
        return "–"
    if not row.is_bound:
        return wording.probability(row.adequacy)
    if row.adequacy < 1e-99:
        return "<1e-99"
    return f"<{row.adequacy:.0e}" if row.adequacy < 0.001 else wording.probability(row.adequacy)


def _ratio(row: LadderRow) -> str:
    if math.isnan(row.chi2):
        return f"–/{row.ndof}"
    if row.chi2 >= 99999.5:
        return f"{row.chi2:.2e}/{row.ndof}"
    return f"{significant(row.chi2, 5 if row.chi2 >= 1000 else 4)}/{row.ndof}"
