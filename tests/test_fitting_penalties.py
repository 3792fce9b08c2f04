"""fit() with a penalty: closed forms, the strength that the data ask for, and coverage."""

import numpy as np
import pytest
import scipy.interpolate
import scipy.optimize
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import linear_model

import surefit as sf
from tests.lesson_sample import SIGMA, sample

N = 80
X = np.sort(np.random.default_rng(1).uniform(0, 1, N))
Y = np.sin(8 * X) + np.random.default_rng(2).normal(0, 0.2, N)


def columns(degree):
    """Chebyshev polynomials as the model has them, from NumPy."""
    u = 2 * (X - X.min()) / (X.max() - X.min()) - 1
    return np.polynomial.chebyshev.chebvander(u, degree)


def ridge_matrix(degree):
    sizes = columns(degree).std(axis=0) / Y.std()
    sizes[0] = 0.0
    return np.diag(sizes**2)


def test_a_ridge_of_given_strength_is_the_closed_form():
    a, penalty = columns(12), 3.0 * ridge_matrix(12)
    fit = sf.fit(X, Y, sf.Chebyshev(12), 0.2, penalty=sf.Ridge(3.0))
    inverse = np.linalg.inv(a.T @ a / 0.04 + penalty)
    expected = inverse @ a.T @ Y / 0.04
    np.testing.assert_allclose(list(fit.values.values()), expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(fit.covariance, inverse, rtol=1e-9, atol=1e-14)
    chi2 = np.sum((Y - a @ expected) ** 2) / 0.04
    assert fit.chi2 == pytest.approx(chi2, rel=1e-12)
    spent = np.trace(a @ inverse @ a.T) / 0.04
    assert fit.effective_parameters == pytest.approx(spent, rel=1e-9)
    assert fit.ndof == pytest.approx(N - spent, rel=1e-9)
    assert fit.pvalue == pytest.approx(scipy.stats.chi2.sf(chi2, N - spent), rel=1e-9)


def test_a_ridge_agrees_with_scikit_learn():
    # Which penalizes all coefficients of given columns alike and leaves the constant free.
    a = columns(12)[:, 1:]
    peer = linear_model.Ridge(3.0 * 0.04 / Y.var()).fit(a / a.std(axis=0), Y)
    fit = sf.fit(X, Y, sf.Chebyshev(12), 0.2, penalty=sf.Ridge(3.0))
    np.testing.assert_allclose(fit.predict(X), peer.predict(a / a.std(axis=0)), atol=1e-9)


@pytest.mark.parametrize("strength", [1e-4, 1e-2, 1.0])
def test_roughness_is_the_smoothing_spline(strength):
    # A basis rich enough to bend as the spline does; SciPy's λ ∫ f″² is for sums of squares.
    fit = sf.fit(X, Y, sf.Chebyshev(60), 0.2, penalty=sf.Roughness(strength))
    span = X.max() - X.min()
    factor = strength * 0.04 * span**3 / Y.var()
    spline = scipy.interpolate.make_smoothing_spline(X, Y, lam=factor)
    assert np.abs(fit.predict(X) - spline(X)).max() < 5e-3


def test_a_very_rough_penalty_leaves_a_straight_line():
    fit = sf.fit(X, Y, sf.Legendre(20), 0.2, penalty=sf.Roughness(1e8))
    line = sf.fit(X, Y, sf.Line(), 0.2)
    np.testing.assert_allclose(fit.predict(X), line.predict(X), atol=1e-4)
    assert fit.effective_parameters == pytest.approx(2, abs=1e-3)


@pytest.mark.parametrize("yerr", [0.2, None])
def test_the_strength_chosen_is_that_of_the_largest_probability_of_the_data(yerr):
    # Marginal likelihood from its definition: y is normal with the covariance that coefficients
    # drawn from the penalty's normal distribution give it, the constant being integrated out.
    a, penalty = columns(20), np.diag(ridge_matrix(20))[1:]
    fit = sf.fit(X, Y, sf.Chebyshev(20), yerr, penalty=sf.Ridge())
    contrasts = scipy.linalg.null_space(np.ones((1, N))).T
    y, b = contrasts @ Y, contrasts @ a[:, 1:]

    def improbability(logarithm):
        unit = 0.04 if yerr else 1.0
        covariance = unit * np.eye(N - 1) + (b / (np.exp(logarithm) * penalty)) @ b.T
        _, volume = np.linalg.slogdet(covariance)
        square = y @ np.linalg.solve(covariance, y)
        return square + volume if yerr else (N - 1) * np.log(square) + volume

    found = scipy.optimize.minimize_scalar(improbability, bounds=(-15, 15), method="bounded")
    assert np.log(fit.penalty.strength) == pytest.approx(found.x, abs=1e-3)


def test_more_parameters_than_points_are_no_obstacle():
    rng = np.random.default_rng(3)
    x, weights = rng.normal(size=(60, 100)), rng.normal(size=100) / 10
    y = x @ weights + rng.normal(0, 0.2, 60)
    fit = sf.fit(x, y, sf.Plane(), 0.2, penalty=sf.Ridge())
    assert fit.valid
    assert fit.effective_parameters < 60
    # The dual form, which inverts a matrix of the points (Hastie et al. 2009, eq. 12.39).
    held = fit.penalty.strength * np.diag((x.std(axis=0) / y.std()) ** 2)
    kernel = (x - x.mean(axis=0)) @ np.linalg.inv(held) @ (x - x.mean(axis=0)).T
    expected = y.mean() + kernel @ np.linalg.solve(kernel + 0.04 * np.eye(60), y - y.mean())
    np.testing.assert_allclose(fit.predict(x), expected, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-1e3, 1e3), st.floats(1e-6, 1e6), st.floats(-1e3, 1e3))
@pytest.mark.parametrize("penalty", [sf.Ridge(), sf.Roughness()], ids=str)
def test_units_of_x_and_y_do_not_matter(penalty, x_unit, x_shift, y_unit, y_shift):
    reference = sf.fit(X, Y, sf.Chebyshev(15), 0.2, penalty=penalty)
    x, y = x_unit * (X + x_shift), y_unit * (Y + y_shift)
    fit = sf.fit(x, y, sf.Chebyshev(15), y_unit * 0.2, penalty=penalty)
    assert fit.penalty.strength == pytest.approx(reference.penalty.strength, rel=1e-3)
    np.testing.assert_allclose(fit.predict(x) / y_unit - y_shift, reference.predict(X), atol=1e-5)


def test_the_band_covers_the_curve_on_average_over_x():
    # Nychka 1988, J. Am. Stat. Assoc. 83, 1134, at a strength chosen anew for each sample.
    rng, inside = np.random.default_rng(4), []
    x, truth = np.linspace(0, 1, 100), np.sin(8 * np.linspace(0, 1, 100))
    for _ in range(200):
        y = truth + rng.normal(0, 0.2, 100)
        fit = sf.fit(x, y, sf.Chebyshev(30), 0.2, penalty=sf.Roughness())
        lower, upper = fit.band(x, 0.9545)
        inside.append(np.mean((lower <= truth) & (truth <= upper)))
    error = np.std(inside) / np.sqrt(len(inside))
    assert np.mean(inside) == pytest.approx(0.9545, abs=0.02 + 3 * error)


def test_points_left_out_are_predicted_as_by_refits():
    fit = sf.fit(X, Y, sf.Chebyshev(20), 0.2, penalty=sf.Roughness(1e-4))
    left_out = fit.leave_one_out()
    for i in (0, 17, 79):
        keep, rows = np.arange(N) != i, fit.constraints.penalty.rows
        a = np.stack([fit.model.evaluate(row, X)[:, 0] for row in np.eye(21)], axis=1)
        matrix = a[keep].T @ a[keep] / 0.04 + rows.T @ rows
        predicted = a[i] @ np.linalg.solve(matrix, a[keep].T @ Y[keep] / 0.04)
        assert left_out.estimate.residuals[i].item() == pytest.approx(Y[i] - predicted, rel=1e-6)


def test_a_network_with_weight_decay_is_at_the_minimum_of_its_objective():
    x, y = sample(1, 300)
    fit = sf.fit(x, y, sf.Dense(6), SIGMA, penalty=sf.Ridge(0.01))
    model, unit = fit.model, {"hidden.weight": np.std(x), "output.weight": 1 / np.std(y)}

    def objective(values):
        parts = model.parameters().split(values)
        held = sum(np.sum((parts[name] * size) ** 2) for name, size in unit.items())
        chi2 = np.sum(((y - model.evaluate(values, x)[:, 0]) / SIGMA) ** 2)
        return chi2 + 0.01 * held

    assert fit.deviance == pytest.approx(objective(fit.working), rel=1e-9)
    better = scipy.optimize.minimize(objective, fit.working, method="BFGS")
    assert better.fun > fit.deviance - 1e-3
    assert fit.effective_parameters < 19
    assert fit.chi2 < fit.deviance


def test_a_chosen_decay_keeps_a_large_network_from_following_the_noise():
    x, y = sample(2, 150)
    plain = sf.fit(x, y, sf.Dense(15), SIGMA)
    decayed = sf.fit(x, y, sf.Dense(15), SIGMA, penalty=sf.Ridge())
    new_x, new_y = sample(3, 2000)
    inside = (new_x > x.min()) & (new_x < x.max())
    errors = [np.mean((fit.predict(new_x) - new_y)[inside] ** 2) for fit in (plain, decayed)]
    assert errors[1] < errors[0]
    assert decayed.effective_parameters < 0.8 * plain.effective_parameters


def test_a_penalized_network_does_not_claim_what_no_search_confirmed():
    # Several searches may agree on what another key beats.
    x = np.sort(np.random.default_rng(5).uniform(0, 1, 60))
    y = np.sin(8 * x) + np.random.default_rng(6).normal(0, 0.3, 60)
    fits = [sf.fit(x, y, sf.Dense(4), 0.3, penalty=sf.Ridge(0.1), key=key) for key in (0, 1)]
    assert all(fit.status is sf.Status.unconfirmed for fit in fits)
    assert "is not confirmed: compare other keys" in " ".join(str(fits[0]).split())


def test_a_chosen_decay_does_not_make_a_network_a_constant():
    x = np.sort(np.random.default_rng(5).uniform(0, 1, 60))
    y = np.sin(8 * x) + np.random.default_rng(6).normal(0, 0.3, 60)
    fit = sf.fit(x, y, sf.Dense(8), 0.3, penalty=sf.Ridge())
    assert 4 < fit.effective_parameters < 15
    assert fit.pvalue > 1e-3


def test_a_network_may_have_more_weights_than_there_are_points():
    x = np.linspace(0, 1, 15)
    y = x**2 + np.random.default_rng(7).normal(0, 0.05, 15)
    fit = sf.fit(x, y, sf.Dense(6), 0.05, penalty=sf.Ridge(0.1))
    assert fit.effective_parameters < 8
    assert np.abs(fit.predict(x) - x**2).max() < 0.1
    assert not fit.valid


def test_a_stopped_search_says_so_and_can_be_saved(tmp_path):
    x, y = sample(1, 100)

    def stop(what, value):
        raise KeyboardInterrupt

    fit = sf.fit(x, y, sf.Dense(3), SIGMA, penalty=sf.Ridge(), progress=stop)
    assert fit.status is sf.Status.interrupted
    fit.save(tmp_path / "fit.json")
    assert sf.load(tmp_path / "fit.json").status is sf.Status.interrupted


def test_counts_are_penalized_too(rng):
    x = np.linspace(0, 1, 60)
    counts = rng.poisson(20 + 15 * np.sin(6 * x))
    model = sf.Chebyshev(12)
    fit = sf.fit(x, counts, model, loss=sf.Poisson(), penalty=sf.Roughness())
    assert fit.valid
    assert 3 < fit.effective_parameters < 10
    assert np.mean(np.abs(fit.predict(x) - 20 - 15 * np.sin(6 * x))) < 3


def test_a_penalized_fit_says_what_it_spends_and_survives_a_file(tmp_path):
    fit = sf.fit(X, Y, sf.Chebyshev(20), 0.2, penalty=sf.Roughness())
    text = " ".join(str(fit).split())
    assert f"spends {fit.effective_parameters:.3g} of 21 parameters" in text
    assert f"/{fit.ndof:.1f}" in text
    fit.save(tmp_path / "fit.json")
    again = sf.load(tmp_path / "fit.json")
    assert str(again.penalty) == str(fit.penalty)
    assert again.ndof == fit.ndof
    assert again.chi2 == fit.chi2
    np.testing.assert_array_equal(again.predict(X), fit.predict(X))


def test_cross_validation_keeps_the_penalty():
    fit = sf.fit(X, Y, sf.Chebyshev(30), 0.2, penalty=sf.Roughness())
    free = sf.fit(X, Y, sf.Chebyshev(30), 0.2)
    penalized, without = (sf.cross_validate(one).mean for one in (fit, free))
    assert penalized < without


def test_toys_of_a_penalized_fit_are_refitted_with_the_penalty():
    fit = sf.fit(X, Y, sf.Chebyshev(12), 0.2, penalty=sf.Ridge(1e-6))
    found = fit.check_coverage(500, cold=0.0)
    assert abs(found.band.means[0].share - 0.6827) < 0.02 + 3 * found.band.means[0].error


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"penalty": 0.1}, sf.InvalidType, "sf.Ridge"),
        ({"penalty": sf.Ridge(), "fixed": {"slope": 1.0}}, sf.InvalidOption, "fixed"),
        ({"penalty": sf.Ridge(), "bounds": {"slope": (0, 1)}}, sf.InvalidOption, "bounds"),
        ({"penalty": sf.Ridge(), "loss": sf.Huber()}, sf.InvalidOption, "no likelihood"),
    ],
)
def test_what_does_not_go_with_a_penalty_is_refused(options, error, message):
    with pytest.raises(error, match=message):
        sf.fit(X, Y, sf.Line(), 0.2, **options)


@pytest.mark.parametrize("strength", [0, -1.0, np.nan, np.inf, True])
def test_a_strength_has_to_be_a_positive_number(strength):
    with pytest.raises(sf.InvalidOption, match="strength of Ridge"):
        sf.Ridge(strength)


def test_models_that_a_penalty_does_not_suit_are_refused():
    with pytest.raises(sf.InvalidModel, match="constraints="):
        sf.fit(X, Y, lambda x, a, b: a * x**b, 0.2, penalty=sf.Ridge())
    with pytest.raises(sf.InvalidModel, match="linear models of one input"):
        sf.fit(X, Y, sf.Dense(2), 0.2, penalty=sf.Roughness())


def test_penalized_fits_take_no_part_in_tests_of_likelihoods():
    small, large = (sf.fit(X, Y, sf.Chebyshev(n), 0.2, penalty=sf.Ridge(1.0)) for n in (5, 8))
    with pytest.raises(sf.NotAvailable, match="penalty"):
        sf.likelihood_ratio(small, large)
    with pytest.raises(sf.NotAvailable, match="prior"):
        sf.bayes_factor(small, large)
