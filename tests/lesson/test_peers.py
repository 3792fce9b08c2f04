"""What is said to be the lesson's is the lesson's: compared with it written out in NumPy."""

import iminuit
import iminuit.cost
import numpy as np
import pytest
from sklearn.neural_network import MLPRegressor

from surefit.lesson import peers
from surefit.lesson.sample import (
    TOSS_BAD_START,
    TOSS_GOOD_START,
    draw_sample,
    draw_toss,
    stream,
    toss,
)


@pytest.fixture
def sample(rng):
    return draw_sample(rng, 200)


def written_out_sum(x, parameters):
    """The lesson's sum of sigmoids, term by term."""
    out = np.zeros_like(x)
    for c, a, b in zip(parameters[0::3], parameters[1::3], parameters[2::3], strict=True):
        with np.errstate(over="ignore", divide="ignore"):
            out += c / (1 + np.exp((x - a) / b))
    return out


def test_the_loop_over_migrad_is_the_lessons(sample):
    result = peers.best_of_migrad(sample, stream(1, "loop"), 3, lambda what: None)

    rng, ends = stream(1, "loop"), []
    for _ in range(3):
        start = np.zeros(15)
        start[0::3] = rng.normal(0, 1, 5)
        start[1::3] = rng.uniform(0, 1, 5)
        start[2::3] = rng.normal(0, 0.1, 5)
        cost = iminuit.cost.LeastSquares(sample.x, sample.y, 0.03, written_out_sum)
        minimizer = iminuit.Minuit(cost, start)
        minimizer.migrad()
        ends.append(minimizer.fval)
    # Equal to the last digit, or else the ground is so bumpy that descents part.
    assert list(result.ends) == ends
    assert result.chi2 == min(result.ends)


def test_chi2_of_the_best_migrad_is_that_of_its_curve(sample):
    result = peers.best_of_migrad(sample, stream(1, "loop"), 2, lambda what: None)
    residuals = (sample.y - result.predict(sample.x)) / 0.03
    assert result.chi2 == pytest.approx(np.sum(residuals**2), rel=1e-10)
    assert result.n_parameters == 15
    assert result.ndof == 185


def test_starts_are_drawn_as_in_the_lesson():
    starts = np.array([peers.lesson_start(stream(k, "start")) for k in range(2000)])
    coefficient, center, width = starts[:, 0::3], starts[:, 1::3], starts[:, 2::3]
    assert abs(coefficient.std() - 1) < 0.03
    assert abs(width.std() - 0.1) < 0.003
    assert 0 <= center.min() < 0.01
    assert 0.99 < center.max() <= 1
    assert abs(center.mean() - 0.5) < 0.02


def test_the_vectorized_sum_is_the_sum_of_its_terms(rng):
    x, parameters = rng.uniform(size=50), rng.normal(size=15)
    expected = written_out_sum(x, parameters)
    np.testing.assert_allclose(peers.sigmoid_sum(x, parameters), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_regressor_is_scikit_learns_with_the_lessons_settings(sample, solver):
    said = []
    result = peers.best_of_regressor(sample, stream(1, "mlp"), 2, said.append, solver=solver)
    rng, ends = stream(1, "mlp"), []
    for _ in range(2):
        network = MLPRegressor(
            hidden_layer_sizes=(5,), activation="logistic", alpha=0, max_iter=10000, solver=solver,
            random_state=int(rng.integers(2**31)),
        ).fit(sample.x[:, None], sample.y)  # fmt: skip
        ends.append(np.sum(((sample.y - network.predict(sample.x[:, None])) / 0.03) ** 2))
    np.testing.assert_allclose(result.ends, ends, rtol=1e-6)
    assert result.chi2 == min(result.ends)
    assert result.n_parameters == 16
    assert len(said) == 2


def test_migrad_needs_a_good_start_for_the_tossed_object():
    sample = draw_toss(stream(1, "toss"))  # on some samples it finds a mirrored minimum, tf < 0
    good = peers.migrad(sample, toss, TOSS_GOOD_START, "good", "")
    bad = peers.migrad(sample, toss, TOSS_BAD_START, "bad", "")
    assert good.chi2 < sample.true_chi2
    assert not bad.is_valid or bad.chi2 > good.chi2 + 1
    residuals = sample.y - good.predict(sample.x)
    assert good.chi2 == pytest.approx(np.sum(residuals**2), rel=1e-9)


def test_the_trapezoid_series_is_worse_than_least_squares(sample):
    result = peers.trapezoid_fourier(sample)
    angles = 2 * np.pi * np.outer(sample.x, np.arange(1, 8))
    matrix = np.column_stack([np.ones(200), np.cos(angles), np.sin(angles)])
    _, (best,), _, _ = np.linalg.lstsq(matrix, sample.y / 0.03 * 1.0, rcond=None)
    assert result.chi2 > best
    assert result.predict(np.array([0.0])) == pytest.approx(result.predict(np.array([1.0])))


def test_numpys_long_polynomial_is_polyfit(sample):
    result = peers.numpy_taylor(sample)
    assert result.n_parameters == 100
    assert result.chi2 == pytest.approx(sample.chi2(result.predict(sample.x)))
