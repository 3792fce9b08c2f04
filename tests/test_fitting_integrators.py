"""Functions that solve differential equations: integrators that give up, and long loops."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import surefit as sf

T = np.linspace(0.0, 1.0, 25)
# dy/dt = k y² from y0: infinite at t = 1/(k y0), where integrators give up.
TRUTH = (1.0, 0.7)


def closed(t, y0, k):
    return y0 / (1 - k * y0 * t)


def sample():
    return closed(T, *TRUTH) + np.random.default_rng(1).normal(0, 0.02, len(T))


def test_an_integrator_that_gives_up_on_some_trials_fits_as_the_closed_form_does():
    n_short = 0

    def growth(t, y0, k):
        nonlocal n_short
        solved = solve_ivp(lambda _, y: k * y**2, (0.0, t[-1]), [y0], t_eval=t, rtol=1e-7)
        n_short += len(solved.y[0]) < len(t)
        return solved.y[0]

    y = sample()
    fit, reference = sf.fit(T, y, growth, 0.02), sf.fit(T, y, closed, 0.02)
    assert n_short > 0
    assert fit.valid
    assert any("Derivatives are numerical" in note for note in fit.notes)
    for name, value in reference.values.items():
        assert abs(fit.values[name] - value) < 1e-3 * reference.errors[name]
        assert fit.errors[name] == pytest.approx(reference.errors[name], rel=1e-3)


def test_an_iteration_that_does_not_converge_on_some_trials_is_put_up_with():
    def implicit(t, y0, k):  # y = y0 + k t y² by repetition
        y = np.full(len(t), y0)
        for _ in range(500):
            y, before = y0 + k * t * y0 * y, y
            if np.all(np.abs(y - before) < 1e-10):
                return y
        raise RuntimeError("no convergence")

    y = sample()
    fit, reference = sf.fit(T, y, implicit, 0.02), sf.fit(T, y, closed, 0.02)
    assert fit.valid
    for name, value in reference.values.items():
        assert abs(fit.values[name] - value) < 1e-3 * reference.errors[name]


def test_a_result_that_is_always_short_is_an_error():
    with pytest.raises(sf.ShapeMismatch, match=r"lambda returned shape \(24,\) for x with 25"):
        sf.fit(T, sample(), lambda t, a: a * t[:-1], 0.02)


def euler(n_steps):
    def growth(t, y0, k):
        y, at = [y0], np.linspace(0.0, 1.0, n_steps + 1)
        for _ in range(n_steps):
            y.append(y[-1] + k * y[-1] ** 2 / n_steps)
        return np.interp(t, at, np.array(y))

    return growth


def test_a_long_loop_is_not_compiled_and_a_short_one_is():
    y = sample()
    short, long = sf.fit(T, y, euler(50), 0.02), sf.fit(T, y, euler(2000), 0.02)
    assert not short.notes
    assert any("operations one after the other" in note for note in long.notes)
    # Euler's error is of first order in the step.
    reference = sf.fit(T, y, closed, 0.02)
    for name, value in reference.values.items():
        off = [abs(fit.values[name] - value) for fit in (short, long)]
        assert off[1] == pytest.approx(off[0] / 40, rel=0.2)
    assert short.valid
    assert long.valid


def test_a_whole_number_in_the_signature_that_is_no_parameter_is_pointed_out():
    def steps(t, y0, k, n=50):
        return euler(n)(t, y0, k)

    with pytest.raises(sf.ModelFailed, match=r"default \(n\) is a parameter.*behind a `\*`"):
        sf.fit(T, sample(), steps, 0.02)
