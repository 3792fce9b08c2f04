import numpy as np
import pytest

from surefit.lesson import attempts
from surefit.lesson.sample import draw_sample, draw_toss


@pytest.fixture
def sample(rng):
    return draw_sample(rng, 300)


def least_chi2(columns, sample):
    """Least squares by plain NumPy."""
    solution, *_ = np.linalg.lstsq(columns, sample.y, rcond=None)
    return np.sum(((sample.y - columns @ solution) / 0.03) ** 2)


def test_line_taylor_and_fourier_are_least_squares(sample):
    x = sample.x
    angles = 2 * np.pi * np.outer(x, np.arange(1, 8))
    waves = np.column_stack([np.ones_like(x), np.cos(angles), np.sin(angles)])
    legendre = np.polynomial.legendre.legvander(2 * x - 1, 14)
    assert attempts.line(sample).chi2 == pytest.approx(least_chi2(np.vander(x, 2), sample))
    assert attempts.fourier(sample).chi2 == pytest.approx(least_chi2(waves, sample))
    assert attempts.taylor(sample).chi2 == pytest.approx(least_chi2(legendre, sample))


def test_all_polynomial_bases_span_the_same_space(sample):
    taylor = attempts.taylor(sample)
    for attempt in attempts.orthogonal(sample):
        assert attempt.n_parameters == 15
        assert attempt.chi2 == pytest.approx(taylor.chi2, rel=1e-9)


def test_a_hundred_terms_run_away_outside_of_the_data(sample):
    attempt = attempts.long_taylor(sample)
    assert abs(attempt.predict(np.array([1.2]))[0]) > 1e6
    assert attempt.ndof == 200


def test_the_toss_needs_no_start(rng):
    sample = draw_toss(rng)
    ours, wrong = attempts.tossed(sample), attempts.tossed_without_air(sample)
    assert ours.is_valid
    assert ours.chi2 < sample.true_chi2
    assert wrong.chi2 > 3 * ours.chi2


def test_an_attempt_says_what_it_was(sample):
    document = attempts.line(sample).document()
    assert document["by"] == "surefit"
    assert document["n_parameters"] == 2
    assert document["ndof"] == 298
    assert document["values"].keys() == {"intercept", "slope"}
