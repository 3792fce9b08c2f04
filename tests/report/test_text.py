import dataclasses
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from surefit.report.summary import ParameterRow
from surefit.report.terminal import fit_rich
from surefit.report.text import fit_text
from tests.report.records import BAD, ESTIMATED, GOOD, HOSTILE, LONG


def in_color(renderable):
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system="truecolor")
    console.print(renderable)
    return console.file.getvalue()


def plain(renderable):
    console = Console(file=io.StringIO(), width=80)
    console.print(renderable)
    return console.file.getvalue()


def widest(text):
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("summary", [GOOD, BAD, ESTIMATED, LONG, HOSTILE])
def test_every_text_fits_in_80_columns_and_two_screens(summary):
    text = fit_text(summary)
    assert widest(text) <= 80
    assert len(text.splitlines()) <= 50
    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_a_fit_that_cannot_be_trusted_says_so_first_and_what_to_do():
    lines = fit_text(BAD).splitlines()
    assert lines[1] == "!" * 80
    assert lines[2].startswith("! DO NOT TRUST THESE NUMBERS (budget exhausted).")
    assert "Give a larger" in fit_text(BAD)
    assert "DO NOT TRUST" not in fit_text(GOOD)


def test_numbers_stand_in_columns_and_share_the_digits_of_their_errors():
    rows = (
        ParameterRow("a", 123.456, 0.12),
        ParameterRow("bc", -0.98765, 0.0034),
        ParameterRow("d", 1.23456e8, 4e5),
        ParameterRow("e", 0.5, math.nan, "fixed"),
        ParameterRow("f", 0.5, math.nan),
    )
    table = fit_text(dataclasses.replace(GOOD, rows=rows)).split("\n\n")[1].splitlines()
    assert table == [
        "  a   123.46   ± 0.12",
        "  bc   -0.9876 ± 0.0034",
        "  d     1.235  ± 0.004  ×10^8",
        "  e     0.5                    fixed",
        "  f     0.5    ± nan",
    ]


def test_many_parameters_are_cut_and_their_notes_counted():
    text = fit_text(LONG)
    assert "hidden.weight[1,6]" in text
    assert "hidden.weight[1,7]" not in text
    assert "… 183 more: fit.values, fit.errors, of which 50 at its bound" in text


def test_missing_errors_are_announced_with_the_size_estimated():
    text = fit_text(ESTIMATED)
    assert "No errors on y were given; estimated from the residuals: 0.09649 per" in text
    assert "chi2/ndof" not in text


@pytest.mark.parametrize(
    ("pvalue", "words"),
    [(1e-9, "the model does not"), (0.9999, "errors given are probably too"), (0.5, None)],
)
def test_goodness_of_fit_is_said_in_words_beside_the_verdict(pvalue, words):
    text = " ".join(fit_text(dataclasses.replace(GOOD, pvalue=pvalue)).split())
    assert "The minimum is found and can be trusted." in text
    assert (words in text) if words else ("errors given" not in text)


def test_no_degrees_of_freedom_and_no_parameters_are_shown_without_nonsense():
    text = fit_text(dataclasses.replace(GOOD, chi2=0.0, ndof=0, pvalue=math.nan, rows=()))
    assert "chi2/ndof = 0.000/0\n" in text
    assert "(parameters not given: see the notes)" in text
    assert "nan" not in text
    assert "nan" not in plain(fit_rich(dataclasses.replace(GOOD, rows=())))


def test_dropped_points_and_many_notes_are_counted():
    summary = dataclasses.replace(GOOD, n_dropped=3, notes=tuple(f"Note {i}." for i in range(40)))
    text = fit_text(summary)
    assert "12 points (3 masked ones left out)" in text
    assert "… and 28 more." in text


def test_the_view_in_color_says_the_same_and_reads_nothing_as_markup():
    for summary in (GOOD, BAD, LONG, ESTIMATED):
        shown = " ".join(plain(fit_rich(summary)).split())
        for sentence in (summary.method, *summary.evidence):
            assert sentence in shown
    assert "DO NOT TRUST" in plain(fit_rich(BAD))
    assert "[bold red]" in plain(fit_rich(HOSTILE))
    assert "\x1b[32m" in in_color(fit_rich(GOOD))
    assert "31m" in in_color(fit_rich(BAD))


@given(
    st.lists(
        st.builds(
            ParameterRow,
            name=st.text(max_size=60),
            value=st.floats(),
            error=st.floats(min_value=0) | st.just(math.nan),
            note=st.text(max_size=90),
        ),
        max_size=40,
    ),
    st.floats(),
    st.floats(min_value=0, max_value=1) | st.just(math.nan),
)
def test_no_fit_is_too_strange_to_print(rows, chi2, pvalue):
    summary = dataclasses.replace(GOOD, rows=tuple(rows), chi2=chi2, pvalue=pvalue)
    assert fit_text(summary)
    assert plain(fit_rich(summary))
