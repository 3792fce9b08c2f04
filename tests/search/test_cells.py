"""Steps are solved exactly: to the cell that exhaustive search finds, in plain NumPy."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import surefit as sf
from surefit.search import cells

N, SIZE = 100, 0.5


def solved(columns: np.ndarray, y: np.ndarray) -> float:
    """The sum of squares that the best combination of columns leaves."""
    best, *_ = np.linalg.lstsq(columns, y, rcond=None)
    return float(np.sum((y - columns @ best) ** 2))


def levels(x: np.ndarray, y: np.ndarray, n_edges: int) -> float:
    """The least sum of squares of n_edges + 1 constants, over all places of the edges.

    Every set of edges is tried: the last edge of each set at all places in one line.
    """
    total, squares = np.append(0, np.cumsum(y)), np.append(0, np.cumsum(y**2))

    def rest(i: np.ndarray, j: np.ndarray) -> np.ndarray:  # points i … j − 1
        return squares[j] - squares[i] - (total[j] - total[i]) ** 2 / (j - i)

    best = np.inf
    for firsts in itertools.combinations(range(1, len(x) - 1), n_edges - 1):
        ends = (0, *firsts)
        fixed = sum(float(rest(np.array(i), np.array(j))) for i, j in itertools.pairwise(ends))
        last = np.arange(ends[-1] + 1, len(x))
        found = rest(np.array(ends[-1]), last) + rest(last, np.array(len(x)))
        best = min(best, fixed + float(found.min()))
    return best


def two_levels(x, t1, t2, a, b, c):
    return np.where(x < t1, a, np.where(x < t2, b, c))


def three_levels(x, t1, t2, t3, a, b, c, d):
    return np.piecewise(
        x, [x < t1, (x >= t1) & (x < t2), (x >= t2) & (x < t3), x >= t3], [a, b, c, d]
    )


def heavisides(x, t1, t2, a, b, c):
    return a + b * np.heaviside(x - t1, 0.5) + c * np.heaviside(x - t2, 0.5)


def top_hat(x, center, half, height, base):
    return base + height * (abs(x - center) < half)


def between(x, low, high, height, base):
    return base + np.where((x > low) & (x < high), height, 0.0)


def signs(x, t1, t2, a, b, c):
    return a + b * np.sign(x - t1) + c * np.sign(x - t2)


def broken_lines(x, t1, t2, a, b, c, d, e):
    return np.where(x < t1, a + b * x, np.where(x < t2, c, d + e * x))


def staircase(x, width, height, base):
    return base + height * np.floor(x / width)


def rounded(x, width, height, base):
    return base + height * np.round(x / width)


def windows(x: np.ndarray) -> Iterator[np.ndarray]:
    """The columns of every window of neighboring points, and a constant."""
    for i, j in itertools.combinations(range(len(x) + 1), 2):
        inside = (np.arange(len(x)) >= i) & (np.arange(len(x)) < j)
        yield np.column_stack([np.ones(len(x)), inside])


def lines(x: np.ndarray) -> Iterator[np.ndarray]:
    """The columns of a line, a constant and a line, for every pair of edges."""
    for i, j in itertools.combinations(range(len(x) + 1), 2):
        place = np.arange(len(x))
        left, right = place < i, place >= j
        yield np.column_stack([left, left * x, ~left & ~right, right, right * x])


def stairs(x: np.ndarray, offset: float) -> Iterator[np.ndarray]:
    """The columns of a staircase of every width down to a few points for each step."""
    edges = np.unique((x[:, None] / (np.arange(1, 40) - offset)).ravel())
    for width in (edges[1:] + edges[:-1]) / 2:
        if 0.5 < width < 20:
            yield np.column_stack([np.ones(len(x)), np.floor(x / width + offset)])


def least(columns: Iterator[np.ndarray], y: np.ndarray) -> float:
    return min(solved(one.astype(float), y) for one in columns)


CASES: list[tuple[Callable, tuple, Callable[[np.ndarray, np.ndarray], float]]] = [
    (two_levels, (3, 6, 1, 2, 1.4), lambda x, y: levels(x, y, 2)),
    (heavisides, (3, 6, 1, 1, -0.6), lambda x, y: levels(x, y, 2)),
    (signs, (2, 7, 1, 0.5, -0.4), lambda x, y: levels(x, y, 2)),
    (top_hat, (5, 1.5, 1.0, 0.5), lambda x, y: least(windows(x), y)),
    (between, (2, 3, -1.0, 0.5), lambda x, y: least(windows(x), y)),
    (staircase, (1.7, 0.7, 0.5), lambda x, y: least(stairs(x, 0.0), y)),
    (rounded, (2.3, 0.7, 0.5), lambda x, y: least(stairs(x, 0.5), y)),
    (broken_lines, (3, 6, 0, 0.5, 1, 4, -0.5), lambda x, y: least(lines(x), y)),
    (three_levels, (2, 5, 8, 1, 2, 1, 2), lambda x, y: levels(x, y, 3)),
]

CHEAP = [CASES[k] for k in (0, 3, 5)]


def sample(function, truth, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng([seed, len(truth)])
    x = np.sort(rng.uniform(0, 10, N))
    return x, function(x, *truth) + SIZE * rng.standard_normal(N)


def check(function, truth, exhaustive, seed: int) -> None:
    x, y = sample(function, truth, seed)
    fit = sf.fit(x, y, function, SIZE)
    assert fit.chi2 <= exhaustive(x, y) / SIZE**2 * (1 + 1e-9)
    assert fit.valid


@pytest.mark.parametrize(
    ("function", "truth", "exhaustive"), CHEAP, ids=[case[0].__name__ for case in CHEAP]
)
def test_several_steps_are_in_the_cell_of_exhaustive_search(function, truth, exhaustive):
    check(function, truth, exhaustive, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    ("function", "truth", "exhaustive"), CASES, ids=[case[0].__name__ for case in CASES]
)
def test_steps_are_in_the_cell_of_exhaustive_search_on_every_sample(
    function, truth, exhaustive, seed
):
    check(function, truth, exhaustive, 10 + seed)


def test_no_line_is_gone_through_again_before_something_has_moved(monkeypatch):
    asked = []
    best_on_line = cells._best_on_line

    def noted(screen, point, value, line, edges, most):
        asked.append((point.tobytes(), line.tobytes()))
        return best_on_line(screen, point, value, line, edges, most)

    whole = cells._best_cell

    def searched(*arguments):
        asked.clear()
        found = whole(*arguments)
        again.append(len(asked) - len(set(asked)))
        return found

    again: list[int] = []
    monkeypatch.setattr(cells, "_best_on_line", noted)
    monkeypatch.setattr(cells, "_best_cell", searched)
    rng = np.random.default_rng(3)
    x = np.sort(rng.uniform(0, 1, N))
    y = two_levels(x, 0.3, 0.7, 1.0, 2.0, 0.5) + 0.05 * rng.standard_normal(N)
    fit = sf.fit(x, y, two_levels, yerr=0.05)
    assert fit.chi2 == pytest.approx(levels(x, y, 2) / 0.05**2, rel=1e-9)
    assert len(again) > 0
    assert not any(again)
