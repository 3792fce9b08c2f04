"""The distinct minima found so far, and which independent searches ended at each."""

import dataclasses

import numpy as np

from surefit.search.growth.descent import Descended
from surefit.search.growth.growing import Growing, curves

# Distinct minima that are kept.
KEPT = 48
# Two minima are one if the squared distance of their curves, in units of χ² per degree of
# freedom, is less: a fraction of a standard deviation in each parameter.
RADIUS = 4.0


@dataclasses.dataclass(frozen=True, eq=False)
class Pool:
    """Minima, lowest first.

    Attributes:
        q: Shape (k, n, 1 + D).
        value: χ², shape (k,).
        coefficient: Shape (k, G, L, T).
        curve: Whitened curves on the points, shape (k, N).
        blocks: Which independent searches ended at each.
    """

    q: np.ndarray
    value: np.ndarray
    coefficient: np.ndarray
    curve: np.ndarray
    blocks: tuple[frozenset[int], ...]

    def __len__(self) -> int:
        return len(self.value)

    def add(self, growing: Growing, found: Descended, block: int | None) -> "Pool":
        """The pool with more minima, equal ones merged.

        Args:
            growing: The sum and the points that all minima of the pool belong to.
            found: More minima.
            block: The number of the independent search that found them, or None.
        """
        mark = frozenset() if block is None else frozenset([block])
        blocks = self.blocks + (mark,) * len(found.value)
        value = np.concatenate([self.value, found.value])
        order = np.argsort(value, kind="stable")[: 2 * KEPT]
        curve = np.concatenate([self.curve, curves(growing, found.q, found.coefficient)])[order]
        q = np.concatenate([self.q, found.q])[order]
        coefficient = np.concatenate([self.coefficient, found.coefficient])[order]
        picked, merged = _distinct(curve, RADIUS * growing.per_degree(float(value[order[0]])))
        marks = tuple(frozenset().union(*(blocks[order[j]] for j in group)) for group in merged)
        return Pool(q[picked], value[order[picked]], coefficient[picked], curve[picked], marks)

    def begins_with(self, growing: Growing, found: Descended) -> bool:
        """Whether the lowest minimum of the pool is this one.

        Args:
            growing: The sum and the points.
            found: One minimum.
        """
        distance = np.sum((curves(growing, found.q, found.coefficient)[0] - self.curve[0]) ** 2)
        return bool(distance < RADIUS * growing.per_degree(float(self.value[0])))


def empty_pool(growing: Growing) -> Pool:
    """A pool without minima."""
    points = growing.points
    n_groups, n_targets, n_points = points.y.shape
    return Pool(
        np.empty((0, growing.n, 1 + points.n_inputs)),
        np.empty(0),
        np.empty((0, n_groups, growing.n_linear, n_targets)),
        np.empty((0, n_groups * n_targets * n_points)),
        (),
    )


def _distinct(curve: np.ndarray, radius: float) -> tuple[list[int], list[np.ndarray]]:
    """Indices of the first of each group of near curves, and all members of each group."""
    square = np.sum(curve**2, axis=1)
    distance = square[:, None] + square - 2 * curve @ curve.T
    free, picked, groups = np.ones(len(curve), dtype=bool), [], []
    for i in range(len(curve)):
        if free[i] and len(picked) < KEPT:
            near = free & (distance[i] < radius)
            near[i] = True
            free &= ~near
            picked.append(i)
            groups.append(np.flatnonzero(near))
    return picked, groups
