import dataclasses
import io
import math

from rich.console import Console

from surefit.report.comparison import comparison_html, comparison_rich, comparison_text
from tests.report.records import COMPARED, NASTY
from tests.report.test_html import parsed


def in_terminal(renderable, **options):
    console = Console(file=io.StringIO(), width=80, **options)
    console.print(renderable)
    return console.file.getvalue()


def test_the_table_fits_a_terminal_and_measures_from_the_best_trusted_fit():
    text = comparison_text(COMPARED, "Best: the ansatz.")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[4].split()[-7:] == ["1001.0/994", "0.43", "0.0", "0.0", "6", "210", "ms"]
    assert lines[3].split()[-5:] == ["288.9", "332.6", "15", "520", "ms"]
    # The lower criterion of a fit that is not trusted does not count.
    assert "-113.1" in lines[5]
    assert lines[5].endswith("(!)")
    assert "(!) Do not trust this fit" in text
    assert "Dense(50): Interrupted." in text
    assert "Best: the ansatz." in text


def test_the_view_in_color_says_the_same():
    shown = in_terminal(comparison_rich(COMPARED, "Best: the ansatz."))
    for line in comparison_text(COMPARED, "Best: the ansatz.").splitlines()[2:7]:
        assert line.split()[-3:] == next(
            found.split()[-3:] for found in shown.splitlines() if found[:6] == line[:6]
        )
    assert "\x1b[" in in_terminal(comparison_rich(COMPARED, ""), force_terminal=True)


def test_labels_and_notes_are_escaped_and_never_read_as_markup():
    row = dataclasses.replace(COMPARED[0], label=NASTY, note=NASTY)
    html = comparison_html([row], NASTY)
    assert "<script" not in html
    parsed(html)
    assert "[bold red]" in in_terminal(comparison_rich([row], NASTY))
    assert "\x1b" not in comparison_text([row], NASTY)


def test_comparisons_without_errors_or_without_rows_are_shown():
    unknown = [
        dataclasses.replace(row, chi2=math.nan, pvalue=math.nan, aicc=math.nan, bic=math.nan)
        for row in COMPARED
    ]
    assert "–/998" in comparison_text(unknown, "")
    assert "nan" not in comparison_text(unknown, "")
    for rows in (unknown, []):
        parsed(comparison_html(rows, ""))
        assert in_terminal(comparison_rich(rows, ""))
        assert comparison_text(rows, "")
