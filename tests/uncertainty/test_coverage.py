"""Errors and bands contain the truth as often as they state, and the check of it can tell."""

import dataclasses
import math

import numpy as np
import pytest

import surefit as sf
from surefit.uncertainty.coverage import band_coverage, parameter_coverage
from surefit.uncertainty.toy_fits import ToyFits
from surefit.uncertainty.toys import drawn_toys
from tests.lesson_sample import SIGMA, ansatz, sample

X = np.linspace(0.0, 1.0, 40)
LEVELS = (0.6827, 0.9545)


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


def line_fit(rng, **options):
    return sf.fit(X, 1 + 2 * X + 0.1 * rng.standard_normal(40), sf.Line(), 0.1, **options)


def within(covered, n, *, slack=0.0):
    """A coverage is nominal to within three binomial errors."""
    return abs(covered.share - covered.level) <= slack + 3 * math.sqrt(0.25 / n)


@pytest.mark.parametrize(
    "options",
    [{}, {"constraints": {"slope": (2.0, 0.05)}}, {"bounds": {"slope": (0, None)}}],
)
def test_a_line_covers_what_it_states(options, rng):
    found = line_fit(rng, **options).check_coverage(400, cold=0.01)
    for one in found.parameters:
        assert all(within(covered, 400) for covered in one.symmetric)
        assert abs(one.mean_pull) < 3 / math.sqrt(400)
        assert abs(one.pull_width - 1) < 3 / math.sqrt(800)
    assert all(within(covered, 400) for covered in found.band.means)
    assert found.n_lower == 0 == found.n_failed
    assert found.is_covered


def test_errors_estimated_from_the_residuals_cover_by_students_t(rng):
    x = X[::8]
    fit = sf.fit(x, 1 + 2 * x + 0.1 * rng.standard_normal(5), sf.Line())
    found = fit.check_coverage(600, cold=0.0)
    assert all(within(one, 600) for row in found.parameters for one in row.symmetric)


@pytest.mark.slow
def test_the_profile_of_a_limited_parameter_covers_at_least_what_it_states(rng):
    y = decay(X, 2.0, 0.3, 0.0) - 0.02 + 0.05 * rng.standard_normal(40)
    fit = sf.fit(X, y, decay, 0.05, bounds={"c": (0, None)})
    found = fit.check_coverage(100, profiles=True, cold=0.0)
    assert found["c"].profile[0].share >= 0.6827 - 3 * math.sqrt(0.25 / 100)
    assert "c, profile" in str(found)


def test_parameters_without_an_error_are_named(rng):
    y = decay(X, 2.0, 0.3, 0.0) - 0.2 + 0.05 * rng.standard_normal(40)
    fit = sf.fit(X, y, decay, 0.05, bounds={"c": (0, None)})
    found = fit.check_coverage(100, cold=0.0)
    assert found.left_out == {"c": "at its limit"}
    assert "c (at its limit)" in str(found)


def made_up(rng, stated):
    """Fits of 4000 toys whose values scatter by 1, with an error that is stated."""
    values = rng.standard_normal((4000, 1))
    errors, half = np.full((4000, 1), stated), np.tile([1.0, 2.0], (4000, 1))
    whole, good = np.ones(4000, dtype=int), np.ones(4000, dtype=bool)
    return ToyFits(("a",), values, errors, values, errors, half, None, whole, good)


def test_errors_half_the_size_are_found_out_with_the_factor_that_mends_them(rng):
    toys = made_up(rng, 0.5)
    one = parameter_coverage(toys, 0, 0.0, LEVELS, None)
    band = band_coverage(toys, np.zeros(1), np.zeros(1), LEVELS)
    expected = math.erf(0.5 / math.sqrt(2))
    for covered in (one.symmetric[0], band.means[0]):
        assert abs(covered.share - expected) < 3 * math.sqrt(expected * (1 - expected) / 4000)
    assert abs(one.factor - 2) < 0.15
    assert abs(band.factor - 2) < 0.15
    assert abs(one.pull_width - 2) < 0.1


def test_an_end_that_does_not_exist_excludes_nothing(rng):
    toys = made_up(rng, 1.0)
    ends = np.full((4000, 2, 1, 2), np.nan)
    ends[:2000, :, 0, 0], ends[2000:, :, 0, 0] = -1.0, 1.0
    open_above = dataclasses.replace(toys, intervals=ends)
    one = parameter_coverage(open_above, 0, 0.0, LEVELS, 0)
    assert [covered.share for covered in one.profile] == [0.5, 0.5]


def test_a_corrected_fit_has_wider_errors_and_says_so(rng):
    fit = line_fit(rng)
    found = fit.check_coverage(100, cold=0.0)
    corrected = found.corrected()
    ratio = corrected.errors["slope"] / fit.errors["slope"]
    np.testing.assert_allclose(ratio, found.band.factor)
    assert "100 toys" in str(corrected)
    assert corrected.values == fit.values
    # The profile of a line is its error: corrected alike.
    lower, upper = corrected.interval("slope")
    np.testing.assert_allclose((upper - lower) / 2, corrected.errors["slope"], rtol=1e-4)


def test_pulls_that_are_not_normal_are_told(rng):
    fit = sf.fit(X, decay(X, 1.0, 0.4, 0.2) + 0.01 * rng.standard_normal(40), decay, 0.01)
    found = fit.check_coverage(100, cold=0.0)
    first = dataclasses.replace(found.parameters[0], mean_pull=0.6, pull_width=1.0)
    rest = [dataclasses.replace(one, mean_pull=0.0, pull_width=1.0) for one in found.parameters[1:]]
    skewed = dataclasses.replace(found, parameters=(first, *rest))
    normal = dataclasses.replace(found, parameters=tuple(rest))
    assert f"The pulls of {first.name} are not 0 ± 1" in str(skewed).replace("\n", " ")
    assert "are not 0 ± 1" not in str(normal).replace("\n", " ")


def test_toys_have_the_errors_of_the_fit(rng):
    covariance = 0.01 * np.exp(-np.abs(X[:, None] - X) / 0.1)
    fit = sf.fit(X, 1 + 2 * X, sf.Line(), covariance)
    drawn = drawn_toys(fit, 4000, rng).y[:, :, 0] - (1 + 2 * X)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=6 * 0.01 / math.sqrt(4000))
    counts = sf.fit(X, np.full(40, 9.0), sf.Constant(), loss=sf.Poisson())
    y = drawn_toys(counts, 500, rng).y
    assert set(np.unique(y % 1)) == {0.0}
    assert abs(y.var() / y.mean() - 1) < 0.05


def test_what_constraints_measured_is_drawn_too(rng):
    fit = line_fit(rng, constraints={"slope": (2.0, 0.05)})
    targets = drawn_toys(fit, 4000, rng).targets
    assert abs(targets.std() - 1) < 0.05


def test_too_few_toys_are_refused(rng):
    with pytest.raises(sf.InvalidOption, match="toys is 10"):
        line_fit(rng).check_coverage(10)
    with pytest.raises(sf.InvalidOption, match="cold is 2"):
        line_fit(rng).check_coverage(cold=2)


def test_the_figure_and_the_notebook_view_show_each_parameter(rng):
    found = line_fit(rng).check_coverage(100, cold=0.0)
    labels = [label.get_text() for label in found.plot().axes[0].get_yticklabels()]
    assert labels == ["intercept", "slope"]
    assert "slope" in found._repr_html_()


@pytest.mark.slow
@pytest.mark.parametrize("model", [sf.Chebyshev(14), sf.Sigmoids(5), sf.Dense(5)], ids=str)
def test_bands_of_the_lessons_models_cover_what_they_state(model):
    fit = sf.fit(*sample(0), model, SIGMA)
    found = fit.check_coverage(2000, cold=0.0)
    assert all(abs(one.share - one.level) < 0.02 for one in found.band.means)
    assert abs(found.band.mean_pull) < 0.1
    assert 0.95 < found.band.pull_width < 1.05
    for i, level in enumerate(LEVELS):
        error = math.sqrt(level * (1 - level) / 2000)
        assert (np.abs(found.band.shares[i] - level) < 0.02 + 3 * error).all()


@pytest.mark.slow
def test_the_mean_band_of_a_larger_network_covers_and_weights_that_do_not_are_named():
    found = sf.fit(*sample(0), sf.Dense(10), SIGMA).check_coverage(500, cold=0.0)
    for one in found.band.means:
        assert abs(one.share - one.level) < 0.02 + 3 * one.error
    said = " ".join(str(found).split())
    assert found.short
    assert "Too small: the errors of" in said


@pytest.mark.slow
def test_profiles_of_steps_cover_at_least_what_they_state():
    fit = sf.fit(*sample(0, 200), ansatz, SIGMA)
    found = fit.check_coverage(200, profiles=True, cold=0.0)
    for name in ("A", "B"):
        for one in found[name].profile:
            assert one.share > one.level - 3 * one.error
    for one in found.band.means:
        assert abs(one.share - one.level) < 0.02 + 3 * one.error
