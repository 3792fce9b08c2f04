"""Compare many candidates with the linear parameters solved, and choose which to refine."""

import numpy as np

from surefit.problem.projected import completed, searched_part
from surefit.search.descent import MET
from surefit.search.run import ROUNDING, Run

# Sizes of the jumps away from good points, relative to each parameter.
SMALLEST_HOP, LARGEST_HOP = 1e-2, 2.0


def screened(run: Run, points: np.ndarray, n: int) -> np.ndarray:
    """The best and most diverse of many candidates.

    Args:
        run: The search.
        points: Candidates, shape (s, q).
        n: How many to choose: half of them the best, the rest at random from the best eighth.

    Returns:
        Points with their linear parameters solved, at most n; none where −2 ln L is infinite.
    """
    inner = searched_part(run.screen, points)
    values = run.screen.value(inner)
    order = np.argsort(values)
    order = order[np.isfinite(values[order])]
    if not len(order):
        return points[:0]
    run.typical = max(run.typical, float(values[order[len(order) // 2]]))
    best = order[: n // 2]
    run.promising = max(run.promising, float(values[best].max(initial=0.0)))
    rest = order[n // 2 : max(n, len(order) // 8)]
    n_rest = min(n - len(best), len(rest))
    chosen = np.concatenate([best, run.rng.choice(rest, n_rest, replace=False)])
    return completed(run.screen, inner[chosen])


def hops(run: Run, n: int, n_good: int) -> np.ndarray:
    """Candidates near and between the best points found so far, at all distances.

    Args:
        run: The search.
        n: How many.
        n_good: From how many of the best points.

    Returns:
        Points, shape (n, q).
    """
    points, values = run.all()
    good = points[np.argsort(values)[:n_good]]
    base = good[run.rng.integers(len(good), size=n)]
    other = good[run.rng.integers(len(good), size=n)]
    mixed = np.where(run.rng.uniform(size=base.shape) < 0.3, other, base)
    size = np.exp(run.rng.uniform(np.log(SMALLEST_HOP), np.log(LARGEST_HOP), size=(n, 1)))
    is_kicked = run.rng.uniform(size=base.shape) < 0.5
    is_kicked[np.arange(n), run.rng.integers(base.shape[1], size=n)] = True
    kick = run.rng.standard_normal(base.shape) * is_kicked
    lower, upper = run.problem.bounds
    return np.clip(mixed + size * kick * np.abs(mixed), lower, upper)


def mirrored(run: Run, n_good: int, n: int) -> np.ndarray:
    """The best of the points that good ones become when one or two signs change.

    A peak that leans to the other side, a wave that runs the other way: such minima are far from
    each other, and none of the ways between them goes downhill.

    Args:
        run: The search.
        n_good: How many of the best points to mirror.
        n: How many to choose.

    Returns:
        Points with their linear parameters solved, at most n; none that are equivalent to the
        best point, or worse than what is drawn and chosen to go downhill.
    """
    good = searched_part(run.screen, run.lowest(n_good))
    signs = 1.0 - 2.0 * np.eye(good.shape[1])
    first, second = np.triu_indices(len(signs))
    changes = np.where(
        first[:, None] == second[:, None], signs[first], signs[first] * signs[second]
    )
    points = (good[:, None, :] * changes).reshape(-1, good.shape[1])
    lower, upper = run.screen.bounds
    points = points[np.all((points >= lower) & (points <= upper), axis=1)]
    values, best = run.screen.value(points), run.screen.value(good[:1])[0]
    is_other = values > best * (1 + MET) + ROUNDING * run.typical
    worth = np.flatnonzero(is_other & (values <= run.promising))
    return completed(run.screen, points[worth[np.argsort(values[worth])[:n]]])
