"""Every status is reached by a fit that deserves it, and says so in words."""

import numpy as np
import pytest

import surefit as sf
from surefit.minimizers.base import Budget, Status
from tests.lesson_sample import SIGMA, sample

SIZE = 0.05


def decay(x, height, lifetime):
    return height * np.exp(-x / lifetime)


@pytest.fixture(scope="module")
def decaying():
    x = np.linspace(0, 5, 60)
    return x, decay(x, 3.0, 1.5) + SIZE * np.random.default_rng(1).standard_normal(60)


def test_converged(decaying):
    fit = sf.fit(*decaying, decay, SIZE)
    assert fit.status is Status.converged
    assert fit.valid


def test_at_bound_and_the_limit_is_named(decaying):
    fit = sf.fit(*decaying, decay, SIZE, bounds={"lifetime": (2, None)})
    assert fit.status is Status.at_bound
    assert fit.valid
    assert fit.values["lifetime"] == 2
    assert "at its limit" in str(fit)


def test_undetermined_and_the_combination_is_named(decaying):
    def product(x, a, b, lifetime):
        return a * b * np.exp(-x / lifetime)

    fit = sf.fit(*decaying, product, SIZE)
    assert fit.status is Status.undetermined
    assert not fit.valid
    assert np.isnan(fit.errors["a"])
    assert fit.errors["lifetime"] == pytest.approx(
        sf.fit(*decaying, decay, SIZE).errors["lifetime"], rel=1e-6
    )
    assert "Raising a by 1 % is undone by lowering b by 1 %." in fit.notes


def test_a_parameter_without_effect_is_named(decaying):
    def with_idle(x, height, lifetime, color):
        return height * np.exp(-x / lifetime) + 0 * color

    fit = sf.fit(*decaying, with_idle, SIZE)
    assert fit.status is Status.undetermined
    assert any("does not depend on color" in note for note in fit.notes)
    assert "no effect" in str(fit)


def test_merging_where_two_sigmoids_run_off_with_opposite_coefficients():
    """Two sigmoids cannot follow the sample; their best fit is the derivative of one."""
    x, y = sample(4)
    fit = sf.fit(x, y, sf.Sigmoids(2), SIGMA)
    assert fit.status is Status.merging
    assert not fit.valid
    # The curve has a band all the same.
    lower, upper = fit.band(x)
    assert np.isfinite(upper - lower).all()


def test_at_kink_where_a_rectifier_switches_at_a_point():
    x = np.linspace(-1, 1, 40)
    n_kinks = 0
    for seed in range(4):
        y = np.maximum(x - 0.3, 0) * 2 + 0.01 * np.random.default_rng(seed).standard_normal(40)
        fit = sf.fit(x, y, sf.Dense(2, activation="relu"), 0.01)
        if fit.status is Status.at_kink:
            n_kinks += 1
            switches = -fit.parameters["hidden.bias"] / fit.parameters["hidden.weight"][:, 0]
            assert np.abs(switches[:, None] - x).min() < 1e-6
    assert n_kinks > 0


def test_at_jump_where_a_period_would_go_on_but_for_a_point():
    def sawtooth(x, a, p, c):
        return a * (x % p) + c

    x = np.linspace(0, 10, 100)
    y = sawtooth(x, 1.0, 2.049, 0.5) + 0.1 * np.random.default_rng(10).standard_normal(100)
    fit = sf.fit(x, y, sawtooth, 0.1)
    assert fit.status is Status.at_jump
    assert fit.valid
    assert "p is beside a jump" in str(fit)
    # A little further on one side, all else fitted, it is far worse.
    beside = [fit.values["p"] * (1 + move) for move in (-1e-6, 1e-6)]
    chi2 = [sf.fit(x, y, sawtooth, 0.1, fixed={"p": value}).chi2 for value in beside]
    assert min(chi2) > fit.chi2 - 1e-6
    assert max(chi2) > fit.chi2 + 10


def test_unconfirmed_where_searches_end_at_different_curves():
    """Eight units on thirty points of the lesson: many minima, of nearly the same chi2."""
    x, y = sample(3, 60)
    fit = sf.fit(x, y, sf.Sigmoids(8), SIGMA, budget=Budget(starts=0.3))
    assert fit.status is Status.unconfirmed
    assert not fit.valid
    assert not fit.evidence.is_confirmed


def test_not_stationary_where_the_slope_is_infinite():
    """The best constant is negative; the square root cannot reach it and rises steeply from 0."""
    x = np.linspace(0, 5, 60)
    y = -1 + 0.3 * x + SIZE * np.random.default_rng(1).standard_normal(60)
    fit = sf.fit(x, y, lambda x, a, b: np.sqrt(a) + b * x, SIZE)
    assert fit.status is Status.not_stationary
    assert not fit.valid


def test_budget_exhausted_where_time_is_over_at_once(decaying):
    fit = sf.fit(*decaying, decay, SIZE, budget=Budget(seconds=1e-9))
    assert fit.status is Status.budget_exhausted
    assert not fit.valid
    assert "budget" in str(fit)


def test_interrupted_where_the_user_stops_it(decaying):
    def stop(*_):
        raise KeyboardInterrupt

    fit = sf.fit(*decaying, decay, SIZE, progress=stop)
    assert fit.status is Status.interrupted
    assert not fit.valid


def test_not_finite_where_bounds_leave_only_what_is_not_defined(decaying):
    x, y = decaying
    fit = sf.fit(x, y, lambda x, a, b: a * np.log(b - x), SIZE, bounds={"b": (None, 4)})
    assert fit.status is Status.not_finite
    assert not fit.valid


def test_bad_data_in_one_row_of_many(decaying):
    x, y = decaying
    rows = np.stack([y, np.where(x > 2, np.nan, y)])
    fits = sf.fit_many(x, rows, decay, SIZE)
    assert list(fits["status"])[1] in (Status.bad_data, Status.bad_data.name)
    assert list(fits["valid"]) == [True, False]


def test_no_status_is_left_out():
    reached = {
        name
        for name in Status.__members__
        if any(name in key for key in globals() if key.startswith("test_"))
    }
    assert reached == set(Status.__members__)
