"""Variable projection: linear parameters are solved, never searched."""

import contextlib
import dataclasses
import functools

import numpy as np

from surefit.data.scales import Scales
from surefit.exceptions import UnsuitableMinimizer
from surefit.problem.base import AbstractProblem, Factored, Pure, Reduced, diagonals

# Eigenvalues of the scaled normal matrix below this fraction of the largest one are rounding:
# the square of the condition number that float64 normal equations can still resolve.
NEGLIGIBLE = 1e-13
# Part of −2 ln L that solving linear parameters leaves, below which it is solved once more.
DROWNED = 1e-10


@dataclasses.dataclass(frozen=True, eq=False)
class Near:
    """A projected problem at points where the linear values are only near their best.

    Attributes:
        reduced: Its quadratic model; the value is that at the linear values given.
        linear: The best linear values, shape (s, l).
        follow: How they change with the nonlinear parameters, shape (s, l, q).
        excess: −2 ln L at the linear values given minus that at the best ones, shape (s,).
    """

    reduced: Reduced
    linear: np.ndarray
    follow: np.ndarray
    excess: np.ndarray

    def replace(self, rows: np.ndarray, other: "Near") -> None:
        """Put other results in the place of some rows."""
        self.reduced.replace(rows, other.reduced)
        self.linear[rows], self.follow[rows] = other.linear, other.follow
        self.excess[rows] = other.excess


@dataclasses.dataclass(frozen=True, eq=False)
class Projected(AbstractProblem):
    """A least-squares problem with its linear parameters eliminated.

    At each point of the nonlinear parameters, the linear ones are at their best (Golub and
    Pereyra 1973). The curvature is Kaufman's (1975): the Schur complement of the Gauss–Newton
    matrix. Build one with `projected`.

    Attributes:
        problem: The problem with all its parameters.
        searched: Indices of the nonlinear parameters.
        solved: Indices of the linear parameters.
    """

    problem: AbstractProblem
    searched: np.ndarray
    solved: np.ndarray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.problem.names[i] for i in self.searched)

    @functools.cached_property
    def _order(self) -> np.ndarray:
        """Indices of the nonlinear parameters, and after them of the linear ones."""
        return np.concatenate([self.searched, self.solved])

    @property
    def linear(self) -> np.ndarray:
        return np.zeros(len(self.searched), dtype=bool)

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = self.problem.bounds
        return lower[self.searched], upper[self.searched]

    @property
    def is_least_squares(self) -> bool:
        return True

    @property
    def n_terms(self) -> int:
        return self.problem.n_terms

    @property
    def scales(self) -> Scales:
        return self.problem.scales

    def complete(self, points: np.ndarray) -> np.ndarray:
        """The underlying problem's points: these nonlinear values, and the best linear ones."""
        return self._solve(points)[0]

    def expand(self, points: np.ndarray) -> np.ndarray:
        return self.problem.expand(self.complete(points))

    def value(self, points: np.ndarray) -> np.ndarray:
        return self._solve(points)[1]

    def reduce(self, points: np.ndarray) -> Reduced:
        return self.reduce_near(points, self.solved_at(points)).reduced

    def reduce_near(self, points: np.ndarray, linear: np.ndarray) -> "Near":
        """The quadratic model from one evaluation, with linear values that may be a little off.

        The prediction is linear in them: how far they are off, and −2 ln L at the best ones, follow
        exactly. The slopes of the nonlinear parameters are those at the values given.

        Args:
            points: Values of the nonlinear parameters, shape (s, q).
            linear: Values of the linear ones near their best, shape (s, l).
        """
        full, q = self.problem.reduce(self.joined(points, linear)), len(self.searched)
        order = self._order
        curvature, slope = full.curvature[:, order[:, None], order], full.gradient[:, order]
        outer, cross, inner = curvature[:, :q, :q], curvature[:, :q, q:], curvature[:, q:, q:]
        both = np.concatenate([curvature[:, q:, :q], slope[:, q:, None]], axis=2)
        solution = solve_scaled(inner, both)
        follow, off = solution[:, :, :-1], solution[:, :, -1]
        schur = outer - cross @ follow
        gradient = slope[:, :q] - (cross @ off[:, :, None])[:, :, 0]
        reduced = Reduced(full.value, gradient, (schur + schur.transpose(0, 2, 1)) / 2)
        excess = (slope[:, q:] * off).sum(axis=1) / 2
        return Near(reduced, linear - off, -follow, excess)

    def solved_at(self, points: np.ndarray) -> np.ndarray:
        """The best linear values for these nonlinear ones, shape (s, l)."""
        return self.complete(points)[:, self.solved]

    def joined(self, points: np.ndarray, linear: np.ndarray) -> np.ndarray:
        """Points of the problem with all its parameters, shape (s, p)."""
        full = np.zeros((len(points), len(self.searched) + len(self.solved)))
        full[:, self.searched], full[:, self.solved] = points, linear
        return full

    def factorize(self, point: np.ndarray) -> Factored:
        """The triangle of the projected Jacobian: the lower right corner of the full one."""
        order = np.concatenate([self.solved, self.searched])
        full = self.problem.factorize(self.complete(point[None])[0])
        orthogonal, triangle = np.linalg.qr(full.triangle[:, order])
        rotated, k = orthogonal.T @ full.rotated, len(self.solved)
        return Factored(triangle[k:, k:], rotated[k:], full.value)

    def linearize(self, point: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        residuals, jacobian = self.problem.linearize(self.complete(point[None])[0])
        orthogonal, _ = np.linalg.qr(jacobian[:, self.solved])
        columns = jacobian[:, self.searched]
        return residuals, columns - orthogonal @ (orthogonal.T @ columns)

    def thinned(self, n_points: int, rng: np.random.Generator) -> AbstractProblem:
        thin = self.problem.thinned(n_points, rng)
        return self if thin is self.problem else dataclasses.replace(self, problem=thin)

    def for_rows(self, which: np.ndarray) -> "Projected":
        chosen = self.problem.for_rows(which)
        return self if chosen is self.problem else dataclasses.replace(self, problem=chosen)

    def pure(self) -> Pure:
        raise UnsuitableMinimizer(
            "A problem with its linear parameters projected out has no single JAX function; "
            "use LevenbergMarquardt, or the full problem."
        )

    def _solve(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Full points with the best linear values, and −2 ln L there."""
        full = np.zeros((len(points), len(self.searched) + len(self.solved)))
        full[:, self.searched] = points
        if not len(points):
            return full, np.zeros(0)
        before, value = self._solved_once(self.problem, full)
        # Where hardly anything is left of −2 ln L, as with a large offset, it is mostly rounding.
        drowned = np.flatnonzero(np.isfinite(value) & (value < DROWNED * before))
        if len(drowned):
            again = full[drowned]
            _, value[drowned] = self._solved_once(self.problem.for_rows(drowned), again)
            full[drowned] = again
        return full, value

    def _solved_once(self, problem: AbstractProblem, full: np.ndarray):
        """Move linear values to their best, in place; −2 ln L before and after, shape (s,) each."""
        start = problem.reduce(full)
        inner = start.curvature[:, self.solved][:, :, self.solved]
        slope = start.gradient[:, self.solved]
        step = solve_scaled(inner, slope[:, :, None])[:, :, 0]
        full[:, self.solved] -= step
        # Exact for a quadratic; clipped where cancellation would make it negative.
        value = np.maximum(start.value - np.sum(slope * step, axis=1) / 2, 0.0)
        return start.value, np.where(np.isfinite(start.value), value, np.inf)


def solve_scaled(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve symmetric positive semidefinite systems, leaving out undetermined directions.

    Rows and columns are scaled to a unit diagonal first, so that units do not matter.

    Args:
        matrix: Shape (s, l, l).
        right: Right-hand sides, shape (s, l, k).

    Returns:
        The minimum-norm solutions in scaled units, shape (s, l, k).
    """
    if matrix.shape[-1] == 0:
        return np.zeros_like(right)
    diagonal = diagonals(matrix)
    is_used = diagonal > 0
    is_all_used = is_used.all()
    if not is_all_used:
        diagonal = np.where(is_used, diagonal, np.inf)  # so that its inverse is zero
    if matrix.shape[-1] == 1:
        return right / diagonal[:, :, None]
    scale = (1 / np.sqrt(diagonal))[:, :, None]
    scaled, right = matrix * (scale * scale.transpose(0, 2, 1)), scale * right
    if is_all_used:  # mostly nothing is negligible, which the inverse tells sooner
        with contextlib.suppress(np.linalg.LinAlgError):
            inverse = np.linalg.inv(scaled)
            # With l rows, no eigenvalue is above l, and none below one over l times this entry.
            if np.abs(inverse).max(initial=0.0) < 1 / (NEGLIGIBLE * matrix.shape[-1] ** 2):
                return scale * (inverse @ right)
    values, vectors = np.linalg.eigh(scaled)
    keep = values > NEGLIGIBLE * np.maximum(values[:, -1:], 0)  # hence positive
    inverse = np.where(keep, 1 / np.where(keep, values, 1.0), 0.0)
    rotated = vectors.transpose(0, 2, 1) @ right
    return scale * (vectors @ (inverse[:, :, None] * rotated))


def projected(problem: AbstractProblem) -> AbstractProblem:
    """Eliminate the linear parameters, where there are both linear and nonlinear ones.

    Args:
        problem: Any least-squares problem.

    Returns:
        The projected problem; the problem itself if nothing can be, or need be, projected.
    """
    linear = problem.linear
    if not problem.is_least_squares or not linear.any() or linear.all():
        return problem
    return Projected(problem, np.flatnonzero(~linear), np.flatnonzero(linear))


def searched_part(problem: AbstractProblem, points: np.ndarray) -> np.ndarray:
    """What a problem made by `projected` takes of points of the one it was made of.

    Args:
        problem: A projected problem, or one with nothing to project.
        points: Values of all parameters, shape (s, q); or a mask of them, shape (1, q).

    Returns:
        The columns of the nonlinear parameters; all where nothing is projected.
    """
    return points[:, problem.searched] if isinstance(problem, Projected) else points


def completed(problem: AbstractProblem, points: np.ndarray) -> np.ndarray:
    """The inverse of `searched_part`, with the best linear values for these nonlinear ones."""
    return problem.complete(points) if isinstance(problem, Projected) else points
