"""Where a model jumps as one parameter moves: the roots of the comparisons that it makes."""

import jax
import numpy as np

from surefit.bases.piecewise import Piecewise
from surefit.models.base import AbstractModel, Sum
from surefit.models.function import ResolvedFunction
from surefit.models.tracing.trace import comparison_function

# Newton steps towards each root; margins are linear in nearly all models, and then one is enough.
NEWTON = 6


def edges_along(model: AbstractModel, values: np.ndarray, x: np.ndarray, index: int) -> np.ndarray:
    """Values of one parameter at which some data point changes side, the others held.

    Args:
        model: The resolved model.
        values: All parameters, shape (p,).
        x: The inputs, (n,) or (n, d).
        index: Which parameter moves.

    Returns:
        The values, increasing; empty where nothing is known of the model's comparisons.
    """
    if isinstance(model, Sum):
        begin = 0
        for part in model.parts:
            size = part.parameters().size
            if begin <= index < begin + size:
                return edges_along(part, values[begin : begin + size], x, index - begin)
            begin += size
    if isinstance(model, Piecewise):
        return np.unique(x) if model.parameters().step[index] else np.zeros(0)
    if not isinstance(model, ResolvedFunction) or model.untraceable:
        return np.zeros(0)
    compare = comparison_function(model.source.function)
    is_array = model.source.n_parameters is not None

    def margins(position):
        moved = jax.numpy.asarray(values).at[index].set(position)
        found = compare(x, moved) if is_array else compare(x, *moved)
        return [comparison.margin for comparison in found]

    kinds = [comparison.kind for comparison in _comparisons(compare, x, values, is_array)]
    roots = [_roots(margins, k, kind, float(values[index])) for k, kind in enumerate(kinds)]
    return np.unique(np.concatenate(roots)) if roots else np.zeros(0)


def _comparisons(compare, x, values, is_array: bool):
    return compare(x, values) if is_array else compare(x, *values)


def _roots(margins, k: int, kind: str, center: float) -> np.ndarray:
    """Roots of one comparison's margins, or where they cross the nearest whole numbers."""

    def margin_and_slope(position):
        return jax.jvp(lambda at: margins(at)[k].ravel(), (position,), (1.0,))

    each = jax.jit(jax.vmap(margin_and_slope))
    margin, slope = (np.asarray(a) for a in jax.jit(margin_and_slope)(center))
    moves = np.flatnonzero(slope != 0)
    if not len(moves):
        return np.zeros(0)
    levels = np.zeros((1, len(moves)))
    if kind == "integer":
        levels = np.floor(margin[moves]) + np.arange(-2, 4)[:, None]
    positions = (center + (levels - margin[moves]) / slope[moves]).ravel()
    which, levels = np.tile(moves, len(levels)), levels.ravel()
    rows = np.arange(len(positions))
    for _ in range(NEWTON):
        margin, slope = (np.asarray(a)[rows, which] for a in each(positions))
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (levels - margin) / slope
        if not np.any(np.abs(step) > 1e-13 * np.maximum(np.abs(positions), 1e-300)):
            break
        positions = np.where(np.isfinite(step), positions + step, positions)
    return positions[np.isfinite(positions)]
