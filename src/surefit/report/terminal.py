"""The view of a fit in color, for a terminal."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from surefit.report import wording
from surefit.report.summary import FitSummary, ParameterRow
from surefit.report.text import WIDTH, aligned_rows, paragraphs


def fit_rich(summary: FitSummary) -> RenderableType:
    """Describe a fit for a terminal in color; `rich.print` shows it.

    Args:
        summary: The fit.

    Returns:
        Something rich can print; names and sentences are never read as markup.
    """
    title = Text(wording.shortened(summary.model, 300), style="bold")
    title.append(f": {wording.points(summary)}", style="not bold dim")
    if summary.is_valid:
        verdict: RenderableType = Text(wording.verdict(summary), style="green")
    else:
        body = Text(wording.plain(summary.advice))
        verdict = Panel(body, title=Text(wording.verdict(summary)), style="bold red", width=WIDTH)
    quality = Text(wording.quality(summary))
    goodness = wording.goodness(summary)
    if goodness:
        quality.append(f"\n{goodness}", style="yellow")
    parts: list[RenderableType] = [title, verdict, "", _rich_table(summary.rows), ""]
    parts += [Padding(quality, (0, 2)), ""]
    remarks = Table.grid(padding=(0, 2))
    for heading, lines in paragraphs(summary):
        for number, line in enumerate(lines):
            remarks.add_row(Text("" if number else heading, style="dim"), Text(line))
    return Group(*parts, Padding(remarks, (0, 2)))


def _rich_table(rows: tuple[ParameterRow, ...]) -> RenderableType:
    if not rows:
        return Text("  (parameters not given: see the notes)")
    table = Table.grid(padding=(0, 1))
    for style in ("bold", "", "", "dim italic"):
        table.add_column(style=style)
    for name, value, rest, note in aligned_rows(wording.visible_rows(rows)):
        table.add_row(Text(name), Text(f" {value}"), Text(rest), Text(f" {note}"))
    more = wording.hidden_rows(rows)
    shown: list[RenderableType] = [table, Text(more, style="dim")] if more else [table]
    return Padding(Group(*shown), (0, 2))
