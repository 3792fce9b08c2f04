"""Derived quantities against closed forms, toys and both ways to differentiate."""

import numpy as np
import pytest

import surefit as sf

X = np.linspace(-3, 3, 60)


def peak(x, A, mean, sigma):
    return A * np.exp(-0.5 * ((x - mean) / sigma) ** 2)


@pytest.fixture(scope="module")
def fit():
    noise = np.random.default_rng(3).normal(0, 0.05, 60)
    return sf.fit(X, peak(X, 2.0, 0.3, 0.8) + noise, peak, 0.05, bounds={"sigma": (0.1, None)})


def test_an_area_has_the_error_of_the_delta_method(fit):
    area = fit.derived(lambda p: np.sqrt(2 * np.pi) * p.A * p.sigma)
    a, s = fit.values["A"], fit.values["sigma"]
    gradient = np.sqrt(2 * np.pi) * np.array([s, 0.0, a])
    assert area.value == pytest.approx(np.sqrt(2 * np.pi) * a * s, rel=1e-14)
    assert area.error == pytest.approx(np.sqrt(gradient @ fit.covariance @ gradient), rel=1e-12)
    assert area.notes == ()


def test_several_quantities_have_a_covariance(fit):
    both = fit.derived(lambda p: (p.mean - p.sigma, p.mean + p.sigma))
    matrix = np.array([[0, 1, -1], [0, 1, 1]])
    np.testing.assert_allclose(both.covariance, matrix @ fit.covariance @ matrix.T, rtol=1e-12)
    assert both.value.shape == both.error.shape == (2,)
    assert both.correlation[0, 0] == pytest.approx(1)
    assert str(both).startswith("[0]")


def test_a_function_that_cannot_be_traced_agrees_with_one_that_can(fit):
    numeric = fit.derived(lambda p: p.A * p.sigma if p.A > 0 else 0.0)
    exact = fit.derived(lambda p: p.A * p.sigma)
    assert numeric.error == pytest.approx(exact.error, rel=1e-8)
    assert "numeric" in numeric.notes[0]


def test_the_error_is_the_scatter_of_toys():
    values, errors = [], []
    for seed in range(200):
        y = 1 + 2 * X + np.random.default_rng(seed).normal(0, 1, 60)
        ratio = sf.fit(X, y, sf.Line(), 1.0).derived(lambda p: p.slope / (10 + p.intercept))
        values.append(ratio.value)
        errors.append(ratio.error)
    # The scatter of 200 toys is known to 1/√400 = 5 %.
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.15)


def test_dotted_array_and_converted_names_are_found():
    y = 1 + 2 * X + 0.1 * np.sin(20 * X)
    sum_of_two = sf.fit(X, y, sf.Line() + sf.Line().named("other"), 0.1)
    total = sum_of_two.derived(lambda p: p.line.slope + p["other.slope"])
    assert total.error == pytest.approx(sf.fit(X, y, sf.Line(), 0.1).errors["slope"], rel=1e-9)
    cubic = sf.fit(X, y, sf.Polynomial(3), 0.1)
    slope = cubic.derived(lambda p: p["coefficient[1]"])
    assert slope.error == pytest.approx(cubic.errors["coefficient[1]"], rel=1e-9)
    assert cubic.derived(lambda p: p.coefficient[1]).error == pytest.approx(slope.error, rel=1e-9)


def test_what_the_data_determine_has_an_error_and_what_not_has_none():
    def redundant(x, a, b, rate):
        return a * b * np.exp(-rate * x)

    y = np.exp(-X / 2) + np.random.default_rng(1).normal(0, 0.1, 60)
    fit = sf.fit(X, y, redundant, 0.1)
    product = fit.derived(lambda p: p.a * p.b)
    simple = sf.fit(X, y, lambda x, a, rate: a * np.exp(-rate * x), 0.1)
    assert product.error == pytest.approx(simple.errors["a"], rel=1e-4)
    alone = fit.derived(lambda p: p.a)
    assert np.isnan(alone.error)
    assert "do not determine" in str(alone)


def test_a_parameter_at_its_limit_gives_no_error():
    fit = sf.fit(X, 1 + 2 * X, sf.Line(), 0.1, bounds={"slope": (None, 1.0)})
    pair = fit.derived(lambda p: (p.slope, p.intercept))
    assert np.isnan(pair.error[0])
    assert pair.error[1] > 0
    assert "at its limit" in pair.notes[0]


def test_wrong_functions_are_told_apart(fit):
    with pytest.raises(sf.UnknownParameter, match="it has A, mean, sigma"):
        fit.derived(lambda p: p.width)
    with pytest.raises(sf.InvalidType, match="return a real number"):
        fit.derived(lambda p: "wide")
    with pytest.raises(sf.ModelFailed, match="by attribute"):
        fit.derived(lambda A, sigma: A * sigma)
