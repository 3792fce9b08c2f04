"""Find where −2 ln L, minimized over all else, has risen by so much along rays from the minimum."""

import dataclasses
import enum

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.problem.projected import solve_scaled
from surefit.uncertainty.level_descent import LevelMinima, Levels, descend_on_levels
from surefit.uncertainty.targets import Targets

# Accuracy of the root in −2 ln L, relative to the rise: some 1e-5 of an error.
ACCURACY = 2e-5
# Most doublings outward, and most divisions of a bracket.
OUTWARD = 24
INWARD = 60
# A decrease of −2 ln L beyond this, in its unit, is a better minimum and not a better polish.
BETTER = 1e-2
# A bracket this narrow, relative to its place, between what can be reached and what cannot.
NARROW = 1e-10


class End(enum.Enum):
    """How the way along a ray ended."""

    found = "the rise was met"
    limit = "the allowed region ends before −2 ln L has risen so much"
    flat = "−2 ln L does not rise so much, however far the parameter goes"


@dataclasses.dataclass(frozen=True, eq=False)
class Landscape:
    """−2 ln L around a minimum.

    Attributes:
        problem: The problem of the coordinates.
        targets: What may be held.
        point: The minimum, shape (q,).
        value: −2 ln L there.
        unit: The rise that is one standard deviation: 1, or the estimated variance of y.
    """

    problem: AbstractProblem
    targets: Targets
    point: np.ndarray
    value: float
    unit: float

    @property
    def scale(self) -> np.ndarray:
        """Curvature by each coordinate, shape (q,), positive."""
        diagonal = np.diag(self.problem.reduce(self.point[None]).curvature[0])
        return np.where(diagonal > 0, diagonal, 1.0)

    @property
    def center(self) -> np.ndarray:
        """The targets at the minimum, shape (t,)."""
        which = np.arange(len(self.targets.offset))[None]
        return self.targets.values(self.point[None], which)[0]

    def tangents(self, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the minimum goes as targets move, and their covariance, from the curvature.

        Args:
            which: Indices of targets, shape (s, k).

        Returns:
            Derivatives of the coordinates by the targets, shape (s, q, k), and the covariance of
            the targets for a rise by `unit`, shape (s, k, k); infinite where undetermined.
        """
        curvature = self.problem.reduce(self.point[None]).curvature / (2 * self.unit)
        points = np.repeat(self.point[None], len(which), axis=0)
        slopes = self.targets.slopes(points, which)
        right = slopes.transpose(0, 2, 1)
        spread = solve_scaled(np.repeat(curvature, len(which), axis=0), right)
        covariance = slopes @ spread
        return spread @ np.linalg.pinv(covariance, hermitian=True), covariance


@dataclasses.dataclass(frozen=True, eq=False)
class Rays:
    """Ways from the minimum through the space of targets.

    Attributes:
        which: Indices of the targets of each ray, shape (s, k).
        directions: How they move along it, of the size of one standard deviation, shape (s, k).
    """

    which: np.ndarray
    directions: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Rises:
    """Where the rise was met along each ray.

    Attributes:
        positions: Along the rays, shape (s,); infinite where it was never met.
        points: The coordinates there, shape (s, q).
        ends: How each ray ended.
        lowest: The lowest −2 ln L met anywhere.
        lowest_point: Where.
    """

    positions: np.ndarray
    points: np.ndarray
    ends: tuple[End, ...]
    lowest: float
    lowest_point: np.ndarray

    def is_better(self, landscape: Landscape) -> bool:
        """Whether a minimum was met that is lower than the one from which the rays go out."""
        return self.lowest < landscape.value - BETTER * landscape.unit


class Walk:
    """Profiles along rays, walked step by step from the minimum: each row knows where it was."""

    def __init__(self, landscape: Landscape, rays: Rays) -> None:
        self.landscape, self.rays = landscape, rays
        s = len(rays.which)
        points = np.repeat(landscape.point[None], s, axis=0)
        self.center = landscape.targets.values(points, rays.which)
        tangents, covariance = landscape.tangents(rays.which)
        self.tangent = np.einsum("sqk,sk->sq", tangents, rays.directions)
        self.sizes = np.sqrt(np.maximum(np.einsum("skk->sk", covariance), 1e-300))
        self.scale = landscape.scale
        self.position, self.point = np.zeros(s), points
        self.lowest, self.lowest_point = landscape.value, landscape.point

    def rises(self, rows: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """The rise of −2 ln L at positions along the chosen rays; the rows move there."""
        rays, ahead = self.rays, positions - self.position[rows]
        levels = Levels(
            self.landscape.targets,
            rays.which[rows],
            self.center[rows] + positions[:, None] * rays.directions[rows],
            self.sizes[rows],
        )
        start = self.point[rows] + ahead[:, None] * self.tangent[rows]
        problem, unit = self.landscape.problem, self.landscape.unit
        minima = descend_on_levels(problem, levels, start, self.scale, unit)
        self._remember(rows, positions, minima)
        return minima.value - self.landscape.value

    def _remember(self, rows: np.ndarray, positions: np.ndarray, minima: LevelMinima) -> None:
        good = np.isfinite(minima.value)
        moved = positions - self.position[rows]
        new = good & (moved != 0)
        step = minima.points[new] - self.point[rows[new]]
        self.tangent[rows[new]] = step / moved[new, None]
        self.position[rows[good]], self.point[rows[good]] = positions[good], minima.points[good]
        if good.any() and minima.value[good].min() < self.lowest:
            row = int(np.argmin(np.where(good, minima.value, np.inf)))
            self.lowest, self.lowest_point = float(minima.value[row]), minima.points[row]


def find_rises(landscape: Landscape, rays: Rays, rise: float | np.ndarray) -> Rises:
    """Find where −2 ln L has risen by so much along each ray, all rays in one batch.

    Args:
        landscape: The minimum and what is around it.
        rays: The ways out.
        rise: By how much, positive; one for all, or one for each ray.

    Returns:
        The places. The walk ends at once where it meets a better minimum.
    """
    walk, s = Walk(landscape, rays), len(rays.which)
    walk.rises(np.zeros(1, dtype=int), np.zeros(1))  # is it a minimum at all
    roots = np.broadcast_to(np.sqrt(rise), s)
    inner, outer = np.zeros(s), np.full(s, np.inf)
    inner_size, outer_size = np.zeros(s), np.full(s, np.nan)  # roots of the rises there
    position = roots / np.sqrt(landscape.unit)
    ends: list[End | None] = [None] * s
    for attempt in range(OUTWARD + INWARD):
        rows = np.flatnonzero([end is None for end in ends])
        if not len(rows) or walk.lowest < landscape.value - BETTER * landscape.unit:
            break
        found = np.sqrt(np.maximum(walk.rises(rows, position[rows]), 0.0))
        inside = found < roots[rows]
        inner[rows[inside]], inner_size[rows[inside]] = position[rows[inside]], found[inside]
        outer[rows[~inside]], outer_size[rows[~inside]] = position[rows[~inside]], found[~inside]
        for row, size in zip(rows, found, strict=True):
            root = float(roots[row])
            narrow = outer[row] - inner[row] <= NARROW * outer[row]
            if abs(size - root) <= ACCURACY / 2 * root:
                ends[row] = End.found
            elif np.isinf(outer[row]):
                ends[row] = End.flat if attempt >= OUTWARD else None
                ratio = np.clip(1.05 * root / max(size, 1e-300), 1.1, 3.0)
                position[row] = ratio * position[row]
            elif narrow:
                jumps = np.isfinite(outer_size[row])
                ends[row], position[row] = (End.found if jumps else End.limit), inner[row]
            else:
                both = (inner[row], outer[row]), (inner_size[row], outer_size[row])
                position[row] = _between(*both, root, attempt)
    positions = np.where([end is End.flat or end is None for end in ends], np.inf, position)
    known = tuple(End.flat if end is None else end for end in ends)
    return Rises(positions, walk.point, known, walk.lowest, walk.lowest_point)


def _between(places, sizes, root: float, attempt: int) -> float:
    """A place within a bracket: by a straight line through the roots of the rises, or its middle.

    The root of a rise is nearly proportional to the distance.
    """
    (low, high), (below, above) = places, sizes
    middle = (low + high) / 2
    if not np.isfinite(above) or attempt % 4 == 3:
        return middle
    share = (root - below) / (above - below)
    return low + np.clip(share, 0.02, 0.98) * (high - low)
