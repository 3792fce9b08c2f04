"""Files as NIST publishes them, their models, and the digits that fits reproduce."""

import dataclasses

import numpy as np
import pytest

from surefit.certification.certify import Certification, attainable_digits, certify, matching_digits
from surefit.certification.problems import problems_in, shipped_problems, statements_for
from surefit.certification.report import certification_document, verdict
from surefit.certification.statements import statement_of
from surefit.certification.strd import read_problem
from surefit.exceptions import FileProblem, InvalidModel, InvalidOption
from surefit.models.function import Function
from tests.certification.published import decay_of_two_inputs, published


def quiet(_):
    """No progress."""


@pytest.fixture
def decay_file(tmp_path):
    text, answer = decay_of_two_inputs()
    path = tmp_path / "Decay.dat"
    path.write_text(text)
    return path, answer


def test_the_nine_files_give_the_certified_sum_of_squares_at_the_certified_values():
    problems = shipped_problems()
    assert len(problems) == 9
    for problem, statement in zip(problems, statements_for(problems, {}, {}), strict=True):
        values = dict(zip(problem.names, problem.values, strict=True))
        names = Function(statement.function).argument_names
        predicted = statement.function(problem.x, *(values[name] for name in names))
        residuals = problem.y - predicted
        # Certified values have 11 digits; near the minimum the sum is flat in them.
        assert np.sum(residuals**2) == pytest.approx(problem.rss, rel=1e-6)


def test_all_nine_are_certified_from_both_starts_and_from_none():
    problems = shipped_problems()
    results = certify(problems, statements_for(problems, {}, {}), quiet)
    missed = [(r.name, a) for r in results for a in r.attempts if not r.is_certified(a)]
    assert missed == []
    assert all(attempt.is_valid for result in results for attempt in result.attempts)


def test_a_transformed_response_and_two_predictors_are_read_from_the_header(decay_file):
    path, (values, *_) = decay_file
    problem = read_problem(path)
    assert problem.inputs == ("x1", "x2")
    assert problem.x.shape == (60, 2)
    assert problem.values == pytest.approx(values, rel=1e-10)
    (result,) = certify([problem], [statement_of(problem)], quiet)
    assert result.is_passed
    assert {attempt.start for attempt in result.attempts} == {"start 1", "start 2", "no start"}


def test_a_constant_is_defined_and_lines_are_continued(tmp_path):
    x = np.linspace(1, 3, 20)
    y = 2.0 * np.arctan(0.8 * x) / np.pi
    model = "pi = 3.141592653589793238462643383279E0\n y = b1*arctan[b2*x] /\n  pi  +  e"
    text = published(
        "Curve", "@", "y x", np.column_stack([y, x]), [[1, 1]] * 2, [2.0, 0.8], [1, 1], 1e-9
    )
    path = tmp_path / "Curve.dat"
    path.write_text(text)
    problem = dataclasses.replace(read_problem(path), statement=model)
    function = statement_of(problem).function
    np.testing.assert_allclose(function(x, 2.0, 0.8), y, rtol=1e-14)


def test_a_python_function_and_a_formula_replace_the_header(decay_file):
    problem = read_problem(decay_file[0])

    def decay(x, b1, b2):
        return b1 - b2 * x[:, 0] * x[:, 1]

    for functions, formulas in [
        ({"Decay": decay, "Decay_response": np.log}, {}),
        ({}, {"Decay": "log(y) = b1 - b2*x1*x2"}),
    ]:
        (result,) = certify([problem], statements_for([problem], functions, formulas), quiet)
        assert result.is_passed


def test_a_wrong_model_is_missed_but_not_falsely_claimed_by_the_table(decay_file):
    problem = read_problem(decay_file[0])
    statements = statements_for([problem], {}, {"Decay": "log(y) = b1 - b2*x1"})
    (result,) = certify([problem], statements, quiet)
    assert not result.is_passed
    assert any(
        "Called valid, but not at the certified minimum" in line for line in verdict([result])
    )
    assert certification_document([result])["passed"] is False


@pytest.mark.parametrize(
    ("formulas", "error", "match"),
    [
        ({"Decoy": "b1*x1"}, InvalidOption, "There is no problem 'Decoy'"),
        ({"Decay": "b1*x1+b3"}, InvalidModel, "b1, b3, but the file certifies b1, b2"),
        ({"Decay": "b1*(x1"}, InvalidModel, "never closed|was never|closed"),
    ],
)
def test_a_formula_that_does_not_fit_the_file_is_refused(decay_file, formulas, error, match):
    problem = read_problem(decay_file[0])
    with pytest.raises(error, match=match):
        statements_for([problem], {}, formulas)


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("Data              (lines", "Dada (lines", "at which lines its data stand"),
        ("Certified Values  (lines", "Certified (lines", "its certified values stand"),
        ("Data:  y x1 x2", "Numbers", "no heading 'Data:  y  x'"),
        ("Residual Sum of Squares", "Sum", "no residual sum of squares"),
        ("Dataset Name:", "Name:", "no data set's name"),
        ("  b1 = 1.0", "  b1 = one", "'one' where a number is needed"),
        ("  b", "  c", "no line 'b1 = start1 start2 value error'"),
    ],
)
def test_a_broken_file_says_what_is_missing(decay_file, old, new, match):
    path, _ = decay_file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(FileProblem, match=match):
        read_problem(path)


def test_a_row_that_is_too_short_is_named(decay_file):
    path, _ = decay_file
    lines = path.read_text().splitlines()
    lines[-1] = "1.0 2.0"
    path.write_text("\n".join(lines))
    with pytest.raises(FileProblem, match=r"2 numbers in the data line '1\.0 2\.0'"):
        read_problem(path)


def test_a_folder_without_files_and_a_missing_one_are_refused(tmp_path):
    with pytest.raises(FileProblem, match="has no file"):
        problems_in(tmp_path)
    with pytest.raises(FileProblem, match="There is no folder"):
        problems_in(tmp_path / "absent")


def test_digits_are_those_of_the_worst_number():
    certified = np.array([1.0, -2.0, 3.0])
    assert matching_digits(certified, certified) == 11
    assert matching_digits(certified * [1, 1 + 1e-6, 1], certified) == pytest.approx(6, abs=1e-3)
    assert matching_digits(np.array([1.0, np.nan, 3.0]), certified) == 0
    assert matching_digits(-certified, certified) == 0


def test_digits_that_rounding_hides_are_not_asked_for():
    """Residuals at the rounding of the data, as in NIST's Lanczos1, certify no sum of squares."""
    problem = dataclasses.replace(shipped_problems()[0], rss=1e-26, errors=np.full(3, 1e-14))
    _, errors, rss = attainable_digits(problem, statement_of(problem))
    assert errors == rss == 0
    certification = Certification("made up", "lower", 3, (9.0, errors, rss), ())
    (attempt,) = certify([problem], [statement_of(problem)], quiet)[0].attempts[:1]
    assert certification.is_certified(dataclasses.replace(attempt, values=8.5, errors=0.0))
    assert not certification.is_certified(dataclasses.replace(attempt, values=7.5))
