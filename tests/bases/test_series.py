import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from surefit.bases.polynomials import (
    Chebyshev,
    Hermite,
    Laguerre,
    Legendre,
    Polynomial,
)
from surefit.data.checked import check_data
from surefit.exceptions import (
    DataError,
    IllConditioned,
    TooFewPoints,
)
from tests.bases.exact_fit import exact_coefficients, exact_predictions
from tests.bases.samples import FAMILIES, NAMES, fitted, reported, sample

every_family = pytest.mark.parametrize("family", FAMILIES, ids=NAMES)


@every_family
@pytest.mark.parametrize(
    ("scale", "offset"), [(1.0, 0.0), (1e-9, 0.0), (1e9, 0.0), (1.0, 1e6), (1e-3, 1e6), (1e9, -3e9)]
)
def test_predictions_at_degree_50_are_exact_whatever_the_scale_of_x(family, scale, offset):
    x, y = sample(scale=scale, offset=offset)
    at = np.linspace(x.min(), x.max(), 41)
    model, values = fitted(family(50), x, y)
    expected = exact_predictions(x, y, 50, at)
    difference = np.abs(model.evaluate(values, at)[:, 0] - expected)
    assert np.max(difference) < 1e-11 * np.max(np.abs(expected))


def test_predictions_are_exact_for_errors_that_differ_between_points():
    x, y = sample()
    sigma = 10.0 ** np.random.default_rng(4).uniform(-3, 1, len(x))
    at = np.linspace(x.min(), x.max(), 41)
    model, values = fitted(Legendre(30), x, y, sigma)
    expected = exact_predictions(x, y, 30, at, sigma)
    difference = np.abs(model.evaluate(values, at)[:, 0] - expected)
    assert np.max(difference / (1 + np.abs(expected))) < 1e-10


@every_family
def test_named_coefficients_give_the_same_curve_as_the_working_basis(family):
    x, y = sample()
    model, values = fitted(family(9), x, y)
    coefficients, conversion = reported(model, values)
    direct = family(9).direct().resolve(check_data(x, y))
    assert direct.conversion() is None
    assert direct.parameters() == conversion.parameters
    allowed = 10.0**conversion.digits_lost * 1e-15
    difference = direct.evaluate(coefficients, x) - model.evaluate(values, x)
    assert np.max(np.abs(difference)) < allowed


def test_nist_wampler1_is_right_to_9_digits_and_wampler2_to_12():
    # NIST StRD, Wampler (1970): x = 0 … 20, exact polynomials of degree 5. In the first, y reaches
    # 3.4e6, so that rounding y alone costs the coefficients, all 1, seven of sixteen digits.
    x = np.arange(21.0)
    for exact, digits in ((np.ones(6), 9), (10.0 ** -np.arange(6), 12)):
        y = np.polynomial.polynomial.polyval(x, exact)
        model, values = fitted(Polynomial(5), x, y)
        coefficients, _ = reported(model, values)
        assert np.max(np.abs(coefficients / exact - 1)) < 10.0**-digits
        assert np.max(np.abs(y - model.evaluate(values, x)[:, 0])) < 1e-14 * np.max(y)


def test_a_degree_10_fit_far_from_zero_matches_long_arithmetic_as_digits_lost_promises():
    # As hard as NIST's "Filip": 82 points between -9 and -3.
    generator = np.random.default_rng(82)
    x = np.sort(generator.uniform(-9, -3, 82))
    y = 0.8 + 0.05 * np.sin(x) + generator.normal(0, 0.003, 82)
    model, values = fitted(Polynomial(10), x, y)
    coefficients, conversion = reported(model, values)
    expected = exact_coefficients(x, y, 10)
    assert 8 < conversion.digits_lost < 12
    assert np.max(np.abs(coefficients / expected - 1)) < 1e-16 * 10**conversion.digits_lost * 10
    # Measured 8 digits or better; normal equations in 64 bits give none.
    assert np.max(np.abs(coefficients / expected - 1)) < 1e-7


def test_low_degree_coefficients_keep_all_digits():
    x, y = sample(50)
    model, values = fitted(Polynomial(2), x, y)
    coefficients, conversion = reported(model, values)
    assert conversion.digits_lost < 1.5
    assert np.max(np.abs(coefficients / exact_coefficients(x, y, 2) - 1)) < 1e-13


def test_digits_lost_is_the_condition_of_the_scaled_columns():
    x, y = sample()
    for model in (Polynomial(8), Chebyshev(8), Laguerre(8), Hermite(8)):
        columns = model.direct().resolve(check_data(x, y)).columns(x)[:, 0]
        condition = np.linalg.cond(columns / np.linalg.norm(columns, axis=0))
        lost = model.resolve(check_data(x, y)).conversion().digits_lost
        assert lost == pytest.approx(np.log10(condition), abs=0.5)


def test_digits_lost_does_not_depend_on_the_unit_of_x():
    lost = [
        Polynomial(8).resolve(check_data(*sample(scale=scale))).conversion().digits_lost
        for scale in (1e-9, 1.0, 1e9)
    ]
    assert np.ptp(lost) < 1e-6


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_coefficients_that_64_bits_cannot_hold_are_declared_lost(scale):
    conversion = Polynomial(12).resolve(check_data(*sample(scale=scale))).conversion()
    assert conversion.digits_lost == np.inf


def test_taylor_coefficients_of_high_degree_or_far_away_are_refused_but_chebyshev_is_not():
    for degree, offset in [(25, 0.0), (2, 1e6)]:
        data = check_data(*sample(offset=offset))
        assert Polynomial(degree).resolve(data).conversion().digits_lost > 12
        assert Chebyshev(degree).resolve(data).conversion().digits_lost < 1


def test_the_lessons_15_taylor_terms_are_reported():
    generator = np.random.default_rng(0)
    x = generator.uniform(0, 1, 1000)
    assert Polynomial(14).resolve(check_data(x, x)).conversion().digits_lost < 12


@every_family
def test_the_same_data_in_other_units_give_the_same_curve(family):
    x, y = sample(60)
    at = np.linspace(0.05, 0.95, 21)
    model, values = fitted(family(12), x, y)
    expected = model.evaluate(values, at)

    @hypothesis.settings(max_examples=15, deadline=None, derandomize=True)
    @hypothesis.given(exponent=st.integers(-30, 30), offset=st.integers(-1000, 1000))
    def check(exponent, offset):
        scale = 2.0**exponent
        other, other_values = fitted(family(12), (x + offset) * scale, y)
        curve = other.evaluate(other_values, (at + offset) * scale)
        # x + offset is rounded by 1e-13, which moves the points, hence the curve.
        assert np.max(np.abs(curve - expected)) < 1e-9

    check()


@hypothesis.settings(max_examples=15, deadline=None, derandomize=True)
@hypothesis.given(seed=st.integers(0, 10**6))
def test_the_order_of_the_points_does_not_matter(seed):
    x, y = sample(80)
    order = np.random.default_rng(seed).permutation(80)
    first, first_values = fitted(Chebyshev(20), x, y)
    second, second_values = fitted(Chebyshev(20), x[order], y[order])
    assert second == first
    difference = first.evaluate(first_values, x) - second.evaluate(second_values, x)
    assert np.max(np.abs(difference)) < 1e-12


def test_repeated_x_are_allowed_and_weigh_more():
    x, y = sample(40)
    twice, values = fitted(Legendre(6), np.repeat(x, 2), np.repeat(y, 2))
    once, once_values = fitted(Legendre(6), x, y)
    assert np.allclose(twice.evaluate(values, x), once.evaluate(once_values, x), atol=1e-13)


def test_a_million_points_give_a_basis_as_good_as_few():
    x = np.random.default_rng(5).exponential(size=300_000)
    model = Chebyshev(15).resolve(check_data(x, x))
    assert np.linalg.cond(np.linalg.qr(model.columns(x)[:, 0], mode="r")) < 1.1


def test_several_outputs_are_fitted_as_each_alone():
    x, y = sample(50)
    outputs = np.stack([y, 2 * y + x, y**2], axis=1)
    model, values = fitted(Hermite(5), x, outputs)
    coefficients, conversion = reported(model, values)
    assert conversion.parameters.items[0].shape == (6, 3)
    assert model.columns(x).shape == (50, 3, 18)
    assert np.allclose(model.columns(x) @ values, model.evaluate(values, x), atol=1e-13)
    for k in range(3):
        alone, alone_values = fitted(Hermite(5), x, outputs[:, k])
        expected, _ = reported(alone, alone_values)
        assert np.allclose(coefficients.reshape(6, 3)[:, k], expected, rtol=1e-9)


def test_too_few_distinct_x_are_counted():
    x, y = np.repeat([0.0, 1.0, 2.0], 10), np.arange(30.0)
    with pytest.raises(
        TooFewPoints, match=r"degree 3 needs at least 4 distinct x, but there are 3"
    ):
        Chebyshev(3).resolve(check_data(x, y))
    assert Chebyshev(2).resolve(check_data(x, y)).degree == 2


def test_points_too_uneven_for_the_degree_are_refused():
    x = np.append(np.random.default_rng(0).normal(size=1000), 1e4)
    with pytest.raises(IllConditioned, match="spread so unevenly"):
        Chebyshev(20).resolve(check_data(x, x))


def test_direct_powers_that_overflow_are_refused():
    x = np.linspace(0, 1e9, 100)
    with pytest.raises(IllConditioned, match=r"overflows at these x \(up to 1e\+09\)"):
        Polynomial(50).direct().resolve(check_data(x, x))
    with pytest.raises(DataError, match="change its unit"):
        Polynomial(1).resolve(check_data([-1.5e308, 1.5e308], [1, 2]))
