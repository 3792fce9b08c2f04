"""Parameters that move a jump and the curve: against brute force over all cells, in plain NumPy."""

import itertools

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given, settings
from hypothesis import strategies as st

import surefit as sf
from surefit.minimizers.base import Status

N, SIZE = 100, 0.1


def gated(x, height, start, lifetime):
    return height * np.exp(-(x - start) / lifetime) * (x > start)


def sawtooth(x, height, period, level):
    return height * (x % period) + level


def rest(columns: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """The sum of squares that the best combination of columns leaves, and that combination."""
    best, *_ = np.linalg.lstsq(columns, y, rcond=None)
    return float(np.sum((y - columns @ best) ** 2)), best


def gated_by_cell(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The least chi2 with the start after each point: one number for each cell, shape (n − 4,)."""
    found = []
    for last in range(len(x) - 4):
        is_on = x > x[last]
        since, seen = x[is_on] - x[last], y[is_on]

        def left(log_lifetime, since=since, seen=seen):
            return rest(np.exp(-since / np.exp(log_lifetime))[:, None], seen)[0]

        places = np.linspace(-3, 3, 100)
        k = int(np.argmin([left(place) for place in places]))
        ends = places[max(k - 1, 0)], places[min(k + 1, 99)]
        options = {"xatol": 1e-10}
        best = scipy.optimize.minimize_scalar(left, bounds=ends, method="bounded", options=options)
        found.append(best.fun + np.sum(y[~is_on] ** 2))
    return np.array(found) / SIZE**2


def sawtooth_by_cell(x: np.ndarray, y: np.ndarray) -> float:
    """The least chi2 over all periods: within a cell the function is linear in it, too."""
    edges = np.unique((x[:, None] / np.arange(1, 60)).ravel())
    edges = edges[(edges > 0.3) & (edges < 12)]
    one, best = np.ones_like(x), np.inf
    for low, high in itertools.pairwise(edges):
        if high - low < 1e-12:
            continue
        turns = np.floor(2 * x / (low + high))
        value, (height, shift, _) = rest(np.stack([x, turns, one], axis=1), y)
        if not low < -shift / height < high:  # the best of this cell is at one of its walls
            walls = [np.stack([x - turns * wall, one], axis=1) for wall in (low, high)]
            value = min(rest(columns, y)[0] for columns in walls)
        best = min(best, value)
    return best / SIZE**2


def sample(function, truth, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, 11])
    x = np.sort(rng.uniform(0, 10, N)) if seed % 2 else np.linspace(0, 10, N)
    return x, function(x, *truth) + SIZE * rng.standard_normal(N)


@pytest.mark.parametrize("seed", range(4))
def test_a_start_that_also_sets_the_height_is_put_into_the_best_cell(seed):
    x, y = sample(gated, (1.0, 1.5 + seed, 2.0), seed)
    fit = sf.fit(x, y, gated, SIZE)
    chi2 = gated_by_cell(x, y)
    cell = int(np.argmin(chi2))
    assert fit.status is Status.converged
    assert fit.valid
    assert fit.chi2 == pytest.approx(chi2[cell], abs=1e-8)
    assert fit.values["start"] == pytest.approx((x[cell] + x[cell + 1]) / 2, rel=1e-6)
    assert fit.ndof == N - 3
    assert np.isnan(fit.errors["start"])
    assert fit.remarks["start"] == "step: see its interval"


@pytest.mark.parametrize("seed", range(2))
def test_errors_are_those_within_the_cell_and_of_a_start_uniform_in_it(seed):
    x, y = sample(gated, (1.0, 2.5, 2.0), seed)
    fit = sf.fit(x, y, gated, SIZE)
    start = fit.values["start"]
    _, smooth = scipy.optimize.curve_fit(
        lambda x, height, lifetime: gated(x, height, start, lifetime),
        *(x, y, (fit.values["height"], fit.values["lifetime"]), np.full(N, SIZE)),
        absolute_sigma=True,
    )
    width = x[x > start].min() - x[x < start].max()
    assert fit.errors["lifetime"] == pytest.approx(np.sqrt(smooth[1, 1]), rel=1e-4)
    slope = fit.values["height"] / fit.values["lifetime"]
    expected = np.sqrt(smooth[0, 0] + slope**2 * width**2 / 12)
    assert fit.errors["height"] == pytest.approx(expected, rel=1e-3)
    # The curve does not depend on where in its cell the start is, and neither does its band.
    after = x[x > start]
    lower, upper = fit.band(after)
    slopes = np.stack([gated(after, 1, start, fit.values["lifetime"]),
                       gated(after, slope, start, fit.values["lifetime"])
                       * (after - start) / fit.values["lifetime"]])  # fmt: skip
    np.testing.assert_allclose(
        (upper - lower) / 2, np.sqrt(np.einsum("in,ij,jn->n", slopes, smooth, slopes)), rtol=1e-3
    )


@pytest.mark.parametrize("seed", range(2))
def test_errors_scale_with_the_residuals_where_they_are_estimated(seed):
    x, y = sample(gated, (1.0, 2.5, 2.0), seed)
    given, estimated = sf.fit(x, y, gated, SIZE), sf.fit(x, y, gated)
    scale = np.sqrt(given.chi2 / given.ndof)
    assert estimated.valid
    assert estimated.errors["lifetime"] == pytest.approx(given.errors["lifetime"] * scale, rel=1e-5)
    in_cell = given.covariance[1, 1]  # that of the start: where it is in its cell has no scale
    assert estimated.covariance[1, 1] == pytest.approx(in_cell, rel=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_the_interval_of_a_start_ends_at_the_points_of_the_brute_force_profile(seed):
    x, y = sample(gated, (1.0, 1.5 + seed, 2.0), seed)
    fit = sf.fit(x, y, gated, SIZE)
    chi2 = gated_by_cell(x, y)
    inside = np.flatnonzero(chi2 <= chi2.min() + 1)
    ends = fit.interval("start")
    np.testing.assert_allclose(ends, (x[inside[0]], x[inside[-1] + 1]), rtol=1e-6)
    assert "jumps" in ends.reason


def test_the_interval_of_a_height_counts_where_in_its_cell_the_start_is():
    x, y = sample(gated, (1.0, 2.5, 2.0), 0)
    fit = sf.fit(x, y, gated, SIZE)
    start, ends = fit.values["start"], fit.interval("height")
    low, high = x[x < start].max(), x[x > start].min()
    # The height is one at the wall, times what the decay loses on the way there.
    held = [sf.fit(x, y, gated, SIZE, fixed={"start": wall}) for wall in (low, high - 1e-9)]
    both = [one.interval("height") for one in held]
    assert ends.lower == pytest.approx(min(one.lower for one in both), rel=1e-4)
    assert ends.upper == pytest.approx(max(one.upper for one in both), rel=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_a_period_ends_at_the_best_wall_or_inside_as_brute_force_says(seed):
    period = np.random.default_rng(seed).uniform(0.9, 3.8)
    x, y = sample(sawtooth, (1.0, period, 0.5), seed)
    fit = sf.fit(x, y, sawtooth, SIZE)
    assert fit.chi2 == pytest.approx(sawtooth_by_cell(x, y), abs=1e-6)
    assert fit.valid
    edges = (x[:, None] / np.arange(1, 60)).ravel()
    distance = np.abs(edges - abs(fit.values["period"])).min()
    if fit.status is Status.at_jump:
        assert distance < 1e-9
        assert fit.remarks["period"] == "step: see its interval"
    else:
        assert fit.status is Status.converged


def test_far_from_its_walls_a_parameter_has_the_error_of_its_curvature():
    def phased(x, height, start):
        return height * np.sin(4 * (x - start)) * (x > start)

    rng = np.random.default_rng(4)
    x = np.sort(np.concatenate([rng.uniform(0, 2, 10), rng.uniform(3, 10, 400)]))
    y = phased(x, 1.0, 2.5) + 0.01 * rng.standard_normal(len(x))
    fit = sf.fit(x, y, phased, 0.01)
    assert fit.status is Status.converged
    assert fit.errors["start"] == pytest.approx(
        0.01 / np.sqrt(np.sum((4 * np.cos(4 * (x - 2.5)) * (x > 2.5)) ** 2)), rel=0.02
    )
    lower, upper = fit.interval("start")
    assert upper - lower == pytest.approx(2 * fit.errors["start"], rel=0.02)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    stretch=st.sampled_from([1e-6, 0.3, 40.0, 1e5]),
    shift=st.floats(-3, 3),
    factor=st.sampled_from([-1e4, -1.0, 1e-3, 7.0]),
)
def test_scaling_and_shifting_the_data_moves_the_fit_along(stretch, shift, factor):
    x, y = sample(gated, (1.0, 2.5, 2.0), 1)
    fit = sf.fit(x, y, gated, SIZE)
    moved = sf.fit(stretch * (x + shift), factor * y, gated, abs(factor) * SIZE)
    assert moved.status is fit.status
    assert moved.chi2 == pytest.approx(fit.chi2, rel=1e-6)
    assert moved.values["start"] == pytest.approx(stretch * (fit.values["start"] + shift), rel=1e-6)
    assert moved.values["lifetime"] == pytest.approx(stretch * fit.values["lifetime"], rel=1e-5)
    assert moved.values["height"] == pytest.approx(factor * fit.values["height"], rel=1e-5)
    assert moved.errors["height"] == pytest.approx(abs(factor) * fit.errors["height"], rel=1e-3)


@pytest.mark.slow
def test_stated_errors_cover_two_thirds_of_truths_that_are_anywhere_in_their_cells():
    x = np.linspace(0, 10, N)
    rng = np.random.default_rng(5)
    hits = np.zeros(2)
    for _ in range(200):
        start = rng.uniform(2, 4)
        y = gated(x, 1.0, start, 2.0) + 0.05 * rng.standard_normal(N)
        fit = sf.fit(x, y, gated, 0.05)
        assert fit.valid
        hits += [abs(fit.values["height"] - 1) < fit.errors["height"],
                 abs(fit.values["lifetime"] - 2) < fit.errors["lifetime"]]  # fmt: skip
    # Within three binomial errors of 68 %.
    assert np.all(np.abs(hits / 200 - 0.6827) < 3 * np.sqrt(0.6827 * 0.3173 / 200))
