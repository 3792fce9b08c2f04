"""The last digits of one grown sum, by QR: where units merge, normal equations have none left."""

import dataclasses

import numpy as np

from surefit.minimizers.base import Status
from surefit.minimizers.gauss_newton import EDM_LIMIT
from surefit.search.growth.descent import limited
from surefit.search.growth.growing import Growing, centers, columns_of, unit_values

# Decrease of χ², per degree of freedom, that the undamped quadratic model may still promise at a
# minimum: below what `surefit.minimizers.gauss_newton` asks for.
STATIONARY = 1e-6
# Steps at most, on so many points at most; a few on more.
STEPS, STEPS_MANY, MANY = 150, 4, 20_000
# Steps over which χ² has to fall, and by how much per degree of freedom: a minimum at infinity
# is approached ever more slowly.
PATIENCE, PROGRESS = 20, 1e-5
# A fall over the last steps, per degree of freedom, that no error bar would notice.
STOPPED = 1e-2
# Coefficients in units of the spread of y: beyond, the best fit is at infinity, and the curve has
# long been its limit.
LARGEST = 1e6
# Terms this many times larger than the range of y cancel; that takes three of the digits of y.
CANCELLING = 1e3
# Rows of one QR factorization.
BLOCK = 2**14
# Singular values below this part of the largest are rounding.
ROUNDING = 1e-14


@dataclasses.dataclass(frozen=True, eq=False)
class Polished:
    """A sum after its last steps.

    Attributes:
        q: Bias and weights, shape (n, 1 + D).
        coefficient: Shape (G, L, T).
        value: χ², excess included.
        status: `converged`; `merging` where huge terms cancel, or a quadratic model still promises
            much but χ² no longer falls, as on the way to a minimum at infinity;
            `budget_exhausted` where it still falls.
        n_steps: Steps that it took.
    """

    q: np.ndarray
    coefficient: np.ndarray
    value: float
    status: Status
    n_steps: int


@dataclasses.dataclass(frozen=True, eq=False)
class _Here:
    """χ² at one point, coefficients solved, and the projected Jacobian as singular values."""

    value: float
    coefficient: np.ndarray
    scale: np.ndarray
    left: np.ndarray  # Uᵀr
    size: np.ndarray
    rows: np.ndarray

    def step(self, damping: float) -> tuple[np.ndarray, float]:
        """The damped step and the decrease that it promises."""
        factor = self.size / (self.size**2 + damping)
        move = self.rows.T @ (factor * self.left)
        return move * self.scale, float(np.sum(factor * self.size * self.left**2))


def polish(growing: Growing, q: np.ndarray) -> Polished:
    """Levenberg–Marquardt by QR until the undamped step promises nothing, or progress ends.

    Args:
        growing: The sum on all points.
        q: Where to begin, shape (n, 1 + D).
    """
    here, damping = _at(growing, q), 1e-8
    unit = growing.per_degree(here.value + growing.points.excess)
    history = [here.value]
    most = STEPS if len(growing.points) <= MANY else STEPS_MANY
    for _ in range(most):
        if here.step(ROUNDING**2)[1] <= STATIONARY * unit or damping > 1e8:
            break
        move, promised = here.step(damping)
        step = move.reshape(-1, growing.n).T[None]
        trial = limited(growing, q[None], step, centers(q[None]))[0]
        there = _at(growing, trial)
        ratio = (here.value - there.value) / max(promised, 1e-300)
        if there.value < here.value and np.abs(there.coefficient).max() < LARGEST:
            q, here = trial, there
            damping = damping / 10 if ratio > 0.5 else damping
        else:
            damping = max(damping, 1e-12) * 10
        history.append(here.value)
        if len(history) > PATIENCE and history[-PATIENCE - 1] - history[-1] < PROGRESS * unit:
            break
    promise = here.step(ROUNDING**2)[1]
    recent = history[-min(len(history), PATIENCE)] - history[-1]
    if _is_cancelling(growing, q, here.coefficient):
        status = Status.merging
    elif promise <= EDM_LIMIT * unit:
        status = Status.converged
    else:
        has_stopped = len(history) <= most or recent < STOPPED * unit
        status = Status.merging if has_stopped else Status.budget_exhausted
    value = here.value + growing.points.excess
    return Polished(q, here.coefficient, value, status, len(history) - 1)


def _is_cancelling(growing: Growing, q: np.ndarray, coefficient: np.ndarray) -> bool:
    """Whether terms of a sum are far larger than the data that they add up to."""
    spread = np.ptp(unit_values(growing, q[None])[0], axis=1)
    size = np.abs(coefficient[:, : growing.n]).max(axis=(0, 2))
    return bool((size * spread).max() > CANCELLING * np.ptp(growing.points.y))


def _at(growing: Growing, q: np.ndarray) -> _Here:
    linear, K, n = growing.n_linear, growing.n_searched, growing.n
    factors = _triangles(growing, q)
    value, coefficients, jacobians, residuals = 0.0, [], [], []
    for triangle in factors:
        solution = _solved(triangle[:linear, :linear], triangle[:linear, linear + K :])
        coefficients.append(solution)
        for t in range(solution.shape[1]):
            left = triangle[linear:, linear + K + t]
            # What rank deficiency keeps the linear columns from reaching stays in the residual.
            missed = triangle[:linear, linear + K + t] - triangle[:linear, :linear] @ solution[:, t]
            value += float(left @ left + missed @ missed)
            repeated = np.tile(solution[:n, t], K // n)
            jacobians.append(triangle[linear:, linear : linear + K] * repeated)
            residuals.append(left)
    jacobian, residual = np.concatenate(jacobians), np.concatenate(residuals)
    norm = np.linalg.norm(jacobian, axis=0)
    scale = 1 / np.maximum(norm, 1e-150 + 1e-12 * norm.max())
    left, size, rows = np.linalg.svd(jacobian * scale, full_matrices=False)
    return _Here(value, np.array(coefficients), scale, left.T @ residual, size, rows)


def _solved(triangle: np.ndarray, right: np.ndarray) -> np.ndarray:
    norm = np.linalg.norm(triangle, axis=0)
    scale = 1 / np.where(norm > 0, norm, 1.0)
    return np.linalg.lstsq(triangle * scale, right, rcond=1e-12)[0] * scale[:, None]


def _triangles(growing: Growing, q: np.ndarray) -> list[np.ndarray]:
    """R of the columns [s_j, extra | derivatives | y] of each group."""
    points, center, triangles = growing.points, centers(q[None]), []
    for group in range(len(points.weight)):
        triangle = None
        for start in range(0, len(points), BLOCK):
            rows = slice(start, start + BLOCK)
            piece = columns_of(growing, q[None], center, rows, group)[0].T
            stacked = piece if triangle is None else np.concatenate([triangle, piece])
            triangle = np.linalg.qr(stacked, mode="r")
        triangles.append(triangle)
    return triangles
