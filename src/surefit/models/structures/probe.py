"""A function under trial: called at few points, its calls counted, its failures put up with."""

from collections.abc import Callable

import numpy as np

from surefit.exceptions import ModelFailed, ShapeMismatch

# Points of x at which a pointwise function is tried; besides, as many between them.
POINTS = 24
# Of several columns of x, one with fewer distinct values may be labels: none between are tried.
LABELS = 12

Evaluate = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(flat parameter vector (p,), x) → predictions (n, m), as a plain NumPy function."""


class Probe:
    """A function at chosen points.

    Attributes:
        evaluate: The function.
        x: Where it is tried, (k,) or (k, d).
        n_calls: How often it was called so far.
        failure: The first error that it raised, if any.
    """

    def __init__(self, evaluate: Evaluate, x: np.ndarray) -> None:
        self.evaluate, self.x = evaluate, x
        self.n_calls, self._size = 0, len(x)
        self.failure: ModelFailed | ShapeMismatch | None = None

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Flat predictions; NaN where the function raised an error or gave another shape."""
        self.n_calls += 1
        try:
            predictions = self.evaluate(values.copy(), self.x).ravel()
        except (ModelFailed, ShapeMismatch) as failure:  # an integrator may give up on the way
            self.failure = self.failure or failure
            return np.full(self._size, np.nan)
        self._size = len(predictions)
        return predictions


def few_points(x: np.ndarray) -> np.ndarray:
    """Some of the points, the outermost among them, and some places between points.

    Between them because a function of whole numbers cannot be told from its aliases: at t = 1,
    2, 3, … cos(ωt) and cos((ω + 2π)t) are equal.

    Args:
        x: All points, (n,) or (n, d).

    Returns:
        48 points, some of them perhaps equal, (48,) or (48, d): one shape for any data.
    """
    n, rng = len(x), np.random.default_rng(0)
    order = np.argsort(x if x.ndim == 1 else x[:, 0], kind="stable")
    places = np.linspace(0, n - 1, POINTS).astype(int)
    chosen = x[order[places]]
    partner = np.roll(chosen, -1, axis=0) if x.ndim == 1 else x[rng.permutation(n)[places]]
    fraction = rng.uniform(0.2, 0.8, chosen.shape)
    between = chosen + fraction * (partner - chosen)
    if x.ndim == 1:
        return np.concatenate([chosen, between])
    for k, column in enumerate(x[:200].T):
        if len(np.unique(column)) < min(LABELS, n):
            between[:, k] = chosen[:, k]
    return np.concatenate([chosen, between])


def is_pointwise_at(evaluate: Evaluate, values: np.ndarray, x: np.ndarray) -> bool:
    """Whether predictions at permuted and at partial x are the same as at all of x.

    Args:
        evaluate: The function.
        values: A parameter vector at which it is finite.
        x: Inputs, (n,) or (n, d).

    Returns:
        True if each prediction depends on its own x only, as far as these trials show.
    """
    n = len(x)
    if n < 3:
        return False
    whole = evaluate(values, x)
    # Vector and scalar instructions may differ in the last digit, which cancellation magnifies.
    rounding = 1e-13 * np.max(np.abs(whole), where=np.isfinite(whole), initial=0.0)
    order = np.random.default_rng(0).permutation(n)
    for choice in (order, np.arange(n // 2), np.array([n // 3])):
        try:
            part = evaluate(values, x[choice])
        except Exception:  # the user's function may need a certain length
            return False
        if part.shape != whole[choice].shape or not np.allclose(
            part, whole[choice], rtol=1e-12, atol=rounding, equal_nan=True
        ):
            return False
    return True
