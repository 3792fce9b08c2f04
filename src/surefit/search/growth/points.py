"""The data as a growth search sees them: scaled, sorted, merged, and coarser for screening."""

import dataclasses
import functools

import numpy as np

# Points to which data are thinned for screening, per factor from one level to the next.
REFINEMENT = 16


@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """Weighted points with inputs in [−1, 1], sorted if there is one input.

    Outputs whose weights are proportional to each other share a group: T outputs in each of G
    groups, so either G or T is 1.

    Attributes:
        x: Inputs, shape (N, D).
        weight: 1/σ² of each group, shape (G, N).
        y: Outputs, shape (G, T, N).
        extra: Columns that are added linearly to every output, shape (E, N).
        excess: The part of χ² that no curve can remove: the spread inside merged points.
        degrees: Measurements that the points stand for, N × outputs before merging.
    """

    x: np.ndarray
    weight: np.ndarray
    y: np.ndarray
    extra: np.ndarray
    excess: float
    degrees: int

    def __len__(self) -> int:
        return len(self.x)

    @property
    def n_inputs(self) -> int:
        """D."""
        return self.x.shape[1]

    @functools.cached_property
    def root(self) -> np.ndarray:
        """1/σ, shape (G, N)."""
        return np.sqrt(self.weight)

    @functools.cached_property
    def target(self) -> np.ndarray:
        """y/σ, shape (G, T, N)."""
        return self.y * self.root[:, None]

    @functools.cached_property
    def gap(self) -> np.ndarray:
        """Distance of neighboring points, shape (N − 1,), for one input."""
        return np.diff(self.x[:, 0])

    @functools.cached_property
    def size(self) -> float:
        """Root of the sum of all weights: the norm of a column of ones."""
        return float(np.sqrt(self.weight.sum(axis=1).max()))

    def with_extra(self, extra: np.ndarray) -> "Points":
        """The same points with other extra columns."""
        return dataclasses.replace(self, extra=extra)


def sorted_points(x, y, weight, extra) -> Points:
    """Bring points into an order that does not depend on how they came, merging equal x.

    Args:
        x: Inputs, shape (N, D).
        y: Outputs, shape (G, T, N).
        weight: 1/σ², shape (G, N).
        extra: Extra columns, shape (E, N).
    """
    order = np.argsort(x[:, 0], kind="stable")
    if (np.diff(x[order, 0]) == 0).any():
        order = np.lexsort([*y.reshape(-1, len(x)), *weight, *x.T[::-1]])
    x, y, weight, extra = x[order], y[..., order], weight[:, order], extra[:, order]
    points = Points(x, weight, y, extra, 0.0, y.size)
    differs = (np.diff(x, axis=0) != 0).any(axis=1)
    return merge(points, np.flatnonzero(np.concatenate([[True], differs])))


def merge(points: Points, first: np.ndarray) -> Points:
    """Replace runs of points that begin at `first` by their weighted means."""
    if len(first) == len(points):
        return points
    weight, y = points.weight, points.y
    total = np.add.reduceat(weight, first, axis=1)
    both, both_total = weight.sum(axis=0), total.sum(axis=0)
    mean_y = np.add.reduceat(weight[:, None] * y, first, axis=2) / total[:, None]
    which = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(points))))
    excess = float(np.sum(weight[:, None] * (y - mean_y[:, :, which]) ** 2))
    return Points(
        np.add.reduceat(both[:, None] * points.x, first, axis=0) / both_total[:, None],
        total,
        mean_y,
        np.add.reduceat(both * points.extra, first, axis=1) / both_total,
        points.excess + excess,
        points.degrees,
    )


def thinned(points: Points, size: int, rng: np.random.Generator) -> Points:
    """At most `size` points that stand for all: cells for one input, else a random sample."""
    if len(points) <= size:
        return points
    if points.n_inputs == 1:
        return merge(points, _cells(points, size))
    chosen = np.sort(rng.choice(len(points), size, replace=False))
    factor = len(points) / size
    return dataclasses.replace(
        points,
        x=points.x[chosen],
        weight=points.weight[:, chosen] * factor,
        y=points.y[:, :, chosen],
        extra=points.extra[:, chosen],
    )


def levels(points: Points, size: int, rng: np.random.Generator) -> list[Points]:
    """Ever finer versions of the points, from at most 16 × `size` points up to all of them."""
    sizes = []
    n = size * REFINEMENT
    while n * 2 < len(points):
        sizes.append(n)
        n *= REFINEMENT
    return [*(thinned(points, n, rng) for n in sizes), points]


def _cells(points: Points, size: int) -> np.ndarray:
    """Where cells begin, finer where the data leave a straight line.

    Cells are halved where a line misses the data by most, in units of what noise would do to it.
    """
    n, x, unit = len(points), points.x[:, 0], noise_unit(points)
    totals = [
        _cumulated_moments(x, w, y)
        for w, ys in zip(points.weight, points.y, strict=True)
        for y in ys
    ]
    edges = np.unique(np.linspace(0, n, size // 2 + 1).astype(int))
    while len(edges) - 1 < size:
        count = np.diff(edges)
        misfit = sum(_line_misfit(total, edges) for total in totals)
        misfit = misfit - unit * len(totals) * np.maximum(count - 2, 0)
        misfit = np.where(count > 1, misfit / np.sqrt(2 * count), -np.inf)
        most = max(1, min(size // 8, size + 1 - len(edges)))
        cells = np.argsort(misfit, kind="stable")[::-1][:most]
        cells = cells[np.isfinite(misfit[cells])]
        if not len(cells):
            break
        edges = np.union1d(edges, (edges[cells] + edges[cells + 1]) // 2)
    return edges[:-1]


def _cumulated_moments(x, weight, y) -> np.ndarray:
    """Running sums of w, wx, wx², wy, wxy, wy², about the mean of y, shape (6, N + 1)."""
    y = y - np.average(y, weights=weight)
    wx, wy = weight * x, weight * y
    moments = np.cumsum([weight, wx, wx * x, wy, wx * y, wy * y], axis=1)
    return np.concatenate([np.zeros((6, 1)), moments], axis=1)


def _line_misfit(total: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """χ² of a straight line in each cell."""
    w, wx, wxx, wy, wxy, wyy = np.diff(total[:, edges], axis=1)
    spread = np.maximum(wxx - wx**2 / w, 1e-300)
    return wyy - wy**2 / w - (wxy - wx * wy / w) ** 2 / spread


def noise_unit(points: Points) -> float:
    """χ² per degree of freedom of the noise, from how much neighbors differ (one input).

    The errors may be unknown, so that weights are relative only. The median makes edges and peaks
    of the curve harmless: for normal noise the squared deviate has the median 0.455.
    """
    y, variance = points.y, 1 / points.weight[:, None]
    change = y[..., 2:] - 2 * y[..., 1:-1] + y[..., :-2]
    expected = variance[..., 2:] + 4 * variance[..., 1:-1] + variance[..., :-2]
    return float(np.median(change**2 / expected)) / 0.455
