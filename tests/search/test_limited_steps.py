"""Steps in an order, or within limits: as good as exhaustive search over what is allowed."""

import itertools

import numpy as np
import pytest

import surefit as sf

N, SIZE = 60, 0.5


def two_levels(x, t1, t2, a, b, c):
    return np.where(x < t1, a, np.where(x < t2, b, c))


def staircase(x, height, width):
    return height * np.floor(x / width)


def staircase_over(x, height, width, level):
    return height * np.floor(x / width) + level


def sawtooth(x, height, period, level):
    return height * (x % period) + level


def left(columns: np.ndarray, y: np.ndarray) -> float:
    """The sum of squares that the best combination of columns leaves."""
    best, *_ = np.linalg.lstsq(columns, y, rcond=None)
    return float(np.sum((y - columns @ best) ** 2))


def least(x: np.ndarray, y: np.ndarray, first: tuple, second: tuple) -> float:
    """The least chi2 over all pairs of cells t1 <= t2 that reach into the limits of each."""
    edges = np.array([x[0] - 1, *x, x[-1] + 1])

    def allowed(limits: tuple) -> list[int]:
        return [k for k, (low, high) in enumerate(itertools.pairwise(edges))
                if max(low, limits[0]) < min(high, limits[1])]  # fmt: skip

    place, best = np.arange(len(x)), np.inf
    for i, j in itertools.product(allowed(first), allowed(second)):
        if i <= j:
            parts = [place < i, (place >= i) & (place < j), place >= j]
            best = min(best, left(np.stack(parts, axis=1).astype(float), y))
    return best / SIZE**2


ANY = (-np.inf, np.inf)
LIMITED = [
    (True, ANY, ANY),
    (False, (4, np.inf), ANY),
    (False, (4, np.inf), (-np.inf, 5)),
    (True, (3.5, 8), ANY),
    (True, ANY, (-np.inf, 5)),
]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("is_ordered", "first", "second"), LIMITED)
def test_steps_end_in_the_best_cells_that_order_and_limits_allow(is_ordered, first, second, seed):
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 10, N))
    y = two_levels(x, 3, 6, 1, 2, 1.4) + SIZE * rng.standard_normal(N)
    order = ("t1", "t2") if is_ordered else None
    bounds = {"t1": first, "t2": second}
    fit = sf.fit(x, y, two_levels, SIZE, order=order, bounds=bounds)
    assert fit.valid
    assert fit.chi2 == pytest.approx(least(x, y, first, second), rel=1e-9)
    t1, t2 = fit.values["t1"], fit.values["t2"]
    assert first[0] <= t1 <= first[1]
    assert second[0] <= t2 <= second[1]
    assert t1 <= t2
    for name in ("t1", "t2"):  # an interval, or why there is none
        ends = fit.interval(name)
        assert "step" in ends.reason
        if np.isfinite(ends).all():
            assert ends.lower <= fit.values[name] <= ends.upper
            assert bounds[name][0] <= ends.lower
            assert ends.upper <= bounds[name][1]
        else:
            assert is_ordered
            assert "order=" in ends.reason


@pytest.mark.parametrize("seed", range(3))
def test_a_staircase_from_zero_has_one_sign(seed):
    """Without a level, −w is another curve: floor(−x/w) = −floor(x/w) − 1."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0, 10, N))
    y = staircase(x, 1.0, 1.7) + 0.1 * rng.standard_normal(N)
    fit = sf.fit(x, y, staircase, 0.1)
    edges = np.unique((x[:, None] / np.arange(1, 40)).ravel())
    middles = (edges[1:] + edges[:-1]) / 2
    middles = middles[(middles > 0.5) & (middles < 20)]
    by_width = {w: left(np.floor(x / w)[:, None], y) for w in (*middles, *-middles)}
    width = min(by_width, key=by_width.__getitem__)
    assert fit.valid
    assert fit.chi2 == pytest.approx(by_width[width] / 0.01, rel=1e-9)
    assert fit.values["width"] == pytest.approx(width, rel=1e-9)


@pytest.mark.parametrize("function", [staircase_over, sawtooth])
@pytest.mark.parametrize("seed", range(2))
def test_limits_choose_the_sign_of_a_width_over_a_level(function, seed):
    """With a level, −w is the same curve with another one; which is reported is left open."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-5, 5, N))
    y = function(x, 1.0, 1.7, 0.3) + 0.1 * rng.standard_normal(N)
    width = "width" if function is staircase_over else "period"
    fit = sf.fit(x, y, function, 0.1)
    fits = [sf.fit(x, y, function, 0.1, bounds={width: side}) for side in ((0, None), (None, 0))]
    assert fit.valid
    for sign, one in zip((1, -1), fits, strict=True):
        assert one.valid
        assert sign * one.values[width] > 0
        assert one.chi2 == pytest.approx(fit.chi2, rel=1e-6)
