"""The last digits of one grown sum, by QR: where units merge, normal equations have none left."""

import dataclasses
import functools

import numpy as np

from surefit.minimizers.base import Status
from surefit.search.growth.descent import limited
from surefit.search.growth.growing import Growing, centers, columns_of

# Decrease of χ², per degree of freedom, that the quadratic model may still promise at a minimum:
# below what `surefit.minimizers.gauss_newton` asks for.
STATIONARY = 1e-7
# Steps at most, on so many points at most; a few on more.
STEPS, STEPS_MANY, MANY = 60, 4, 20_000
# Steps over which χ² has to fall, and by how much per degree of freedom.
PATIENCE, PROGRESS = 20, 1e-5
# A fall over the last steps, per degree of freedom, that no error bar would notice.
STOPPED = 1e-2
# Sizes that coefficients are kept to, one after the other, in units of that of y (1 here: root mean
# square, about a constant if there is one). A fit that is as good with moderate ones is at a
# minimum; one that gains by ever larger ones is not.
SIZES = (1e2, 1e3, 1e4, 1e5)
# What this may cost, in χ² per degree of freedom: a third of a standard deviation, once.
COST = 0.1
# A penalty so small costs nothing that would have to be looked at.
SLIGHT = 0.01
# Standard deviation, in natural units (one of a unit's argument, its own slope), beyond which a
# direction of the nonlinear parameters is not determined, so that a step along it promises nothing.
REACH = 10.0
# Rows of one QR factorization.
BLOCK = 2**14


@dataclasses.dataclass(frozen=True, eq=False)
class Polished:
    """A sum after its last steps.

    Attributes:
        q: Bias and weights, shape (n, 1 + D).
        coefficient: Shape (G, L, T).
        value: χ², excess included.
        status: `converged`; `merging` where χ² still gains by coefficients a hundred times the
            size of y: the minimum is at infinity; `budget_exhausted` where it still falls.
        n_steps: Steps that it took.
    """

    q: np.ndarray
    coefficient: np.ndarray
    value: float
    status: Status
    n_steps: int


@dataclasses.dataclass(frozen=True, eq=False)
class _Here:
    """Penalized χ² at one point, coefficients solved, and the projected Jacobian."""

    value: float
    penalty: float
    coefficient: np.ndarray
    jacobian: np.ndarray
    residual: np.ndarray

    def step(self, damping: float) -> tuple[np.ndarray, float]:
        """The damped step and the decrease that it promises."""
        left, size, rows, scale = self._parts
        factor = size / (size**2 + damping)
        return (rows.T @ (factor * left)) * scale, float(np.sum(factor * size * left**2))

    @functools.cached_property
    def _parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Uᵀr, singular values and rows of the Jacobian with columns of unit length."""
        norm = np.linalg.norm(self.jacobian, axis=0)
        scale = 1 / np.maximum(norm, 1e-150 + 1e-12 * norm.max())
        left, size, rows = np.linalg.svd(self.jacobian * scale, full_matrices=False)
        return left.T @ self.residual, size, rows, scale

    def promise(self, q: np.ndarray, unit: float) -> float:
        """Decrease of χ² that a step within reach promises."""
        natural = np.maximum(np.abs(q), 1.0)
        natural[:, 0] = 1.0
        jacobian = self.jacobian * natural.T.ravel()
        matrix = jacobian.T @ jacobian
        np.einsum("ii->i", matrix)[...] += unit / REACH**2
        gradient = jacobian.T @ self.residual
        if not gradient.any():  # y is 0 at all points: nothing moves, not even the matrix is sound
            return 0.0
        return float(gradient @ np.linalg.solve(matrix, gradient))


@dataclasses.dataclass(frozen=True, eq=False)
class _End:
    """Where one descent ended."""

    q: np.ndarray
    here: _Here
    falls: bool
    n_steps: int


def polish(growing: Growing, q: np.ndarray) -> Polished:
    """Levenberg–Marquardt by QR, with as small coefficients as χ² allows.

    Where units merge, or only the tail of one is used, coefficients may grow without end while χ²
    hardly falls. Of the points that no error bar can tell apart the one with the smallest
    coefficients is chosen: a penalty is added that costs `COST` if one is as large as `SIZES[0]`
    times the size of y, and is weakened as long as that lets χ² fall by more than it.

    Args:
        growing: The sum on all points.
        q: Where to begin, shape (n, 1 + D).
    """
    q = _normal(growing, q)
    unit = growing.per_degree(_at(growing, q, 0.0).value + growing.points.excess)
    ends = [_descended(growing, q, SIZES[0], unit)]
    for size in SIZES[1:]:
        if ends[-1].here.penalty <= SLIGHT * unit:
            break
        ends.append(_descended(growing, ends[-1].q, size, unit))
        before, after = (end.here.value - end.here.penalty for end in ends[-2:])
        if before - after <= COST * unit:
            ends.pop()
            break
    end, n_steps = ends[-1], sum(end.n_steps for end in ends)
    is_finite = len(ends) == 1 or end.here.penalty <= SLIGHT * unit
    status = Status.converged if is_finite else Status.merging
    if end.falls:
        status = Status.budget_exhausted
    value = end.here.value - end.here.penalty + growing.points.excess
    return Polished(end.q, end.here.coefficient, value, status, n_steps)


def _descended(growing: Growing, q: np.ndarray, size: float, unit: float) -> _End:
    """Go downhill with coefficients kept to a size."""
    ridge = COST * unit / size**2
    here, damping = _at(growing, q, ridge), 1e-8
    history = [here.value]
    most = STEPS if len(growing.points) <= MANY else STEPS_MANY
    for _ in range(most):
        if here.promise(q, unit) <= STATIONARY * unit or damping > 1e8:
            break
        move, promised = here.step(damping)
        step = move.reshape(-1, growing.n).T[None]
        trial = _normal(growing, limited(growing, q[None], step, centers(q[None]))[0])
        there = _at(growing, trial, ridge)
        ratio = (here.value - there.value) / max(promised, 1e-300)
        if there.value < here.value:
            q, here = trial, there
            damping = damping / 10 if ratio > 0.5 else damping
        else:
            damping = max(damping, 1e-12) * 10
        history.append(here.value)
        if len(history) > PATIENCE and history[-PATIENCE - 1] - history[-1] < PROGRESS * unit:
            break
    recent = history[-min(len(history), PATIENCE)] - history[-1]
    falls = len(history) > most and recent >= STOPPED * unit
    return _End(q, here, falls, len(history) - 1)


def _normal(growing: Growing, q: np.ndarray) -> np.ndarray:
    """Units whose scale is free with slope 1, so that the size of a coefficient says something."""
    if not growing.is_scale_free:
        return q
    size = np.linalg.norm(q[:, 1:], axis=1, keepdims=True)
    return q / np.where(size > 0, size, 1.0)


def _at(growing: Growing, q: np.ndarray, ridge: float) -> _Here:
    linear, K, n = growing.n_linear, growing.n_searched, growing.n
    value, penalty, coefficients, jacobians, residuals = 0.0, 0.0, [], [], []
    for triangle in _triangles(growing, q, ridge):
        solution = _solved(triangle[:linear, :linear], triangle[:linear, linear + K :])
        coefficients.append(solution)
        penalty += ridge * float(np.sum(solution[:n] ** 2))
        for t in range(solution.shape[1]):
            left = triangle[linear:, linear + K + t]
            # What rank deficiency keeps the linear columns from reaching stays in the residual.
            missed = triangle[:linear, linear + K + t] - triangle[:linear, :linear] @ solution[:, t]
            value += float(left @ left + missed @ missed)
            repeated = np.tile(solution[:n, t], K // n)
            jacobians.append(triangle[linear:, linear : linear + K] * repeated)
            residuals.append(left)
    jacobian, residual = np.concatenate(jacobians), np.concatenate(residuals)
    return _Here(value, penalty, np.array(coefficients), jacobian, residual)


def _solved(triangle: np.ndarray, right: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(triangle, axis=0)
    scale = 1 / np.where(norm > 0, norm, 1.0)
    return np.linalg.lstsq(triangle * scale, right, rcond=1e-12)[0] * scale[:, None]


def _triangles(growing: Growing, q: np.ndarray, ridge: float) -> list[np.ndarray]:
    """R of the columns [s_j, extra | derivatives | y] of each group, and of the penalty's rows."""
    points, center, triangles = growing.points, centers(q[None]), []
    width = growing.n_linear + growing.n_searched + points.y.shape[1]
    for group in range(len(points.weight)):
        triangle = np.sqrt(ridge) * np.eye(growing.n, width)
        for start in range(0, len(points), BLOCK):
            rows = slice(start, start + BLOCK)
            piece = columns_of(growing, q[None], center, rows, group)[0].T
            triangle = np.linalg.qr(np.concatenate([triangle, piece]), mode="r")
        triangles.append(triangle)
    return triangles
