"""fit(), end to end: the answers of other libraries, from no start, in any form of the data."""

import concurrent.futures
import math

import jax
import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

import surefit as sf
from tests.lesson_sample import SIGMA, ansatz, sample, truth

RNG = np.random.default_rng(42)
X = np.sort(RNG.uniform(0, 10, 60))


def decay(x, height, lifetime, level):
    return height * np.exp(-x / lifetime) + level


Y = decay(X, 5, 2, 1) + RNG.normal(0, 0.1, 60)
YERR = RNG.uniform(0.08, 0.12, 60)


def peaks(x, parameters):
    out = np.zeros_like(x)
    for height, center, width in parameters.reshape(-1, 3):
        out += height * np.exp(-0.5 * ((x - center) / width) ** 2)
    return out


@pytest.mark.parametrize("is_given", [True, False])
def test_values_errors_and_correlations_are_scipys_without_its_start(is_given):
    fit = sf.fit(X, Y, decay, YERR if is_given else None)
    values, covariance = scipy.optimize.curve_fit(
        decay, X, Y, [5, 2, 1], YERR if is_given else None, absolute_sigma=is_given
    )
    np.testing.assert_allclose(list(fit.values.values()), values, rtol=1e-6)
    np.testing.assert_allclose(fit.covariance, covariance, rtol=1e-5)
    assert fit.names == ("height", "lifetime", "level")
    assert fit.valid
    assert fit.ndof == 57
    residuals = (decay(X, *values) - Y) / (YERR if is_given else 1)
    assert fit.deviance == pytest.approx(residuals @ residuals, rel=1e-10)
    assert np.isnan(fit.chi2) == np.isnan(fit.pvalue) == (not is_given)
    # The unweighted sum is not stationary where the weighted one is: scipy's 1e-8 show in it.
    assert fit.rss == pytest.approx(np.sum((decay(X, *values) - Y) ** 2), rel=1e-7)


def test_a_covariance_of_y_is_used_as_scipy_uses_it():
    covariance = np.diag(YERR**2) + 0.004 * np.exp(-np.abs(X[:, None] - X[None]))
    fit = sf.fit(X, Y, decay, covariance)
    values, expected = scipy.optimize.curve_fit(
        decay, X, Y, [5, 2, 1], covariance, absolute_sigma=True
    )
    np.testing.assert_allclose(list(fit.values.values()), values, rtol=1e-5)
    np.testing.assert_allclose(fit.covariance, expected, rtol=1e-4)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_lessons_ansatz_fits_from_no_start_at_least_as_well_as_the_truth(seed):
    x, y = sample(seed)
    fit = sf.fit(x, y, ansatz, SIGMA)
    assert fit.chi2 <= np.sum(((y - truth(x)) / SIGMA) ** 2)
    assert fit.valid
    assert np.isnan(fit.errors["A"])
    assert fit.remarks["A"] == "step: no curvature"
    assert abs(fit.values["C"] - 22) < 5 * fit.errors["C"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_the_ansatz_is_solved_on_twenty_of_twenty_samples(seed):
    x, y = sample(1000 + seed)
    assert sf.fit(x, y, ansatz, SIGMA).chi2 <= np.sum(((y - truth(x)) / SIGMA) ** 2)


def test_the_tossed_object_of_the_lesson_fits_from_no_start():
    def height(t, y0, t0, mu, tf):
        return y0 - (1 / mu) * np.log(np.cosh((t - t0) / tf))

    t = np.linspace(0, 10, 50)
    y = height(t, 60, 3, 0.05, 2) + np.random.default_rng(7).normal(0, 1, 50)
    fit = sf.fit(t, y, height, 1.0)
    best, _ = scipy.optimize.curve_fit(height, t, y, [60, 3, 0.05, 2], np.ones(50))
    assert fit.valid
    assert fit.chi2 == pytest.approx(np.sum((height(t, *best) - y) ** 2), rel=1e-8)


def test_a_function_of_one_array_of_parameters_needs_its_length_once():
    truth_values = np.array([3, 2, 0.5, 4, 7, 1.0])
    y = peaks(X, truth_values) + np.random.default_rng(3).normal(0, 0.05, 60)
    fit = sf.fit(X, y, sf.Function(peaks, n_parameters=6), 0.05)
    best, _ = scipy.optimize.curve_fit(
        lambda x, *p: peaks(x, np.array(p)), X, y, truth_values, np.full(60, 0.05)
    )
    assert fit.chi2 == pytest.approx(np.sum(((peaks(X, best) - y) / 0.05) ** 2), rel=1e-8)
    by_start = sf.fit(X, y, peaks, 0.05, start={"parameters": truth_values})
    assert by_start.chi2 == pytest.approx(fit.chi2, rel=1e-9)
    assert by_start.names[4] == "parameters[4]"
    assert by_start.parameters["parameters"].shape == (6,)


def test_foreign_code_falls_back_to_numerical_derivatives_and_says_so():
    def looped(x, height, lifetime, level):
        return np.array([_foreign(t, height, lifetime) + level for t in x.tolist()])

    fit = sf.fit(X, Y, looped, YERR)
    exact = sf.fit(X, Y, decay, YERR)
    assert any("numerical" in note for note in fit.notes)
    np.testing.assert_allclose(list(fit.values.values()), list(exact.values.values()), rtol=1e-5)
    np.testing.assert_allclose(list(fit.errors.values()), list(exact.errors.values()), rtol=1e-4)


def _foreign(t, height, lifetime):
    return height * math.exp(-float(f"{t / float(lifetime):.17g}"))


def test_fixed_and_limited_parameters_are_kept_exactly():
    fixed = sf.fit(X, Y, decay, YERR, fixed={"level": 1.0})
    assert fixed.values["level"] == 1.0
    assert fixed.errors["level"] == 0.0
    assert fixed.names == ("height", "lifetime")
    assert fixed.ndof == 58
    limited = sf.fit(X, Y, decay, YERR, bounds={"level": (1.2, None)})
    assert limited.values["level"] == 1.2
    assert np.isnan(limited.errors["level"])
    assert limited.status is sf.Status.at_bound
    assert limited.valid
    held = sf.fit(X, Y, decay, YERR, fixed={"level": 1.2})
    assert limited.chi2 == pytest.approx(held.chi2, rel=1e-10)


def test_several_outputs_and_inputs_agree_with_least_squares_per_output():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = x @ np.array([[1, 2, 3], [4, 5, 6.0]]) + [7, 8, 9] + rng.normal(0, 0.1, (200, 3))
    fit = sf.fit(x, y, sf.Plane(), 0.1)
    expected, *_ = np.linalg.lstsq(np.column_stack([x, np.ones(200)]), y)
    np.testing.assert_allclose(fit.parameters["weight"], expected[:2].T, rtol=1e-10)
    np.testing.assert_allclose(fit.parameters["bias"], expected[2], rtol=1e-10)
    assert fit.predict(x).shape == (200, 3)


def test_a_sum_does_not_depend_on_the_order_of_its_parts():
    one = sf.fit(
        X, Y, sf.Function(decay).named("signal") + sf.Line(), YERR, fixed={"signal.level": 0}
    )
    other = sf.fit(
        X, Y, sf.Line() + sf.Function(decay).named("signal"), YERR, fixed={"signal.level": 0}
    )
    assert one.chi2 == pytest.approx(other.chi2, rel=1e-9)
    assert one.values["signal.lifetime"] == pytest.approx(other.values["signal.lifetime"], rel=1e-6)


def test_the_same_key_gives_the_same_digits_inside_and_outside_of_threads_and_contexts():
    here = dict(sf.fit(X, Y, decay, YERR).values)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(sf.fit, X, Y, decay, YERR) for _ in range(2)]
        for future in futures:
            assert dict(future.result().values) == here
    with jax.enable_x64(True):
        assert dict(sf.fit(X, Y, decay, YERR).values) == here
    with jax.enable_x64(False):
        assert dict(sf.fit(X, Y, decay, YERR).values) == here


@settings(max_examples=5)
@given(
    scale=st.floats(1e-6, 1e6),
    shift=st.floats(-10, 10),
    x_scale=st.floats(1e-6, 1e6),
    order=st.randoms(use_true_random=False),
)
def test_units_and_order_of_the_data_only_change_units(scale, shift, x_scale, order):
    index = list(range(60))
    order.shuffle(index)
    fit = sf.fit(X, Y, decay, YERR)
    moved = sf.fit(X[index] * x_scale, (Y[index] + shift) * scale, decay, YERR[index] * scale)
    assert moved.chi2 == pytest.approx(fit.chi2, rel=1e-6)
    assert moved.values["lifetime"] == pytest.approx(fit.values["lifetime"] * x_scale, rel=1e-4)
    assert moved.values["level"] == pytest.approx(
        (fit.values["level"] + shift) * scale, rel=1e-3, abs=1e-3 * scale
    )
    assert moved.errors["height"] == pytest.approx(fit.errors["height"] * scale, rel=1e-3)


def test_a_parameter_the_data_do_not_determine_is_named_and_the_fit_not_valid():
    def doubled(x, a, b, c):
        return (a + b) * x + c

    fit = sf.fit(X, Y, doubled, YERR)
    assert fit.status is sf.Status.undetermined
    assert not fit.valid
    assert np.isnan(fit.errors["a"])
    assert np.isnan(fit.errors["b"])
    assert fit.errors["c"] > 0
    assert "a, b" in " ".join(fit.notes)
    line = sf.fit(X, Y, sf.Line(), YERR)
    assert fit.chi2 == pytest.approx(line.chi2)
    assert fit.ndof == line.ndof
    np.testing.assert_allclose(fit.band(X), line.band(X), rtol=1e-6)


def test_an_undetermined_sum_names_the_parameters_that_the_user_reads():
    fit = sf.fit(X, Y, sf.Line() + sf.Constant(), YERR)
    line = sf.fit(X, Y, sf.Line(), YERR)
    assert fit.status is sf.Status.undetermined
    assert np.isnan(fit.errors["line.intercept"])
    assert np.isnan(fit.errors["constant.value"])
    assert fit.errors["line.slope"] == pytest.approx(line.errors["slope"], rel=1e-6)
    assert "line.intercept, constant.value" in " ".join(fit.notes)


@pytest.mark.parametrize("yerr", [None, 0.1])
def test_exact_data_have_one_minimum_although_rounding_tells_its_ends_apart(yerr):
    fit = sf.fit(X, decay(X, 5, 2, 1), decay, yerr)
    assert fit.valid
    assert fit.evidence.n_distinct == 1
    np.testing.assert_allclose(list(fit.values.values()), [5, 2, 1], rtol=1e-10)


def test_every_minimizer_that_suits_a_line_finds_it_and_is_named():
    exact = sf.fit(X, Y, sf.Line(), YERR)
    for minimizer in (sf.ClosedForm(), sf.LevenbergMarquardt(), sf.LBFGS(), sf.Minuit()):
        fit = sf.fit(X, Y, sf.Line(), YERR, minimizer=minimizer)
        assert fit.chi2 == pytest.approx(exact.chi2, rel=1e-6)
        assert str(minimizer) in fit.method
        np.testing.assert_allclose(
            list(fit.errors.values()), list(exact.errors.values()), rtol=1e-6
        )


def test_a_minimizer_refuses_what_it_cannot_do_and_names_one_that_can():
    with pytest.raises(sf.UnsuitableMinimizer, match=r"not linear in lifetime.*LevenbergMarquardt"):
        sf.fit(X, Y, decay, YERR, minimizer=sf.ClosedForm())


def test_progress_is_reported_and_interruption_gives_the_best_so_far():
    seen = []

    def progress(what, value):
        seen.append(value)
        if len(seen) == 2:
            raise KeyboardInterrupt

    fit = sf.fit(X, Y, decay, YERR, progress=progress)
    assert fit.status is sf.Status.interrupted
    assert not fit.valid
    assert "interrupted" in str(fit)
    assert np.isfinite(fit.chi2)
