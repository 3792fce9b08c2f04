"""Where a model jumps as its parameters move along a line: the roots of its comparisons."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from surefit.bases.piecewise import Piecewise
from surefit.models.base import AbstractModel, Sum
from surefit.models.function import ResolvedFunction
from surefit.models.tracing.trace import Keyed, comparison_function
from surefit.precision import double_precision

# Places, relative to the reach, from which roots are looked for: |x − a| < b has two in a.
PLACES = np.array([-1.0, -1 / 3, 0.0, 1 / 3, 1.0])
# Newton steps towards the roots of margins that are not straight along the line.
NEWTON = 10
# Whole numbers on each side of a margin's present one that it is followed to.
LEVELS = np.arange(-2, 4)
# Roots closer than this, relative to the reach, are one edge.
SAME = 1e-13


@dataclasses.dataclass(frozen=True, eq=False)
class Crossings:
    """Where data points change side on a line values + t · direction, in no order.

    Attributes:
        places: The values of t, shape (k,).
        points: Index of the point that changes side there, shape (k,); −1 where it is not known, or
            others may change side unseen.
        reach: Length over which they were looked for on each side of t = 0; they may lie beyond.
    """

    places: np.ndarray
    points: np.ndarray
    reach: float

    @functools.cached_property
    def edges(self) -> np.ndarray:
        """The distinct values of t, increasing: between them lie the cells."""
        places = np.sort(self.places[np.isfinite(self.places)])
        return places[np.diff(places, prepend=-np.inf) > SAME * self.reach]


def edges_along(
    model: AbstractModel, values: np.ndarray, x: np.ndarray, direction: np.ndarray, reach: float
) -> np.ndarray:
    """The values of t at which some point changes side, increasing; see `crossings_along`."""
    return crossings_along(model, values, x, direction, reach).edges


@double_precision
def crossings_along(
    model: AbstractModel, values: np.ndarray, x: np.ndarray, direction: np.ndarray, reach: float
) -> Crossings:
    """Where data points change side on the line values + t · direction.

    Args:
        model: The resolved model.
        values: All parameters, shape (p,).
        x: The inputs, (n,) or (n, d).
        direction: Direction of the line, shape (p,).
        reach: Length over which crossings are looked for on each side.

    Returns:
        The crossings; none where nothing is known of the model's comparisons. Some may be of
        decisions that do not matter there.
    """
    if isinstance(model, Sum):
        begin, found = 0, []
        for part in model.parts:
            own = slice(begin, begin := begin + part.parameters().size)
            found.append(crossings_along(part, values[own], x, direction[own], reach))
    elif isinstance(model, Piecewise):
        moving = np.flatnonzero((direction != 0) & model.parameters().step)
        along = np.arange(len(x))
        found = [Crossings((x - values[i]) / direction[i], along, reach) for i in moving]
    elif isinstance(model, ResolvedFunction) and not model.untraceable and np.any(direction):
        found = _roots(model, values, x, direction, reach)
    else:
        found = []
    found.append(Crossings(np.zeros(0), np.zeros(0, dtype=int), reach))
    places, points = (np.concatenate(arrays) for arrays in zip(*map(_arrays, found), strict=True))
    return Crossings(places, points, reach)


def _arrays(crossings: Crossings) -> tuple[np.ndarray, np.ndarray]:
    return crossings.places, crossings.points


def knows_edges(model: AbstractModel) -> bool:
    """Whether the comparisons of a model are known, so that its jumps can be computed."""
    if isinstance(model, Sum):
        return all(
            knows_edges(part) or not isinstance(part, ResolvedFunction) for part in model.parts
        )
    is_traced = isinstance(model, ResolvedFunction) and not model.untraceable
    return is_traced or isinstance(model, Piecewise)


def _roots(
    model: ResolvedFunction, values: np.ndarray, x: np.ndarray, direction: np.ndarray, reach: float
) -> list[Crossings]:
    """The roots of each comparison of a traced function, some of them many times."""
    keyed = Keyed(model.key, model.source.function)
    is_array = model.source.n_parameters is not None
    compiled = _compiled(keyed, is_array)
    n, x = len(x), _padded(x) if model.is_pointwise else x
    places = reach * PLACES
    margins = [
        (np.asarray(margin), np.asarray(slope))
        for margin, slope in zip(*compiled(x, values, direction, places), strict=True)
    ]
    roots = list[Crossings]()
    for k, use in enumerate(model.structure.comparisons):
        levels = LEVELS if use.kind == "integer" else np.zeros(1)
        if use.kind == "integer":
            levels = levels + np.floor(margins[k][0])[:, :, None]
        found, which, level = _first_order(places, *margins[k], levels)
        n_each = margins[k][0].shape[1]
        if len(found) > n_each == len(x) and model.is_pointwise:
            single = _compiled_singly(keyed, is_array)

            def at(positions: np.ndarray, own: np.ndarray, k: int = k, each: Any = single) -> Any:
                margin, slope = each(own, values, direction, positions)
                return np.asarray(margin[k])[:, 0], np.asarray(slope[k])[:, 0]

            found = _polished(at, found, x[which], level)
        # Of whole numbers only those nearby are looked for: a point may change side beyond.
        is_all = n_each == len(x) and use.kind != "integer"
        owners = which if is_all else np.full(len(found), -1)
        own = owners < n  # the others belong to copies of the last point
        roots.append(Crossings(found[own], owners[own], reach))
    return roots


def _first_order(
    places: np.ndarray, margin: np.ndarray, slope: np.ndarray, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where tangents reach the levels; one for each point where the margin is a straight line."""
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = places[:, None, None] + (levels - margin[:, :, None]) / slope[:, :, None]
    levels = np.broadcast_to(levels, roots.shape)
    which = np.broadcast_to(np.arange(margin.shape[1])[None, :, None], roots.shape)
    is_linear = np.all(slope == slope[:1], axis=0) & (slope[0] != 0)
    kept = np.isfinite(roots)
    if roots.shape[2] == 1:
        kept[1:, is_linear] = False
    return roots[kept], which[kept], levels[kept]


def _polished(
    at: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
    positions: np.ndarray,
    own: np.ndarray,
    levels: np.ndarray,
) -> np.ndarray:
    """Roots after some Newton steps, each for its own point; compiled for few lengths only."""
    n = len(positions)
    size = 1 << max(n - 1, 1).bit_length()
    positions, own, levels = (
        np.concatenate([a, np.repeat(a[:1], size - n, axis=0)]) for a in (positions, own, levels)
    )
    for _ in range(NEWTON):
        margin, slope = at(positions, own[:, None])
        with np.errstate(divide="ignore", invalid="ignore"):
            step = (levels - margin) / slope
        positions = np.where(np.isfinite(step), positions + step, positions)
        if not np.any(np.abs(step) > 1e-14 * np.abs(positions)):
            break
    return positions[:n]


def _padded(x: np.ndarray) -> np.ndarray:
    """The points and copies of the last, so that few lengths are compiled."""
    size = 1 << max(len(x) - 1, 1).bit_length()
    return np.concatenate([x, np.repeat(x[-1:], size - len(x), axis=0)])


@functools.lru_cache(maxsize=64)
def _compiled(keyed: Keyed, is_array: bool) -> Callable[..., Any]:
    """(x, values, direction, positions (s,)) → margins and slopes of each comparison, (s, n)."""
    return jax.jit(jax.vmap(_margins(keyed, is_array), in_axes=(None, None, None, 0)))


@functools.lru_cache(maxsize=64)
def _compiled_singly(keyed: Keyed, is_array: bool) -> Callable[..., Any]:
    """(points (s, 1), values, direction, positions (s,)) → margins and slopes, (s, 1) each."""
    return jax.jit(jax.vmap(_margins(keyed, is_array), in_axes=(0, None, None, 0)))


def _margins(keyed: Keyed, is_array: bool) -> Callable[..., Any]:
    compare = comparison_function(keyed.function)

    def margins(x: Any, values: Any, direction: Any, position: Any) -> Any:
        def at(t: Any) -> list[jax.Array]:
            moved = values + t * direction
            found = compare(x, moved) if is_array else compare(x, *moved)
            return [comparison.margin.ravel() for comparison in found]

        return jax.jvp(at, (position,), (jax.numpy.ones(()),))

    return margins
