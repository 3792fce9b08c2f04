"""The lesson as one web page, as a table for the terminal, and as a JSON document."""

from rich.table import Table

from surefit.lesson.adaptive_chapters import adaptive
from surefit.lesson.attempt import OURS
from surefit.lesson.basis_chapters import fixed_bases
from surefit.lesson.closing_chapters import closing
from surefit.lesson.opening_chapters import opening
from surefit.lesson.phrases import HEADER, breakable, row
from surefit.lesson.run import Lesson
from surefit.report.page import page
from surefit.report.style import Drawing

TITLE = "From a straight line to a neural network"


def lesson_page(lesson: Lesson, figures: dict[str, Drawing], footer: str) -> str:
    """Write the report, self-contained.

    Args:
        lesson: What happened.
        figures: What `gallery` drew.
        footer: The last line.
    """
    sections = [
        *opening(lesson, figures),
        *fixed_bases(lesson, figures),
        *adaptive(lesson, figures),
        *closing(lesson, figures),
    ]
    return page(TITLE, sections, footer=footer)


def lesson_table(lesson: Lesson) -> Table:
    """Show all attempts in a table for the terminal; ours in bold.

    Args:
        lesson: What happened.
    """
    table = Table(title=f"{TITLE} (seed {lesson.seed})", title_justify="left")
    for heading in HEADER:
        is_number = heading.startswith(">")
        table.add_column(heading.removeprefix(">"), justify="right" if is_number else "left")
    for attempt in lesson.attempts.values():
        cells = [breakable(cell) for cell in row(attempt)]  # plain signs can be searched and copied
        table.add_row(*cells, style="bold" if attempt.by == OURS else "")
    return table
