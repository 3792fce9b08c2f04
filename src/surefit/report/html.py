"""The HTML view of a fit for notebooks: readable in light and dark, everything escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from surefit.report import wording
from surefit.report.summary import FitSummary, ParameterRow
from surefit.report.text import aligned_rows

# Colors that are readable on white and on black; all else is inherited from the page.
STYLE = """<style>
.surefit-view{font-family:inherit;line-height:1.45;max-width:60em;overflow-x:auto}
.surefit-view p{margin:.35em 0}
.surefit-view .surefit-verdict{padding:.3em .7em;border-left:.3em solid #2a9d4a}
.surefit-view .surefit-bad{border:.15em solid #e03131;border-left-width:.5em;
  background:rgba(224,49,49,.13);font-weight:bold}
.surefit-view .surefit-warn{padding:.1em .7em;border-left:.3em solid #e08a00}
.surefit-view .surefit-quiet{opacity:.75}
.surefit-view table{border-collapse:collapse;margin:.6em 0;font-variant-numeric:tabular-nums}
.surefit-view th,.surefit-view td{padding:.15em .8em;text-align:left;white-space:nowrap;
  background:none;color:inherit}
.surefit-view thead th{border-bottom:1px solid rgba(128,128,128,.8)}
.surefit-view tbody tr{border-bottom:1px solid rgba(128,128,128,.25);background:none}
.surefit-view .surefit-number{text-align:right}
.surefit-view .surefit-note{display:inline-block;white-space:normal;font-style:italic;min-width:9em}
.surefit-view dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1em;margin:.6em 0}
.surefit-view dt{opacity:.75}
.surefit-view dd{margin:0}
</style>"""


def fit_html(summary: FitSummary) -> str:
    """Describe a fit as a piece of HTML that can stand anywhere in a page.

    Args:
        summary: The fit.

    Returns:
        One `<div>` with its own style, which touches nothing else on the page. It needs no
        scripts, and stays readable where the style is stripped.
    """
    model = escape(wording.shortened(summary.model, 300))
    head = f'<b>{model}</b> <span class="surefit-quiet">{escape(wording.points(summary))}</span>'
    goodness = wording.goodness(summary)
    parts = [
        f"<p>{head}</p>",
        _verdict(summary),
        _parameters(summary.rows),
        f"<p>{quality_html(summary)}</p>",
        f'<p class="surefit-warn">{escape(goodness)}</p>' if goodness else "",
        _remarks(summary),
    ]
    return view(parts)


def view(parts: Iterable[str]) -> str:
    """Wrap pieces of HTML into the one styled element that notebooks show."""
    return f'{STYLE}\n<div class="surefit-view">\n' + "\n".join(filter(None, parts)) + "\n</div>"


def table_html(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Make a table of cells that are HTML already.

    Args:
        header: One cell for each column; a leading `>` aligns the column to the right.
        rows: Rows of as many cells.

    Example:
        >>> table_html(["model", ">chi2"], [["Line()", "9.5"]]).splitlines()[2]
        '<tr><td>Line()</td><td class="surefit-number">9.5</td></tr>'
    """
    styles = [' class="surefit-number"' if cell.startswith(">") else "" for cell in header]
    pairs = zip(header, styles, strict=True)
    head = "".join(f"<th{style}>{cell.removeprefix('>')}</th>" for cell, style in pairs)
    lines = [f"<table><thead><tr>{head}</tr></thead>", "<tbody>"]
    for row in rows:
        pairs = zip(row, styles, strict=True)
        lines.append("<tr>" + "".join(f"<td{style}>{cell}</td>" for cell, style in pairs) + "</tr>")
    return "\n".join([*lines, "</tbody></table>"])


def quality_html(summary: FitSummary) -> str:
    """Write the line of numbers on how well the curve meets the points, with χ² and raised powers.

    Args:
        summary: The fit.
    """
    return escape(wording.quality(summary)).replace("chi2", "χ<sup>2</sup>")


def _verdict(summary: FitSummary) -> str:
    if summary.is_valid:
        return f'<p class="surefit-verdict">{escape(wording.verdict(summary))}</p>'
    advice = escape(wording.plain(summary.advice))
    warning = f"{escape(wording.verdict(summary))}<br>{advice}"
    return f'<p class="surefit-verdict surefit-bad" role="alert"><b>{warning}</b></p>'


def _parameters(rows: tuple[ParameterRow, ...]) -> str:
    if not rows:
        return "<p>(parameters not given: see the notes)</p>"
    cells = []
    for name, value, rest, note in aligned_rows(wording.visible_rows(rows), name_length=60):
        remark = f'<span class="surefit-note">{escape(note)}</span>'
        cells.append([f"<code>{escape(name)}</code>", _number(value), _number(rest), remark])
    table = table_html(["parameter", "value", "error", ""], cells)
    more = wording.hidden_rows(rows)
    return f'{table}\n<p class="surefit-quiet">{escape(more)}</p>' if more else table


def _number(aligned: str) -> str:
    """Write a padded number, `± 0.02 ×10^5`, so that the decimal points stay in one column."""
    body, power, exponent = aligned.partition(" ×10^")
    shown = f"{body}&nbsp;×10<sup>{exponent}</sup>" if power else body
    return shown.replace("inf", "∞").replace("-", "−").replace(" ", "&#8199;")  # digit-wide


def _remarks(summary: FitSummary) -> str:
    items = [
        ("How sure", wording.sentences(summary.evidence)),
        ("Method", wording.sentences((summary.method,) if summary.method else ())),
        ("Notes", wording.sentences(summary.notes)),
    ]
    entries = [
        f"<dt>{heading}</dt><dd>" + "<br>".join(escape(line) for line in lines) + "</dd>"
        for heading, lines in items
        if lines
    ]
    return f"<dl>{''.join(entries)}</dl>" if entries else ""
