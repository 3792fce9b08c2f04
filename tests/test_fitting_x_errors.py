"""Errors on x: published results, closed forms, ODRPACK, and latent x fitted as parameters."""

import numpy as np
import pytest
import scipy
from hypothesis import given, settings
from hypothesis import strategies as st
from odrpack import odr_fit

import surefit as sf

# Pearson's data with York's weights: York 1966, Can. J. Phys. 44, 1079; solution as in
# York et al. 2004, Am. J. Phys. 72, 367, table II.
PEARSON_X = np.array([0, 0.9, 1.8, 2.6, 3.3, 4.4, 5.2, 6.1, 6.5, 7.4])
PEARSON_Y = np.array([5.9, 5.4, 4.4, 4.6, 3.5, 3.7, 2.8, 2.8, 2.4, 1.5])
YORK_X = np.array([1000, 1000, 500, 800, 200, 80, 60, 20, 1.8, 1]) ** -0.5
YORK_Y = np.array([1, 1.8, 4, 8, 20, 20, 70, 70, 100, 500]) ** -0.5


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


def peak(x, height, mean, width, low, slope):
    return height * np.exp(-(((x - mean) / width) ** 2) / 2) + low + slope * x


def saddle(x, a, b, c):
    return a + b * x[:, 0] * x[:, 1] + c * x[:, 0]


def line_data(seed, n=30, sigma_x=0.3, sigma_y=0.2):
    rng = np.random.default_rng(seed)
    true = rng.uniform(0, 5, n)
    return true + rng.normal(0, sigma_x, n), 1 + 2 * true + rng.normal(0, sigma_y, n)


@pytest.mark.parametrize("method", [sf.ErrorsInVariables, sf.EffectiveVariance])
def test_pearsons_data_with_yorks_weights_give_the_published_line(method):
    fit = sf.fit(PEARSON_X, PEARSON_Y, sf.Line(), yerr=YORK_Y, xerr=method(YORK_X))
    assert fit.values["intercept"] == pytest.approx(5.47991022, abs=1e-8)
    assert fit.values["slope"] == pytest.approx(-0.48053341, abs=1e-8)
    assert fit.errors["intercept"] == pytest.approx(0.29497, abs=1e-5)
    assert fit.errors["slope"] == pytest.approx(0.057985, abs=1e-6)
    assert fit.chi2 / fit.ndof == pytest.approx(1.483, abs=1e-3)
    assert fit.valid


@pytest.mark.parametrize(("seed", "ratio"), [(0, 0.3), (1, 1.0), (2, 4.0)])
def test_equal_errors_give_demings_line(seed, ratio):
    x, y = line_data(seed, sigma_x=0.2 * ratio)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.2 * ratio)
    # Deming 1943; δ is the ratio of the variance of y to that of x.
    sxx, syy = np.var(x), np.var(y)
    sxy, delta = np.cov(x, y, bias=True)[0, 1], ratio**-2
    excess = syy - delta * sxx
    slope = (excess + np.sqrt(excess**2 + 4 * delta * sxy**2)) / (2 * sxy)
    assert fit.values["slope"] == pytest.approx(slope, rel=1e-8)
    assert fit.values["intercept"] == pytest.approx(y.mean() - slope * x.mean(), abs=1e-7)


def test_exchanging_x_and_y_inverts_the_line():
    x, y = line_data(3)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.3)
    back = sf.fit(y, x, sf.Line(), yerr=0.3, xerr=0.2)
    assert back.values["slope"] == pytest.approx(1 / fit.values["slope"], rel=1e-8)
    assert back.chi2 == pytest.approx(fit.chi2, rel=1e-10)


@pytest.mark.parametrize(
    ("function", "truth", "x", "sigma_x", "sigma_y"),
    [
        (decay, (5, 2, 1), np.linspace(0, 10, 40), 0.2, 0.1),
        (peak, (5, 4, 1, 1, 0.1), np.linspace(0, 10, 60), 0.2, 0.2),
        (saddle, (1, 2, -1), np.random.default_rng(0).normal(0, 1, (50, 2)), (0.1, 0.3), 0.2),
    ],
)
def test_functions_agree_with_odrpack_from_no_start(function, truth, x, sigma_x, sigma_y):
    rng = np.random.default_rng(1)
    y = function(x, *truth) + rng.normal(0, sigma_y, len(x))
    spread = np.broadcast_to(sigma_x, x.shape)
    measured = x + rng.normal(0, 1, x.shape) * spread
    fit = sf.fit(measured, y, function, yerr=sigma_y, xerr=spread)
    reference = odr_fit(
        lambda x, beta: function(x.T if x.ndim == 2 else x, *beta),
        measured.T,
        y,
        np.array(truth, dtype=float),
        weight_x=np.ascontiguousarray((1 / spread**2).T),
        weight_y=1 / sigma_y**2,
        diff_scheme="central",
        partol=1e-14,
        sstol=1e-14,
    )
    errors = np.array(list(fit.errors.values()))
    assert list(fit.values.values()) == pytest.approx(reference.beta, abs=1e-5 * errors.min())
    assert fit.chi2 == pytest.approx(reference.sum_square, rel=1e-9)
    assert errors == pytest.approx(np.sqrt(np.diag(reference.cov_beta)), rel=1e-5)
    assert fit.valid


def two_outputs(x, a, b, c):
    return np.stack([a * np.exp(b * x), a + c * x], axis=1)


def test_several_outputs_agree_with_latent_x_fitted_as_parameters():
    rng = np.random.default_rng(4)
    true = np.linspace(0, 2, 15)
    x = true + rng.normal(0, 0.1, 15)
    y = two_outputs(true, 1.0, -0.7, 0.5) + rng.normal(0, [0.05, 0.1], (15, 2))
    fit = sf.fit(x, y, two_outputs, yerr=np.broadcast_to([0.05, 0.1], (15, 2)), xerr=0.1)

    def residuals(p):
        pulls = (two_outputs(p[3:], *p[:3]) - y) / [0.05, 0.1]
        return np.concatenate([pulls.ravel(), (p[3:] - x) / 0.1])

    reference = scipy.optimize.least_squares(
        residuals, np.concatenate([[1, -0.7, 0.5], x]), xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    errors = np.sqrt(np.diag(np.linalg.inv(reference.jac.T @ reference.jac))[:3])
    assert list(fit.values.values()) == pytest.approx(reference.x[:3], abs=1e-6)
    assert list(fit.errors.values()) == pytest.approx(errors, rel=1e-4)
    assert fit.chi2 == pytest.approx(2 * reference.cost, rel=1e-8)


def test_effective_variance_minimizes_the_residuals_over_the_effective_errors():
    rng = np.random.default_rng(5)
    true = np.linspace(0, 8, 40)
    x = true + rng.normal(0, 0.3, 40)
    y = decay(true, 5, 2, 1) + rng.normal(0, 0.1, 40)
    fit = sf.fit(x, y, decay, yerr=0.1, xerr=sf.EffectiveVariance(0.3))

    def residuals(p):
        slope = -p[0] / p[1] * np.exp(-x / p[1])
        return (decay(x, *p) - y) / np.sqrt(0.1**2 + (slope * 0.3) ** 2)

    found = scipy.optimize.least_squares(residuals, [5, 2, 1], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    assert list(fit.values.values()) == pytest.approx(found.x, abs=1e-6)
    assert fit.chi2 == pytest.approx(2 * found.cost, rel=1e-9)


@pytest.mark.parametrize("model", [sf.Chebyshev(5), sf.Dense(1)])
def test_models_of_all_kinds_take_errors_on_x_from_no_start(model):
    rng = np.random.default_rng(6)
    true = np.linspace(-3, 3, 120)
    x, y = true + rng.normal(0, 0.1, 120), np.tanh(true) + rng.normal(0, 0.05, 120)
    fit = sf.fit(x, y, model, yerr=0.05, xerr=0.1)
    assert fit.status.is_minimum
    assert 0.5 < fit.chi2 / fit.ndof < 1.5
    # Without the errors on x the steep part would not fit.
    assert sf.fit(x, y, model, yerr=0.05).chi2 > 1.5 * fit.chi2


def test_a_steep_oscillation_is_not_preferred_to_the_slow_one_that_the_data_show():
    rng = np.random.default_rng(1)
    true = np.linspace(0, 10, 80)
    x = true + rng.normal(0, 0.1, 80)
    y = 2 * np.sin(3 * true + 0.5) + rng.normal(0, 0.1, 80)
    fit = sf.fit(x, y, lambda x, a, w, p: a * np.sin(w * x + p), yerr=0.1, xerr=0.1)
    assert abs(fit.values["w"]) == pytest.approx(3, abs=0.05)
    assert fit.valid


def test_exact_x_may_stand_among_others():
    x, y = line_data(7)
    sigma = np.where(np.arange(len(x)) % 2, 0.3, 0.0)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=sigma)
    slope = fit.values["slope"]
    weights = 1 / (0.2**2 + (slope * sigma) ** 2)
    assert fit.chi2 == pytest.approx(np.sum(weights * (y - fit.predict(x)) ** 2), rel=1e-9)


def test_profile_interval_is_where_chi2_with_both_errors_has_risen_by_one():
    x, y = line_data(8, n=12)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.3)

    def profiled(slope):
        weight = 1 / (0.2**2 + (slope * 0.3) ** 2)
        residuals = y - slope * x
        return weight * np.sum((residuals - residuals.mean()) ** 2) - fit.chi2 - 1

    best, error = fit.values["slope"], fit.errors["slope"]
    upper = scipy.optimize.brentq(profiled, best, best + 3 * error, xtol=1e-12)
    lower = scipy.optimize.brentq(profiled, best - 3 * error, best, xtol=1e-12)
    found = fit.interval("slope")
    assert (found.lower, found.upper) == pytest.approx((lower, upper), abs=1e-4 * error)


def test_residuals_are_judged_with_both_errors():
    x, y = line_data(9, n=200)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.3)
    assert fit.pvalue > 0.001
    assert "Nothing in the residuals speaks against" in str(fit.goodness)


def test_robust_loss_with_errors_on_x_resists_outliers():
    x, y = line_data(10, n=60)
    y[:5] += 20
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.3, loss=sf.Cauchy())
    assert fit.values["slope"] == pytest.approx(2, abs=4 * fit.errors["slope"])


def test_a_saved_fit_keeps_its_errors_on_x(tmp_path):
    x, y = line_data(11)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=sf.EffectiveVariance(0.3))
    fit.save(tmp_path / "fit.json")
    loaded = sf.load(tmp_path / "fit.json")
    assert loaded.interval("slope") == fit.interval("slope")
    assert str(loaded.data.reading) == "EffectiveErrors()"
    assert "Effective variance" in str(loaded)


def test_the_figure_shows_errors_on_x_and_pulls_of_both():
    x, y = line_data(12)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.3)
    bars = fit.curve().bars
    assert bars.xerr == pytest.approx(np.full(30, 0.3))
    assert np.sum(bars.pull**2) == pytest.approx(fit.chi2)
    segments = fit.plot().axes[0].containers[0].lines[2][0].get_segments()
    assert np.ptp(segments[0][:, 0]) == pytest.approx(0.6)


def test_many_points_cost_little_more_than_without_errors_on_x():
    rng = np.random.default_rng(13)
    true = rng.uniform(0, 5, 20_000)
    x, y = true + rng.normal(0, 0.1, true.size), 1 + 2 * true + rng.normal(0, 0.2, true.size)
    fit = sf.fit(x, y, sf.Line(), yerr=0.2, xerr=0.1)
    assert fit.values["slope"] == pytest.approx(2, abs=4 * fit.errors["slope"])
    assert fit.pvalue > 1e-4


def jump(x, a, edge):
    return np.where(x < edge, a, 0.0)


def summed(x, a, b):
    return a * np.cumsum(x) + b


REFUSED = [
    ({"xerr": -0.1}, sf.InvalidErrors, "no standard deviation, the first -0.1"),
    ({"xerr": [0.1, np.nan, 0.1, 0.1]}, sf.InvalidErrors, "xerr has 1 value"),
    ({"xerr": 0.0}, sf.InvalidErrors, "xerr is 0 for every point; leave it out"),
    ({"xerr": [0.1, 0.2]}, sf.ShapeMismatch, r"xerr has shape \(2,\) but x has shape \(4,\)"),
    ({"xerr": "wide"}, sf.InvalidType, "xerr is a str"),
    ({"xerr": sf.EffectiveVariance(None)}, sf.InvalidType, "xerr is None"),
    ({"xerr": np.ma.masked_less([1, 1, 1, 0], 1)}, sf.InvalidErrors, "xerr has masked values"),
    ({"xerr": 0.1, "yerr": None}, sf.InvalidOption, "xerr needs yerr"),
    (
        {"xerr": 0.1, "yerr": np.eye(4)},
        sf.InvalidOption,
        "xerr needs independent, symmetric errors on y",
    ),
    ({"xerr": 0.1, "model": jump}, sf.InvalidModel, "slope of jump along x, but it jumps"),
    ({"xerr": 0.1, "model": summed}, sf.InvalidModel, "depends on that x alone; summed"),
    ({"xerr": 0.1, "minimizer": sf.ClosedForm()}, sf.UnsuitableMinimizer, "not linear"),
]


@pytest.mark.parametrize(("given_", "error", "message"), REFUSED)
def test_what_cannot_be_done_is_refused_with_a_reason(given_, error, message):
    x, y = [0.0, 1.0, 2.0, 3.0], [0.1, 1.2, 1.9, 3.1]
    arguments = {"model": sf.Line(), "yerr": 0.1} | given_
    with pytest.raises(error, match=message):
        sf.fit(x, y, **arguments)


def test_poisson_counts_do_not_take_errors_on_x():
    with pytest.raises(sf.DataError, match="Poisson counts carry their own errors"):
        sf.fit([0, 1, 2], [4, 0, 2], sf.Constant(), yerr=1, xerr=0.1, loss=sf.Poisson())


GARBAGE = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.floats(),
    st.lists(st.floats(), max_size=5),
    st.lists(st.lists(st.floats(), max_size=3), max_size=4),
    st.just(object()),
    st.dictionaries(st.text(max_size=1), st.floats(), max_size=1),
)


@settings(max_examples=60, deadline=None)
@given(GARBAGE)
def test_whatever_is_passed_as_xerr_is_used_or_refused_by_name(xerr):
    x, y = [0.0, 1.0, 2.0, 3.0], [0.1, 1.2, 1.9, 3.1]
    try:
        fit = sf.fit(x, y, sf.Line(), yerr=0.1, xerr=xerr)
    except sf.SurefitError as error:
        refused = str(error)
    else:
        refused = None if xerr is None or np.isfinite(fit.chi2) else "nothing said"
    assert refused is None or "xerr" in refused


@pytest.mark.slow
@pytest.mark.parametrize("function", [sf.Line(), decay])
def test_errors_and_intervals_cover_for_toys_with_errors_on_x(function):
    rng = np.random.default_rng(14)
    n_toys, true = 400, np.linspace(0, 8, 40)
    truth = {"slope": 0.5, "intercept": 1.0} if function != decay else {"a": 5, "tau": 2, "c": 1}
    mean = 1 + 0.5 * true if function != decay else decay(true, 5, 2, 1)
    pulls, covered = [], []
    for _ in range(n_toys):
        x, y = true + rng.normal(0, 0.2, 40), mean + rng.normal(0, 0.1, 40)
        fit = sf.fit(x, y, function, yerr=0.1, xerr=0.2)
        pulls.append(
            [(fit.values[name] - value) / fit.errors[name] for name, value in truth.items()]
        )
        intervals = fit.intervals()
        covered.append(
            [intervals[k].lower <= value <= intervals[k].upper for k, value in truth.items()]
        )
    binomial = np.sqrt(0.6827 * 0.3173 / n_toys)
    assert np.abs(np.mean(covered, axis=0) - 0.6827).max() < 0.02 + 3 * binomial
    assert np.abs(np.mean(pulls, axis=0)).max() < 0.1 + 3 / np.sqrt(n_toys)
    assert np.std(pulls, axis=0) == pytest.approx(1, abs=0.05 + 3 / np.sqrt(2 * n_toys))
