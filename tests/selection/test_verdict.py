"""The verdict says no more than the numbers do."""

import dataclasses
import math

import pytest

from surefit.report.comparison import ComparisonRow
from surefit.report.score_table import Score
from surefit.selection.verdict import verdict_on


def row(label, aicc, *, n_parameters=2, pvalue=0.5, is_valid=True):
    return ComparisonRow(label, 10.0, 10, pvalue, aicc, aicc, n_parameters, 0.1, is_valid)


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0.0, "The data cannot tell A and B apart (AICc within 0.0)"),
        (1.9, "The data cannot tell A and B apart (AICc within 1.9); the simplest of these is A."),
        (2.1, "The data prefer A: its AICc is 2.1 below that of B."),
        (12.0, "The data clearly prefer A: its AICc is 12.0 below that of B."),
        (math.inf, "There is nothing to compare A with."),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_wording_follows_the_difference(gap, expected, order):
    rows = [row("A", 100.0), row("B", 100.0 + gap, n_parameters=5)]
    assert verdict_on(rows[::order]).startswith(expected)


def test_a_better_fit_that_is_not_valid_does_not_win():
    verdict = verdict_on([row("A", 50.0, is_valid=False), row("B", 100.0), row("C", 110.0)])
    assert verdict == (
        "The data clearly prefer B: its AICc is 10.0 below that of C. 1 model was left out, as "
        "there is no fit of it that can be trusted."
    )
    assert verdict_on([row("A", 50.0, is_valid=False)]).startswith("No fit can be trusted")


def test_the_best_of_bad_models_is_called_bad():
    verdict = verdict_on([row("A", 50.0, pvalue=1e-9), row("B", 90.0, pvalue=1e-30)])
    assert "But A does not describe the data (p = 1e-09)" in verdict


def test_three_that_tie_are_all_named():
    verdict = verdict_on([row("A", 10.0), row("B", 11.0, n_parameters=1), row("C", 11.5)])
    assert "cannot tell A, B and C apart (AICc within 1.5); the simplest of these is B." in verdict


@pytest.mark.parametrize(
    ("gap", "error", "expected"),
    [
        (20.0, 5.0, "predicted better by A than by B, by 20 ± 5 in -2 ln L: with a probability of"),
        (-20.0, 5.0, "predicted better by B than by A"),
        (20.0, 15.0, "do not tell A and B apart (20 ± 15 in -2 ln L)"),
        (6.0, 1.0, "do not tell A and B apart"),
    ],
)
def test_points_left_out_are_said_to_tell_only_if_they_do(gap, error, expected):
    rows = [
        dataclasses.replace(row("A", 10.0), weight=0.9, left_out=Score(10, 1, 0.0, 0.0)),
        dataclasses.replace(row("B", 15.0), weight=0.1, left_out=Score(30, 1, gap, error)),
    ]
    verdict = verdict_on(rows)
    assert expected in verdict
    assert "Akaike weights: A 0.90, B 0.10." in verdict


def test_without_a_likelihood_cross_validation_decides():
    rows = [
        dataclasses.replace(row(name, math.nan), validated=Score(value, 0.1, value - 1, error))
        for name, value, error in (("A", 1.0, 0.0), ("B", 1.5, 0.1))
    ]
    assert verdict_on(rows) == "Cross-validation finds the lowest error for A."
    close = dataclasses.replace(rows[1], validated=Score(1.05, 0.1, 0.05, 0.1), n_parameters=1)
    assert "cannot tell A and B apart" in verdict_on([rows[0], close])
    assert "the simplest of these is B" in verdict_on([rows[0], close])
