"""What `sf.structure` says, and what it refuses."""

import numpy as np
import pytest

import surefit as sf
from tests.models.structures import problems

X = np.linspace(0.1, 5, 40)


def test_the_text_says_what_a_fit_makes_of_it():
    shown = str(sf.structure(problems.damped, X))
    assert shown.splitlines()[0] == "damped: 5 parameters, 2 linear, pointwise, exact derivatives"
    assert "phi has the period 2π: it is reported between -π and π." in shown
    assert "The same curve: a → -a, phi → phi + π." in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_many_peaks_stay_readable():
    shown = str(sf.structure(problems.twenty, np.linspace(0, 10, 50), n_parameters=20))
    assert "… (5)" in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_steps_and_branches_are_explained():
    shown = str(sf.structure(problems.lesson_ansatz, np.linspace(0, 1, 80)))
    assert "Step (A, B): Moves only jumps" in shown
    assert "Its branches depend on A, B." in shown


def test_the_notebook_view_is_escaped():
    def f(x, a):
        return a * x

    f.__name__ = "<script>"
    shown = sf.structure(f, X)._repr_html_()
    assert "<script>" not in shown
    assert "<td" in shown


def test_a_wrapped_function_and_a_formula_are_read_too():
    assert sf.structure(sf.Function(problems.twenty, 20), X).names[0] == "p[0]"
    assert sf.structure(problems.sine, X[:, None][:, 0], np.sin(X)).names == ("a", "w", "phi")


@pytest.mark.parametrize(
    ("function", "x", "keywords", "error", "match"),
    [
        (sf.Line(), X, {}, sf.InvalidType, "looks into Python functions"),
        (3, X, {}, sf.InvalidType, "pass a model such as"),
        (problems.sine, "abc", {}, sf.InvalidType, "x holds text|x is a str"),
        (problems.sine, [], {}, sf.DataError, "nothing to fit"),
        (problems.sine, [1.0, np.nan], {}, sf.NotFinite, "x has 1 value"),
        (problems.sine, 3.0, {}, sf.ShapeMismatch, "x has shape"),
        (lambda x, a: 1 / 0, X, {}, sf.ModelFailed, "raised ZeroDivisionError"),
        (lambda x, a: np.log(-np.abs(a) - x), X, {}, sf.ModelFailed, "NaN or infinity"),
        (lambda x, a: np.zeros((3, 4, 5)) + a, X, {}, sf.ShapeMismatch, "returned shape"),
        (lambda x: x, X, {}, sf.InvalidModel, "no parameters"),
        (problems.sine, X, {"n_parameters": 2}, sf.InvalidModel, "n_parameters=2 needs"),
        (sf.Function(problems.sine), X, {"n_parameters": 2}, sf.InvalidModel, "knows its own"),
        (problems.sine, X, {"y": X[:-1]}, sf.ShapeMismatch, "same length"),
    ],
)
def test_bad_input_is_refused_with_a_reason(function, x, keywords, error, match):
    with pytest.raises(error, match=match):
        sf.structure(function, x, **keywords)
