"""Directions in which data could leave a model: what every larger model would begin with."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.data.noise import Noise

# Cells into which more points than this are gathered, for one input.
CELLS = 1024
# Highest degree and number of harmonics of the smooth directions, at most; and points for each.
DEGREES, HARMONICS, POINTS_EACH = 24, 12, 3
# Places of steps and kinks; widths of sigmoids and bumps go down by halves to so many points.
PLACES, NARROWEST = 160, 3
# Distance of neighboring centers, in widths.
SPACING = 1.0
# Ridges for several inputs, and points at most.
RIDGES, SEVERAL = 400, 2048
# Squared length of a column, relative to what it was, of which only rounding is left.
ROUNDING = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class Group:
    """Directions of one kind.

    Attributes:
        name: What they stand for: `polynomial`, `waves`, `step`, `kink`, `sigmoid`, `bump`.
        columns: Whitened, shape (k, C).
        is_ordered: Whether the first k are one alternative each, as with degrees; else each
            direction is an alternative by itself.
        places: Where each is, in the unit of x, shape (k,); NaN where that has no meaning.
        sizes: Of ordered ones, how many columns come with each step, shape (orders,).
    """

    name: str
    columns: np.ndarray
    is_ordered: bool
    places: np.ndarray
    sizes: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Cells:
    """Data gathered into cells: sums of whitened residuals over a cell are all a test needs.

    Attributes:
        data: One point for each cell, with the error of its mean, sorted for one input.
        order: The points in the order of the cells, shape (N,).
        first: Where in this order each cell begins, shape (C,).
        root: 1/σ of each cell, shape (C,); ones where a covariance is used.
        whitening: What makes correlated residuals independent, or None.
    """

    data: Data
    order: np.ndarray
    first: np.ndarray
    root: np.ndarray
    whitening: np.ndarray | None

    def gather(self, residuals: np.ndarray, sigma: np.ndarray) -> np.ndarray:
        """Whitened residuals of the cells.

        Args:
            residuals: y less prediction at all points, shape (N,).
            sigma: Standard deviations, shape (N,).
        """
        if self.whitening is not None:
            return self.whitening @ residuals
        weighted = (residuals / sigma**2)[self.order]
        return np.add.reduceat(weighted, self.first) / self.root

    def whitened(self, columns: np.ndarray) -> np.ndarray:
        """Columns at the cells, shape (k, C), in units of one standard deviation."""
        if self.whitening is not None:
            return columns @ self.whitening.T
        return columns * self.root


def gathered(data: Data, *, is_pointwise: bool = True) -> Cells:
    """Gather the points into cells that hold about as many each.

    Args:
        data: The checked data, of one output.
        is_pointwise: Whether models can be evaluated at the cells alone.
    """
    n = data.n_points
    order = np.argsort(data.inputs[:, 0], kind="stable") if data.n_inputs == 1 else np.arange(n)
    if data.noise.covariance is not None or not is_pointwise:
        whitening = data.noise.whitening()
        root = np.ones(n) if whitening is not None else 1 / data.noise.sigma[:, 0]
        return Cells(data, np.arange(n), np.arange(n), root, whitening)
    most = CELLS if data.n_inputs == 1 else n
    first = np.unique(np.linspace(0, n, min(n, most), endpoint=False).astype(int))
    weight = 1 / data.noise.sigma[order, 0] ** 2
    total = np.add.reduceat(weight, first)
    x, y = data.inputs[order], data.y[order]
    x = np.add.reduceat(x * weight[:, None], first) / total[:, None]
    y = np.add.reduceat(y * weight[:, None], first) / total[:, None]
    sigma = 1 / np.sqrt(total)
    noise = Noise(sigma[:, None], is_given=data.noise.is_given)
    cells = Data(x[:, 0] if data.x.ndim == 1 else x, y, noise, data.is_single_output)
    return Cells(cells, order, first, 1 / sigma, None)


def directions(cells: Cells, rng: np.random.Generator) -> tuple[Group, ...]:
    """All kinds of directions for these points.

    Args:
        cells: The points.
        rng: Source of directions in the plane, for several inputs.
    """
    x = cells.data.inputs
    low, high = x.min(axis=0), x.max(axis=0)
    u = (x - low) / np.where(high > low, high - low, 1.0)
    made = _of_several(u, rng) if x.shape[1] > 1 else _of_one(u[:, 0], low[0], high[0])
    return tuple(
        dataclasses.replace(group, columns=cells.whitened(group.columns))
        for group in made
        if len(group.columns)
    )


def _of_one(u: np.ndarray, low: float, high: float) -> list[Group]:
    n = len(np.unique(u))
    places = _places(u)
    extent = high - low
    groups = [_polynomial(u, min(DEGREES, n // POINTS_EACH)), _waves(u, n // POINTS_EACH)]
    for name, columns in (
        ("step", (u > places[:, None]).astype(float)),
        ("kink", np.maximum(u - places[:, None], 0.0)),
    ):
        groups.append(_alone(name, columns, low + extent * places))
    center, width = _centers(u)
    z = (u - center[:, None]) / width[:, None]
    groups.append(_alone("sigmoid", 0.5 * (1 + np.tanh(z)), low + extent * np.clip(center, 0, 1)))
    inside = (center >= 0) & (center <= 1)
    groups.append(_alone("bump", np.exp(-0.5 * z[inside] ** 2), low + extent * center[inside]))
    return groups


def _alone(name: str, columns: np.ndarray, places: np.ndarray) -> Group:
    return Group(name, columns, False, places, np.ones(len(columns), dtype=int))


def _polynomial(u: np.ndarray, degrees: int) -> Group:
    degrees = max(degrees, 1)
    columns = np.polynomial.legendre.legvander(2 * u - 1, degrees).T[1:]
    return Group("polynomial", columns, True, np.full(degrees, np.nan), np.ones(degrees, int))


def _waves(u: np.ndarray, most: int) -> Group:
    """Cosine and sine of one, two, … periods over the range."""
    harmonics = max(1, min(HARMONICS, most // 2))
    angle = 2 * np.pi * np.arange(1, harmonics + 1)[:, None] * u
    columns = np.stack([np.cos(angle), np.sin(angle)], axis=1).reshape(2 * harmonics, -1)
    places = np.full(len(columns), np.nan)
    return Group("waves", columns, True, places, np.full(harmonics, 2))


def _places(u: np.ndarray) -> np.ndarray:
    """Middles between neighboring points, at most so many, evenly among the points."""
    distinct = np.unique(u)
    middle = (distinct[1:] + distinct[:-1]) / 2
    if len(middle) <= PLACES:
        return middle
    return middle[np.linspace(0, len(middle) - 1, PLACES).astype(int)]


def _centers(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centers × widths, from half the range down to a few points."""
    n, width, center, widths = len(np.unique(u)), 0.5, [], []
    while width * n > NARROWEST and 1 / width < PLACES:
        grid = np.arange(-width, 1 + width * 1.01, width * SPACING)
        center.append(grid)
        widths.append(np.full(len(grid), width))
        width /= 2
    if not center:
        return np.array([0.5]), np.array([0.5])
    return np.concatenate(center), np.concatenate(widths)


def _of_several(u: np.ndarray, rng: np.random.Generator) -> list[Group]:
    """Powers and products of two inputs, in order; ridges of all directions, places and widths."""
    n, d = u.shape
    z = 2 * u - 1
    first = list(z.T)
    second = [z[:, i] * z[:, j] for i in range(d) for j in range(i, d)]
    second = second[: max(1, n // POINTS_EACH - d)]
    columns = np.array(first + second)
    sizes = np.array([d, len(second)])
    smooth = Group("polynomial", columns, True, np.full(len(columns), np.nan), sizes)
    weight = rng.normal(size=(RIDGES, d))
    weight[: min(d * 16, RIDGES // 2)] = np.eye(d)[np.arange(min(d * 16, RIDGES // 2)) % d]
    weight /= np.linalg.norm(weight, axis=1, keepdims=True)
    center = z[rng.integers(0, n, RIDGES)]
    slope = 2.0 ** rng.uniform(0, max(1.0, np.log2(n) / d) + 1, RIDGES)
    argument = slope[:, None] * (weight @ z.T - np.sum(weight * center, axis=1)[:, None])
    ridges = 0.5 * (1 + np.tanh(argument))
    return [smooth, _alone("sigmoid", ridges, np.full(RIDGES, np.nan))]
