"""Problems agree with plain NumPy, with each other, and however the data are cut."""

import numpy as np
import pytest

from surefit.bases.polynomials import Chebyshev
from surefit.bases.sigmoids import Sigmoids
from surefit.data.checked import check_data
from surefit.losses.least_squares import LeastSquares
from surefit.models.function import Function
from surefit.precision import double_precision
from surefit.problem import blocks, kernels
from surefit.problem.bounded import Bounded
from surefit.problem.fitted import fitted
from surefit.problem.held import Held
from surefit.problem.linear import Linear
from surefit.problem.numerical import Numerical
from surefit.problem.projected import Projected, projected


def damped(x, height, rate, frequency, offset):
    return height * np.exp(-rate * x) * np.cos(frequency * x) + offset


POINT = np.array([2.0, 0.4, 3.0, 0.5])


@pytest.fixture
def data():
    rng = np.random.default_rng(5)
    x = rng.uniform(0, 4, 137)
    sigma = rng.uniform(0.05, 0.2, 137)
    return check_data(x, damped(x, *POINT) + sigma * rng.normal(size=137), sigma)


@pytest.fixture
def problem(data):
    with_context = double_precision(lambda: fitted(Function(damped).resolve(data), data, LS))
    return with_context()


LS = LeastSquares()


def residuals(data, point):
    return (damped(data.x, *point) - data.y[:, 0]) / data.noise.sigma[:, 0]


def numerical_jacobian(function, point):
    steps = 1e-6 * np.maximum(np.abs(point), 1)
    columns = [
        (function(point + h * unit) - function(point - h * unit)) / (2 * h)
        for h, unit in zip(steps, np.eye(len(point)), strict=True)
    ]
    return np.stack(columns, axis=1)


@double_precision
def test_reduce_is_chi2_with_gradient_and_gauss_newton_curvature_of_plain_numpy(data, problem):
    points = POINT * np.random.default_rng(0).uniform(0.8, 1.2, (5, 4))
    reduced = problem.reduce(points)
    for row, point in enumerate(points):
        r = residuals(data, point)
        jacobian = numerical_jacobian(lambda p: residuals(data, p), point)
        assert reduced.value[row] == pytest.approx(r @ r, rel=1e-12)
        np.testing.assert_allclose(reduced.gradient[row], 2 * jacobian.T @ r, rtol=1e-6)
        np.testing.assert_allclose(reduced.curvature[row], 2 * jacobian.T @ jacobian, rtol=1e-6)


@double_precision
def test_factorize_and_linearize_agree_with_reduce(problem):
    reduced = problem.reduce(POINT[None])
    factored = problem.factorize(POINT)
    r, jacobian = problem.linearize(POINT)
    assert len(r) == problem.n_terms
    np.testing.assert_allclose(2 * factored.triangle.T @ factored.triangle, reduced.curvature[0])
    np.testing.assert_allclose(2 * factored.triangle.T @ factored.rotated, reduced.gradient[0])
    np.testing.assert_allclose(2 * jacobian.T @ r, reduced.gradient[0])
    assert factored.value == pytest.approx(reduced.value[0], rel=1e-13)


@double_precision
@pytest.mark.parametrize("n", [1, 5, 6, 42, 43, 100])
def test_many_vectors_are_evaluated_in_few_calls_that_agree_with_plain_numpy(data, problem, n):
    calls = []

    def counted(points, block, n_chunks):
        calls.append(int(n_chunks))
        return problem.kernels.reduce(points, block, n_chunks)

    points = POINT * np.random.default_rng(n).uniform(0.8, 1.2, (n, 4))
    value, *_ = problem.layout.sums(counted, points)
    expected = [np.sum(residuals(data, point) ** 2) for point in points]
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    # Three tiles a vector, 16 in a chunk, 8 chunks in a call.
    assert sum(calls) == -(-3 * n // 16)
    assert len(calls) == -(-3 * n // 128)


@double_precision
def test_tiles_of_any_size_add_up_to_the_whole(data, monkeypatch):
    model = Function(damped).resolve(data)
    whole = fitted(model, data, LS)
    monkeypatch.setattr(blocks, "TILE", 32)
    monkeypatch.setattr(blocks, "CHUNK", 4)
    monkeypatch.setattr(kernels, "CHUNK", 4)
    cut = fitted(model, data, LS)
    assert whole.layout.block.y.shape == (3, 64, 1)
    assert cut.layout.block.y.shape == (5, 32, 1)
    assert cut.layout.n_items == 4 * blocks.CHUNKS
    for one, other in zip(
        _numbers(whole.reduce(POINT[None])), _numbers(cut.reduce(POINT[None])), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    np.testing.assert_allclose(
        np.abs(whole.factorize(POINT).triangle), np.abs(cut.factorize(POINT).triangle), rtol=1e-10
    )


def _numbers(reduced):
    return reduced.value, reduced.gradient, reduced.curvature


@double_precision
def test_numerical_derivatives_agree_with_exact_ones(data, problem):
    numerical = Numerical(problem.model, data, LS)
    for one, other in zip(
        _numbers(numerical.reduce(POINT[None])), _numbers(problem.reduce(POINT[None])), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-7)


@double_precision
def test_a_point_where_the_model_is_not_finite_has_infinite_value(problem):
    bad = np.array([np.nan, 1.0, 1.0, 1.0])
    assert problem.value(bad[None])[0] == np.inf
    assert problem.reduce(bad[None]).value[0] == np.inf


@double_precision
def test_projection_solves_the_linear_parameters_exactly(data, problem):
    inner = projected(problem)
    assert isinstance(inner, Projected)
    assert inner.names == ("rate", "frequency")
    nonlinear = np.array([0.5, 2.7])
    wave = np.exp(-0.5 * data.x) * np.cos(2.7 * data.x)
    columns = np.stack([wave, np.ones_like(wave)], axis=1) / data.noise.sigma
    target = data.y[:, 0] / data.noise.sigma[:, 0]
    expected, (rss,), *_ = np.linalg.lstsq(columns, target)
    full = inner.expand(nonlinear[None])[0]
    np.testing.assert_allclose(full[[0, 3]], expected, rtol=1e-10)
    assert inner.value(nonlinear[None])[0] == pytest.approx(rss, rel=1e-10)


@double_precision
def test_projected_gradient_is_the_gradient_of_the_projected_value(problem):
    inner = projected(problem)
    point = np.array([0.5, 2.7])
    gradient = numerical_jacobian(lambda p: inner.value(p[None]), point)[0]
    np.testing.assert_allclose(inner.reduce(point[None]).gradient[0], gradient, rtol=1e-6)
    np.testing.assert_allclose(
        2 * inner.factorize(point).triangle.T @ inner.factorize(point).triangle,
        inner.reduce(point[None]).curvature[0],
        rtol=1e-8,
    )


@double_precision
def test_held_parameters_drop_out_of_every_quantity(problem):
    held = Held(problem, np.array([0, 2]), POINT)
    free = np.array([1.9, 3.1])
    full = POINT.copy()
    full[[0, 2]] = free
    assert held.names == ("height", "frequency")
    assert held.value(free[None])[0] == problem.value(full[None])[0]
    np.testing.assert_allclose(
        held.reduce(free[None]).gradient, problem.reduce(full[None]).gradient[:, [0, 2]]
    )
    np.testing.assert_allclose(
        held.factorize(free).triangle.T @ held.factorize(free).triangle,
        held.reduce(free[None]).curvature[0] / 2,
        rtol=1e-10,
    )


@double_precision
def test_a_limited_parameter_is_not_solved_as_a_linear_one(problem):
    lower = np.array([0.0, -np.inf, -np.inf, -np.inf])
    limited = Bounded(problem, lower, np.full(4, np.inf))
    assert limited.linear.tolist() == [False, False, False, True]


@double_precision
def test_a_linear_problem_in_numpy_equals_the_compiled_one(data):
    model = Chebyshev(6).resolve(data)
    plain, compiled = Linear(model, data), fitted(model, data, LS)
    points = np.random.default_rng(1).normal(size=(3, 7))
    for one, other in zip(
        _numbers(plain.reduce(points)), _numbers(compiled.reduce(points)), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(plain.value(points), compiled.value(points))


@double_precision
def test_correlated_errors_give_the_generalized_chi2():
    rng = np.random.default_rng(2)
    x = np.linspace(0, 1, 40)
    root = np.tril(rng.normal(size=(40, 40))) * 0.05 + np.eye(40)
    covariance = root @ root.T
    y = rng.normal(size=40)
    data = check_data(x, y, covariance)
    problem = fitted(Sigmoids(1).resolve(data), data, LS)
    point = np.array([1.0, 0.5, 0.1])
    r = 1 / (1 + np.exp((x - 0.5) / 0.1)) - y
    expected = r @ np.linalg.solve(covariance, r)
    assert problem.value(point[None])[0] == pytest.approx(expected, rel=1e-10)
    assert problem.reduce(point[None]).value[0] == pytest.approx(expected, rel=1e-10)


@double_precision
def test_two_fits_of_one_shape_trace_the_model_once(data):
    calls = []

    def counted(x, a, b):
        calls.append(type(x).__name__)
        return a * np.exp(-b * x)

    model = Function(counted).resolve(data)
    fitted(model, data, LS).reduce(np.ones((1, 2)))
    before = len(calls)
    shifted = check_data(data.x + 1, data.y[:, 0], data.noise.sigma)
    fitted(model, shifted, LS).reduce(np.ones((1, 2)))
    assert len(calls) == before


def test_buckets_waste_at_most_a_third():
    for n in range(33, 5000, 7):
        assert n <= blocks.bucket(n) <= 1.5 * n


@double_precision
def test_a_large_offset_leaves_the_digits_of_what_is_left():
    x = np.linspace(0, 4, 30)
    rng = np.random.default_rng(8)
    y = 0.01 * np.exp(-0.8 * x) + 9e4 + 2e-4 * rng.standard_normal(30)

    def decay(x, height, rate, level):
        return height * np.exp(-rate * x) + level

    data = check_data(x, y, 2e-4)
    inner = projected(fitted(Function(decay).resolve(data), data, LeastSquares()))
    rates = np.array([0.1, 0.8, 3.0])
    # The reference solves for what is left of y without its mean: the offset takes up the rest.
    left = (y - y.mean()) / 2e-4
    expected = []
    for rate in rates:
        columns = np.stack([np.exp(-rate * x), np.ones(30)], axis=1) / 2e-4
        best = np.linalg.lstsq(columns, left)[0]
        expected.append(np.sum((left - columns @ best) ** 2))
    np.testing.assert_allclose(inner.value(rates[:, None]), expected, rtol=1e-4)
