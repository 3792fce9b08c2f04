"""Asymmetric errors: Barlow's formulas, their tails, and toys of the counts they stand for."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

import surefit as sf

LOSSES = [sf.VariableVariance(), sf.VariableSigma()]
SIZES = st.floats(0.01, 100)


def barlow(loss, d, lower, upper):
    """Equations of arXiv:physics/0406120, for sizes of errors and distances within their reach."""
    if isinstance(loss, sf.VariableVariance):
        return d**2 / (lower * upper + (upper - lower) * d)
    width = (2 * lower * upper + (upper - lower) * d) / (lower + upper)
    return (d / width) ** 2


@pytest.mark.parametrize("loss", LOSSES)
@given(SIZES, SIZES)
def test_the_loss_is_one_at_both_ends_of_the_bar_and_barlows_between(loss, lower, upper):
    weight = 1 / np.array([lower, upper])
    d = np.linspace(-lower, upper, 7)
    found = loss.pointwise(d, 0.0, weight)
    assert found[[0, -1]] == pytest.approx([1, 1])
    # Both forms subtract numbers of the size of the larger error to get the smaller one.
    rounding = 10 * np.finfo(float).eps * max(lower / upper, upper / lower)
    assert found == pytest.approx(barlow(loss, d, lower, upper), rel=rounding, abs=rounding)


@pytest.mark.parametrize("loss", LOSSES)
@given(SIZES, SIZES)
def test_the_pull_grows_everywhere_and_its_slope_is_its_derivative(loss, lower, upper):
    weight = 1 / np.array([lower, upper])
    d = np.linspace(-30 * lower, 30 * upper, 2001)
    z, slope = loss.pull(d, 0.0, weight)
    assert (np.diff(z) > 0).all()
    assert (slope > 0).all()
    step = 1e-6 * min(lower, upper)
    numeric = (
        (loss.pointwise(d + step, 0.0, weight) - loss.pointwise(d - step, 0.0, weight)) / step / 2
    )
    assert loss.slope(d, 0.0, weight) == pytest.approx(numeric, rel=1e-3, abs=1e-3 / lower)


@pytest.mark.parametrize("loss", LOSSES)
def test_equal_sides_are_least_squares(loss):
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 20)
    y = 1 + 2 * x + rng.normal(0, 0.1, 20)
    fit = sf.fit(x, y, sf.Line(), yerr=sf.Asymmetric(0.1, 0.1), loss=loss)
    plain = sf.fit(x, y, sf.Line(), yerr=0.1)
    assert fit.values == pytest.approx(plain.values, rel=1e-6)
    assert fit.errors == pytest.approx(plain.errors, rel=1e-6)
    assert fit.chi2 == pytest.approx(plain.chi2, rel=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_an_average_minimizes_barlows_sum(loss):
    y = np.array([1.0, 1.4, 0.8])
    lower, upper = np.array([0.2, 0.3, 0.1]), np.array([0.3, 0.2, 0.3])

    def total(mean):
        return float(np.sum(barlow(loss, mean - y, lower, upper)))

    best = scipy.optimize.minimize_scalar(total, bracket=(0.9, 1.2), tol=1e-10)
    fit = sf.fit([0, 1, 2], y, sf.Constant(), yerr=sf.Asymmetric(lower, upper), loss=loss)
    assert fit.values["value"] == pytest.approx(best.x, abs=1e-6)
    assert fit.chi2 == pytest.approx(best.fun, rel=1e-8)
    found = fit.interval("value")
    assert total(found.lower) == pytest.approx(best.fun + 1, abs=1e-3)
    assert total(found.upper) == pytest.approx(best.fun + 1, abs=1e-3)
    assert best.x - found.lower != pytest.approx(found.upper - best.x, rel=0.02)


@pytest.mark.parametrize("loss", LOSSES)
def test_toys_are_drawn_from_the_density_of_the_likelihood(loss):
    lower, upper = 1.0, 1.5
    weight = np.array([[[1 / lower, 1 / upper]]])
    drawn = loss.draw(np.random.default_rng(1), np.zeros((1, 1)), weight, (4000, 1, 1)).ravel()
    grid = np.linspace(-60, 60, 200_001)
    density = np.exp(-loss.pointwise(-grid, 0.0, weight[0, 0]) / 2)
    cumulative = np.cumsum(density) / density.sum()
    found = scipy.stats.kstest(drawn, lambda y: np.interp(y, grid, cumulative))
    assert found.pvalue > 0.01


def test_the_report_says_what_was_done_and_a_saved_fit_keeps_it(tmp_path):
    fit = sf.fit([0, 1, 2], [1, 2, 2.9], sf.Line(), yerr=sf.Asymmetric(0.1, [0.1, 0.2, 0.3]))
    assert "VariableVariance() (Barlow 2004)" in str(fit)
    fit.save(tmp_path / "fit.json")
    loaded = sf.load(tmp_path / "fit.json")
    assert loaded.interval("slope") == fit.interval("slope")
    assert fit.curve().bars.lengths.tolist() == [[0.1, 0.1, 0.1], [0.1, 0.2, 0.3]]
    assert np.sum(fit.curve().bars.pull ** 2) == pytest.approx(fit.chi2)
    assert fit.plot().axes


@pytest.mark.parametrize(
    ("yerr", "options", "error", "message"),
    [
        (
            sf.Asymmetric(0.1, -0.2),
            {},
            sf.InvalidErrors,
            r"upper: yerr has 3 value\(s\) that are not",
        ),
        (sf.Asymmetric(0.1, None), {}, sf.InvalidErrors, "upper = None"),
        (sf.Asymmetric([1, 2], 1), {}, sf.ShapeMismatch, r"yerr has shape \(2,\)"),
        (sf.Asymmetric("a", 1), {}, sf.InvalidType, "yerr is a str"),
        (sf.Asymmetric(1, 2), {"loss": sf.LeastSquares()}, sf.DataError, "takes symmetric errors"),
        (sf.Asymmetric(1, 2), {"loss": sf.Huber()}, sf.DataError, "takes symmetric errors"),
        (sf.Asymmetric(1, 2), {"xerr": 0.1}, sf.InvalidOption, "independent, symmetric errors"),
        (None, {"loss": sf.VariableSigma()}, sf.DataError, r"pass yerr=sf.Asymmetric"),
    ],
)
def test_what_is_no_pair_of_errors_is_refused(yerr, options, error, message):
    with pytest.raises(error, match=message):
        sf.fit([0, 1, 2], [1, 2, 3], sf.Line(), yerr=yerr, **options)


@pytest.mark.slow
def test_intervals_cover_for_counts_quoted_with_asymmetric_errors():
    rng, mean, n_toys, covered = np.random.default_rng(2), 12.0, 500, 0
    counts = np.arange(1, 60)

    def end(count, high):
        def rise(mu):
            return 2 * (mu - count + count * np.log(count / mu)) - 1

        return (
            scipy.optimize.brentq(rise, count, 5 * count + 5)
            if high
            else scipy.optimize.brentq(rise, 1e-9, count)
        )

    upper = {int(k): end(k, True) - k for k in counts}
    lower = {int(k): k - end(k, False) for k in counts}
    for _ in range(n_toys):
        y = np.maximum(rng.poisson(mean, 10), 1)
        sides = [np.array([side[int(k)] for k in y]) for side in (lower, upper)]
        found = sf.fit(np.arange(10), y, sf.Constant(), yerr=sf.Asymmetric(*sides)).interval(
            "value"
        )
        covered += found.lower <= mean <= found.upper
    assert covered / n_toys == pytest.approx(
        0.6827, abs=0.02 + 3 * np.sqrt(0.6827 * 0.3173 / n_toys)
    )
