"""Every public door checks what it is given: one clear error of ours, or a documented policy."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import surefit as sf

X = np.linspace(0.0, 1.0, 20)
Y = 1 + 2 * X


@pytest.mark.parametrize(
    ("x", "y", "yerr", "error", "match"),
    [
        (np.where(X > 0.9, np.nan, X), Y, 0.1, sf.NotFinite, r"x has 2 value\(s\).*index 18"),
        (X, np.where(X > 0.9, np.inf, Y), 0.1, sf.NotFinite, r"y has 2 value\(s\)"),
        (X, Y[:-1], 0.1, sf.ShapeMismatch, "x has 20 points but y has 19"),
        (np.stack([X, X]), Y, 0.1, sf.ShapeMismatch, "pass x.T"),
        (X[:, None, None], Y, 0.1, sf.ShapeMismatch, r"x has shape \(20, 1, 1\)"),
        ([], [], 0.1, sf.DataError, "nothing to fit"),
        ([1.0], [1.0], 0.1, sf.TooFewPoints, "needs at least 2 points"),
        (np.ones(20), Y, 0.1, sf.ConstantInput, "x"),
        (X, Y, 0.0, sf.InvalidErrors, "yerr has 20 value.*positive"),
        (X, Y, -0.1 * X - 1, sf.InvalidErrors, "yerr has 20 value"),
        (X, Y, np.full(20, np.nan), sf.InvalidErrors, "yerr has 20 value"),
        (X, Y, np.ones(7), sf.ShapeMismatch, r"yerr has shape \(7,\)"),
        (X, Y, -np.eye(20), sf.InvalidErrors, "not positive definite"),
        (X, Y, np.triu(np.ones((20, 20))), sf.InvalidErrors, "not symmetric"),
        (["a"] * 20, Y, 0.1, sf.InvalidType, "x holds strings"),
        (X, [object()] * 20, 0.1, sf.InvalidType, "y holds objects"),
        (X, Y + 1j, 0.1, sf.InvalidType, "y is complex"),
        (X, [[1.0, 2.0], [1.0]] * 10, 0.1, sf.ShapeMismatch, "y cannot be made into an array"),
        (None, Y, 0.1, sf.InvalidType, "x is None"),
        ("x.csv", Y, 0.1, sf.InvalidType, "x is a str"),
        (X, Y, "0.1", sf.InvalidType, "yerr is a str"),
        (X.astype("datetime64[s]"), Y, 0.1, sf.InvalidType, "dates or times"),
    ],
)
def test_bad_data_get_an_error_that_names_them(x, y, yerr, error, match):
    with pytest.raises(error, match=match):
        sf.fit(x, y, sf.Line(), yerr)


@pytest.mark.parametrize(
    ("keywords", "error", "match"),
    [
        ({"start": {"slop": 1}}, sf.UnknownParameter, "Did you mean 'slope'"),
        ({"bounds": {"slope": (2, 1)}}, sf.InvalidBounds, "lower must be below"),
        ({"bounds": {"slope": 3}}, sf.InvalidBounds, "give a pair"),
        ({"bounds": {"slope": (0, np.nan)}}, sf.InvalidBounds, "NaN"),
        ({"bounds": {"slope": (0, 1)}, "start": {"slope": 2}}, sf.InvalidBounds, "outside"),
        ({"fixed": {"slope": np.inf}}, sf.InvalidOption, "finite"),
        ({"fixed": {"slope": "one"}}, sf.InvalidOption, "give a number"),
        ({"fixed": {"slope": 1, "intercept": 0}}, sf.InvalidOption, "leave one free"),
        ({"start": [1, 2]}, sf.InvalidType, "pass a dict"),
        ({"fixed": {"slope": [1, 2]}}, sf.InvalidOption, "has 2 values"),
    ],
)
def test_bad_options_get_an_error_that_says_what_to_do(keywords, error, match):
    with pytest.raises(error, match=match):
        sf.fit(X, Y, sf.Line(), 0.1, **keywords)


@pytest.mark.parametrize(
    ("model", "error", "match"),
    [
        (3.0, sf.InvalidType, "pass a model such as"),
        ("line", sf.InvalidType, "pass a model such as"),
        (sf.Line, sf.InvalidType, "with parentheses"),
        (lambda x: x, sf.InvalidModel, "no parameters"),
        (lambda: 1, sf.InvalidModel, "takes x as its first argument"),
        (lambda x, *p: x, sf.InvalidModel, "n_parameters"),
        (lambda x, a: 1 / 0, sf.ModelFailed, "raised ZeroDivisionError"),
        (lambda x, a: a * x[:3], sf.ShapeMismatch, r"returned shape \(3,\)"),
        (lambda x, a: "text", sf.ModelFailed, "returned str"),
        (lambda x, a: x * a * 1j, sf.ModelFailed, "not an array of real numbers"),
        (lambda x, a: np.log(-np.abs(a) - x), sf.ModelFailed, "NaN or infinity"),
        (lambda x, a, b, c: a + b * x + np.exp(c * x), None, None),
    ],
)
def test_bad_models_get_an_error_that_names_the_function(model, error, match):
    if error is None:
        assert sf.fit(X, Y, model, 0.1).ndof == 17
        return
    with pytest.raises(error, match=match):
        sf.fit(X, Y, model, 0.1)


def test_fewer_points_than_parameters_are_refused():
    with pytest.raises(sf.TooFewPoints, match=r"4 free parameters|4 distinct"):
        sf.fit([0, 1, 2], [0, 1, 2], sf.Polynomial(3), 0.1)
    with pytest.raises(sf.TooFewPoints, match="fix some parameters"):
        sf.fit([0, 1], [0, 1], lambda x, a, b, c: a + b * x + c * np.sin(x), 0.1)


def test_as_many_points_as_parameters_have_no_degrees_of_freedom_left():
    fit = sf.fit([0, 1], [1, 3], sf.Line())
    assert fit.ndof == 0
    assert fit.values["slope"] == pytest.approx(2)
    assert np.isnan(fit.errors["slope"])
    assert np.isnan(fit.pvalue)
    assert "slope" in str(fit)


def test_masked_points_are_dropped_and_counted():
    y = np.ma.masked_greater(Y, 2.5)
    fit = sf.fit(X, y, sf.Line(), 0.1)
    assert fit.data.n_points == int((Y <= 2.5).sum())
    assert f"{int((Y > 2.5).sum())} masked" in " ".join(fit.notes)
    with pytest.raises(sf.DataError, match="Every point is masked"):
        sf.fit(X, np.ma.masked_all(20), sf.Line())


ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.floats(),
    st.integers(-3, 3),
    st.lists(st.one_of(st.floats(), st.none(), st.text(max_size=2)), max_size=5),
    hnp.arrays(
        st.sampled_from([np.float64, np.int64, np.bool_, np.complex128, "U2", object]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
)


@given(x=ANYTHING, y=ANYTHING, yerr=ANYTHING)
def test_garbage_never_gets_past_the_door(x, y, yerr):
    message = ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            fit = sf.fit(x, y, sf.Line(), yerr)
        assert np.isfinite(fit.deviance)
        str(fit)
    except sf.SurefitError as error:
        message = str(error)
    assert message.endswith((".", ")")) or not message
    assert "jax" not in message.lower()


@given(
    y=hnp.arrays(np.float64, 6, elements=st.floats(-1e200, 1e200)),
    sigma=st.floats(1e-200, 1e200),
)
def test_extreme_but_legal_numbers_give_a_result_or_an_error_never_a_warning(y, sigma):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = sf.fit(np.arange(6.0), y, sf.Line(), sigma)
        except sf.SurefitError:
            return
        str(fit)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, np.nan, 2])
def test_a_level_outside_zero_to_one_is_refused(level):
    fit = sf.fit(X, Y, sf.Line(), 0.1)
    with pytest.raises(sf.InvalidOption, match="between 0 and 1"):
        fit.band(X, level)


def test_prediction_checks_its_inputs():
    fit = sf.fit(X, Y, sf.Line(), 0.1)
    with pytest.raises(sf.ShapeMismatch, match=r"pass shape \(n,\)"):
        fit.predict(np.ones((3, 2)))
    with pytest.raises(sf.NotFinite, match="x has 1"):
        fit.predict([1.0, np.nan])
    plane = sf.fit(np.random.default_rng(0).normal(size=(20, 2)), Y, sf.Plane(), 0.1)
    with pytest.raises(sf.ShapeMismatch, match=r"pass shape \(n, 2\)"):
        plane.predict(np.ones((3, 3)))
    assert plane.predict([1.0, 2.0]).shape == (1,)
