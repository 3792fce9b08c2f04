"""Many fits as one batch give what each gives by itself."""

import numpy as np
import pytest

import surefit as sf
from tests.many.peaks import NOISE, agrees, peak, spectra

X, Y, TRUTH = spectra(30)


@pytest.fixture(scope="module")
def peaks():
    return sf.fit_many(X, Y, peak, NOISE)


def test_each_row_is_what_a_single_fit_gives(peaks):
    for row in range(4):
        agrees(peaks, row, sf.fit(X, Y[row], peak, NOISE))


def test_every_row_is_at_the_minimum_without_any_start(peaks):
    fit = peaks.fit(0)
    assert fit.valid
    assert peaks.valid.all()
    at_truth = [np.sum(((y - peak(X, *t)) / NOISE) ** 2) for y, t in zip(Y, TRUTH, strict=True)]
    assert np.all(peaks["chi2"] <= at_truth)
    pulls = (peaks.values - TRUTH) / peaks.errors
    assert np.abs(pulls).max() < 5


def test_a_width_that_enters_as_its_square_comes_out_positive_in_every_row(peaks):
    assert np.all(peaks["width"] > 0)


def test_the_covariance_is_that_of_a_single_fit(peaks):
    fit = sf.fit(X, Y[1], peak, NOISE)
    signs = np.sign(np.array(list(fit.values.values())) * peaks.values[1])
    expected = fit.covariance * np.outer(signs, signs)
    np.testing.assert_allclose(peaks.covariance[1], expected, rtol=1e-6)


def test_rows_of_several_chunks_are_fitted_each_with_its_own_data():
    x, y, _ = spectra(1100, n=20, seed=9)
    fits = sf.fit_many(x, y, peak, NOISE)
    chi2 = np.sum(((fits.predict(x) - y) / NOISE) ** 2, axis=1)
    np.testing.assert_allclose(fits.chi2, chi2, rtol=1e-9)
    for row in (0, 1023, 1024, 1099):
        agrees(fits, row, sf.fit(x, y[row], peak, NOISE))


def test_permuting_rows_permutes_results_exactly(peaks):
    order = np.random.default_rng(1).permutation(len(Y))
    permuted = sf.fit_many(X, Y[order], peak, NOISE)
    np.testing.assert_array_equal(permuted.values, peaks.values[order])
    np.testing.assert_array_equal(permuted.errors, peaks.errors[order])
    np.testing.assert_array_equal(permuted.chi2, peaks.chi2[order])


def test_the_same_key_gives_the_same_digits(peaks):
    again = sf.fit_many(X, Y, peak, NOISE)
    np.testing.assert_array_equal(again.values, peaks.values)


def test_scaling_y_scales_heights_and_leaves_places_alone(peaks):
    scaled = sf.fit_many(X, 1000 * Y, peak, 1000 * NOISE)
    unit = peaks.errors
    factor = np.array([1000, 1, 1, 1000, 1000])
    np.testing.assert_allclose(scaled.values / factor / unit, peaks.values / unit, atol=1e-7)
    np.testing.assert_allclose(scaled.errors / factor, peaks.errors, rtol=1e-7)


def test_shared_own_and_ragged_x_give_the_same(peaks):
    own = sf.fit_many(np.tile(X, (len(Y), 1)), Y, peak, NOISE)
    listed = sf.fit_many([X] * len(Y), list(Y), peak, [NOISE] * len(Y))
    for other in (own, listed):
        unit = peaks.errors
        np.testing.assert_allclose(other.values / unit, peaks.values / unit, atol=1e-7)
        assert other.valid.all()
    np.testing.assert_array_equal(own.values, listed.values)


def test_rows_of_different_lengths_are_each_what_a_single_fit_gives():
    lengths = np.random.default_rng(2).integers(35, 60, len(Y))
    x = [X[:n] for n in lengths]
    y = [row[:n] for row, n in zip(Y, lengths, strict=True)]
    fits = sf.fit_many(x, y, peak, NOISE)
    checked = np.flatnonzero(TRUTH[:, 1] < 4)[:3]
    for row in checked:
        agrees(fits, row, sf.fit(x[row], y[row], peak, NOISE), 1e-6)
    assert [len(curve) for curve in fits.predict()] == lengths.tolist()


def test_rows_whose_x_have_other_units_are_found_too():
    factor = 10.0 ** np.linspace(-6, 6, len(Y))
    fits = sf.fit_many(X * factor[:, None], Y, peak, NOISE)
    plain = sf.fit_many(X, Y, peak, NOISE)
    np.testing.assert_allclose(fits["chi2"], plain["chi2"], rtol=1e-9)
    np.testing.assert_allclose(fits["mean"] / factor, plain["mean"], rtol=1e-6)


def test_errors_that_are_not_given_are_estimated_in_each_row():
    fits = sf.fit_many(X, Y[:5], peak)
    assert np.isnan(fits["chi2"]).all()
    assert np.isnan(fits["pvalue"]).all()
    single = sf.fit(X, Y[2], peak)
    np.testing.assert_allclose(fits["mean_error"][2], single.errors["mean"], rtol=1e-7)
    np.testing.assert_allclose(fits["rss"][2], single.rss, rtol=1e-10)
    assert "estimated" in str(fits)


@pytest.mark.parametrize("shape", ["each row", "each point", "list"])
def test_errors_may_differ(shape):
    rng = np.random.default_rng(4)
    yerr = rng.uniform(0.2, 0.4, Y[:6].shape if shape == "each point" else 6)
    given = list(yerr) if shape == "list" else yerr
    fits = sf.fit_many(X, Y[:6], peak, given)
    for row in range(2):
        agrees(fits, row, sf.fit(X, Y[row], peak, yerr[row]))


def test_bounds_hold_exactly_and_say_so():
    bounds = {"height": (0.0, 6.0), "width": (0.1, None)}
    fits = sf.fit_many(X, Y[:8], peak, NOISE, bounds=bounds)
    assert np.all(fits["height"] <= 6.0)
    limited = TRUTH[:8, 0] > 6.5
    assert set(fits["status"][limited]) == {sf.Status.at_bound}
    assert np.isnan(fits["height_error"][limited]).all()
    row = int(np.flatnonzero(limited)[0])
    single = sf.fit(X, Y[row], peak, NOISE, bounds=bounds)
    np.testing.assert_allclose(fits["mean"][row], single.values["mean"], rtol=1e-8)
    np.testing.assert_allclose(fits["mean_error"][row], single.errors["mean"], rtol=1e-6)


def test_fixed_parameters_stay_and_have_no_error():
    fits = sf.fit_many(X, Y[:4], peak, NOISE, fixed={"slope": 0.1, "mean": 5.0})
    assert np.all(fits["slope"] == 0.1)
    assert np.all(fits["mean_error"] == 0)
    agrees(fits, 0, sf.fit(X, Y[0], peak, NOISE, fixed={"slope": 0.1, "mean": 5.0}))


def test_starts_may_differ_from_row_to_row():
    start = {"mean": np.where(np.arange(8) % 2, TRUTH[:8, 1], np.nan), "width": 0.5}
    fits = sf.fit_many(X, Y[:8], peak, NOISE, start=start)
    assert fits.valid.all()
    assert fits["n_starts"][1] > fits["n_starts"][0]


def test_a_start_for_the_wrong_parameter_is_refused():
    with pytest.raises(sf.UnknownParameter, match="Did you mean 'mean'"):
        sf.fit_many(X, Y, peak, NOISE, start={"men": 3.0})


def test_parameters_that_the_data_do_not_determine_are_said_so():
    def twice(x, a, b, rate):
        return (a + b) * np.exp(-rate * x)

    y = 3 * np.exp(-0.5 * X) + 0.01 * np.random.default_rng(0).standard_normal((3, len(X)))
    fits = sf.fit_many(X, y, twice, 0.01)
    assert set(fits["status"]) == {sf.Status.undetermined}
    assert not fits.valid.any()
    assert np.isfinite(fits["rate_error"]).all()
    assert np.isnan(fits["a_error"]).all()
    single = sf.fit(X, y[0], twice, 0.01)
    np.testing.assert_allclose(fits["rate_error"][0], single.errors["rate"], rtol=1e-6)
    assert fits.ndof[0] == single.ndof


def test_a_sum_of_a_function_and_a_line_is_a_batch():
    def bump(x, height, mean, width):
        return height * np.exp(-0.5 * ((x - mean) / width) ** 2)

    model = sf.Function(bump).named("bump") + sf.Line()
    fits = sf.fit_many(X, Y[:4], model, NOISE)
    assert fits.method.startswith("Levenberg-Marquardt in all rows at once")
    agrees(fits, 1, sf.fit(X, Y[1], model, NOISE))
    np.testing.assert_allclose(fits.predict()[1], sf.fit(X, Y[1], peak, NOISE).predict(X), 1e-6)


def test_two_inputs_are_told_from_rows_by_their_shape():
    def bowl(x, depth, a, b, top):
        return top - depth * np.exp(-((x[:, 0] - a) ** 2) - (x[:, 1] - b) ** 2)

    rng = np.random.default_rng(5)
    x = rng.uniform(-2, 2, (80, 2))
    truth = [(2.0, 0.3, -0.4, 1.0), (3.0, -0.5, 0.2, 0.5)]
    y = np.array([bowl(x, *row) for row in truth]) + 0.01 * rng.standard_normal((2, 80))
    fits = sf.fit_many(x, y, bowl, 0.01)
    np.testing.assert_allclose(fits.values, truth, atol=0.05)
    agrees(fits, 0, sf.fit(x, y[0], bowl, 0.01))


def test_a_budget_of_no_time_confirms_nothing():
    fits = sf.fit_many(X, Y[:3], peak, NOISE, budget=sf.Budget(seconds=0))
    assert not fits.valid.any()


def test_progress_names_what_is_done():
    calls = []
    sf.fit_many(X, Y[:3], peak, NOISE, progress=lambda what, n: calls.append((what, n)))
    assert ("all rows", 6.0) in calls


def test_long_rows_are_fitted_one_by_one():
    x, y, _ = spectra(2, n=8200, seed=3)
    fits = sf.fit_many(x, y, peak, NOISE)
    assert fits.method.startswith("One by one: rows of 8200 points")
    agrees(fits, 1, sf.fit(x, y[1], peak, NOISE))
