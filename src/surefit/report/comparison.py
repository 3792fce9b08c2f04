"""The comparison of several models on the same data: a record, and its three views."""

import dataclasses
import math
import textwrap
from collections.abc import Callable, Sequence
from html import escape

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from surefit.report import wording
from surefit.report.html import table_html, view
from surefit.report.rounding import significant
from surefit.report.score_table import UNKNOWN, Score, explanations, score_cells, score_header
from surefit.report.text import WIDTH

_HEADER = ("model", "chi2/ndof", "p", "dAICc", "dBIC", "par.", "time", "")
_EXPLANATION = (
    "dAICc and dBIC are measured from the lowest of a trusted fit, which is best: up to about 2 is "
    "a tie, beyond 10 there is little to be said for a model."
)
_UNTRUSTED = "(!)"


@dataclasses.dataclass(frozen=True)
class ComparisonRow:
    """One model of a comparison.

    Attributes:
        label: The model's constructor.
        chi2: χ² at the minimum; NaN if no errors were given.
        ndof: Degrees of freedom.
        pvalue: Probability of a larger χ²; NaN if no errors were given.
        aicc: Akaike's criterion, corrected for small samples; NaN where it is not defined.
        bic: Bayesian (Schwarz's) criterion.
        n_parameters: Number of free parameters; of a penalized fit, that of effective ones.
        seconds: Wall time of the fit.
        is_valid: Whether the minimum is to be trusted.
        note: A remark, such as why the fit failed; or empty.
        weight: Akaike weight among the models that can be trusted; NaN if it takes no part.
        left_out: −2 ln L of points left out one by one.
        validated: Mean error of a point in cross-validation.
    """

    label: str
    chi2: float
    ndof: float
    pvalue: float
    aicc: float
    bic: float
    n_parameters: float
    seconds: float
    is_valid: bool
    note: str = ""
    weight: float = math.nan
    left_out: Score = UNKNOWN
    validated: Score = UNKNOWN


def comparison_text(rows: Sequence[ComparisonRow], verdict: str) -> str:
    """Describe a comparison in plain text of at most 80 columns.

    Args:
        rows: The models, in the order in which they are to stand.
        verdict: A sentence on what follows from it; may be empty.

    Returns:
        Text without a final line end. Notes stand below the table.

    Example:
        >>> print(comparison_text([
        ...     ComparisonRow("Line()", 1e5, 998, 0.0, 1e5 + 4.0, 1e5 + 14.0, 2, 0.001, True),
        ...     ComparisonRow("Sigmoids(5)", 1271.4, 985, 3e-9, 1302.0, 1375.0, 15, 0.5, True),
        ... ], "Best: Sigmoids(5)."))
        model           chi2/ndof        p  dAICc   dBIC  par.    time
        --------------------------------------------------------------
        Line()       1.00e+05/998        0  98702  98639     2  1.0 ms
        Sigmoids(5)    1271.4/985  3.0e-09    0.0    0.0    15  500 ms
        <BLANKLINE>
        Best: Sigmoids(5).
        dAICc and dBIC are measured from the lowest of a trusted fit, which is best: up
        to about 2 is a tie, beyond 10 there is little to be said for a model.
    """
    lines = [*_aligned([list(_HEADER), *_narrow_cells(rows)]), ""]
    header, scores = _scores(rows)
    if header:
        lines += [*_aligned([["model", *header, ""], *scores]), ""]
    closing = [*_notes(rows), wording.plain(verdict), _EXPLANATION, *explanations(header)]
    lines += [textwrap.fill(line, WIDTH) for line in closing if line]
    return "\n".join(lines)


def _aligned(cells: list[list[str]]) -> list[str]:
    """Lines of a table with a rule under its header; the first and last columns are text."""
    last = len(cells[0]) - 1
    widths = [max(len(row[column]) for row in cells) for column in range(last + 1)]
    lines = [
        "  ".join(
            cell.ljust(width) if column in (0, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    return lines


def _scores(rows: Sequence[ComparisonRow]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the table of predictions; both empty if there is nothing in it."""
    scores = [(row.weight, row.left_out, row.validated) for row in rows]
    header = score_header(scores)
    labels = [wording.shortened(row.label, 34) for row in rows]
    cells = score_cells(scores, header)
    marks = ["" if row.is_valid else _UNTRUSTED for row in rows]
    table = zip(labels, cells, marks, strict=True)
    return header, [[label, *own, mark] for label, own, mark in table] if header else []


def comparison_rich(rows: Sequence[ComparisonRow], verdict: str) -> RenderableType:
    """Describe a comparison for a terminal in color; `rich.print` shows it.

    Args:
        rows: The models, in the order in which they are to stand.
        verdict: A sentence on what follows from it; may be empty.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    for number, heading in enumerate(_HEADER):
        is_text = number in (0, len(_HEADER) - 1)
        table.add_column(heading, justify="left" if is_text else "right", no_wrap=True)
    best = _best(rows)
    for row, cells in zip(rows, _narrow_cells(rows), strict=True):
        style = "green" if row is best else "" if row.is_valid else "red"
        table.add_row(*(Text(cell) for cell in cells), style=style)
    header, scores = _scores(rows)
    second = [Text(line) for line in _aligned([["model", *header, ""], *scores])] if header else []
    notes = [Text(note, style="red") for note in _notes(rows)]
    ending = [Text(wording.plain(verdict), style="bold")] if verdict else []
    quiet = [Text(said, style="dim") for said in (_EXPLANATION, *explanations(header))]
    gap = [Text()] if second else []
    return Group(table, Text(), *second, *gap, *notes, *ending, *quiet)


def comparison_html(rows: Sequence[ComparisonRow], verdict: str) -> str:
    """Describe a comparison as a piece of HTML for notebooks and reports.

    Args:
        rows: The models, in the order in which they are to stand.
        verdict: A sentence on what follows from it; may be empty.

    Returns:
        One styled `<div>`; every label and note is escaped.
    """
    header = ["model", ">χ<sup>2</sup>/ndof", ">p", ">ΔAICc", ">ΔBIC", ">parameters", ">time", ""]
    best = _best(rows)
    cells = []
    for row, texts in zip(rows, _cells(rows), strict=True):
        shown = [escape(text) for text in texts]
        cells.append([f"<b>{cell}</b>" if row is best and cell else cell for cell in shown])
    notes = [f'<p class="surefit-warn">{escape(note)}</p>' for note in _notes(rows)]
    ending = f'<p class="surefit-verdict">{escape(wording.plain(verdict))}</p>' if verdict else ""
    names, scores = _scores(rows)
    tables = [table_html(header, cells)]
    if names:
        shown = [[escape(cell) for cell in row] for row in scores]
        heads = ["model", *(f">{name.replace('d', 'Δ', 1)}" for name in names), ""]
        tables.append(table_html(heads, shown))
    said = [escape(sentence) for sentence in (_EXPLANATION, *explanations(names))]
    for name in ("AICc", "BIC", "LOO"):
        said = [sentence.replace(f"d{name}", f"Δ{name}") for sentence in said]
    quiet = [f'<p class="surefit-quiet">{sentence}</p>' for sentence in said]
    return view([*tables, *notes, ending, *quiet])


def _narrow_cells(rows: Sequence[ComparisonRow]) -> list[list[str]]:
    """Cells with labels cut so that the table is no wider than a terminal."""
    cells = _cells(rows)
    columns = list(zip(_HEADER, *cells, strict=True))[1:]
    others = sum(2 + max(map(len, column)) for column in columns)
    return [[wording.shortened(row[0], max(WIDTH - others, 10)), *row[1:]] for row in cells]


def _cells(rows: Sequence[ComparisonRow]) -> list[list[str]]:
    lowest_aicc = _lowest(rows, lambda row: row.aicc)
    lowest_bic = _lowest(rows, lambda row: row.bic)
    return [
        [
            wording.shortened(row.label, 80),
            _ratio(row),
            "0" if row.pvalue == 0 else wording.probability(row.pvalue),
            _difference(row.aicc - lowest_aicc),
            _difference(row.bic - lowest_bic),
            wording.degrees(row.n_parameters),
            wording.duration(row.seconds),
            "" if row.is_valid else _UNTRUSTED,
        ]
        for row in rows
    ]


def _lowest(rows: Sequence[ComparisonRow], criterion: Callable[[ComparisonRow], float]) -> float:
    """The lowest among fits that can be trusted, or among all if none can."""
    for candidates in ([row for row in rows if row.is_valid], rows):
        numbers = [criterion(row) for row in candidates if math.isfinite(criterion(row))]
        if numbers:
            return min(numbers)
    return math.nan


def _best(rows: Sequence[ComparisonRow]) -> ComparisonRow | None:
    usable = [row for row in rows if row.is_valid and math.isfinite(row.aicc)]
    return min(usable, key=lambda row: row.aicc, default=None)


def _ratio(row: ComparisonRow) -> str:
    if math.isnan(row.chi2):
        return f"–/{wording.degrees(row.ndof)}"
    if row.chi2 >= 99999.5:
        return f"{row.chi2:.2e}/{wording.degrees(row.ndof)}"
    return f"{significant(row.chi2, 5 if row.chi2 >= 1000 else 4)}/{wording.degrees(row.ndof)}"


def _difference(number: float) -> str:
    if math.isnan(number):
        return "–"
    if abs(number) < 1000:
        return f"{number:.1f}"
    return f"{number:.0f}" if abs(number) < 1e6 else f"{number:.1e}"


def _notes(rows: Sequence[ComparisonRow]) -> list[str]:
    notes = [
        f"{wording.shortened(row.label, 60)}: {wording.shortened(row.note, 300)}"
        for row in rows
        if row.note
    ]
    if all(row.is_valid for row in rows):
        return notes
    return [f"{_UNTRUSTED} Do not trust this fit: its minimum is not confirmed.", *notes]
