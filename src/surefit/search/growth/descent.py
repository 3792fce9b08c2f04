"""Levenberg–Marquardt on a batch of growing sums; every step solves for the coefficients."""

import dataclasses

import numpy as np

from surefit.search.growth.growing import Growing, Projected, centers, gram, project

# How far, in units of the half range of x, a unit's center may leave the data, beyond which only
# its tail would be seen; in arguments of the shape.
SPAN = 2.0
TAIL = 6.0


@dataclasses.dataclass(frozen=True, eq=False)
class Descended:
    """Where a batch of descents ended.

    Attributes:
        q: Shape (S, n, 1 + D).
        value: χ² there, shape (S,).
        coefficient: Shape (S, G, L, T).
        is_done: Which have converged to the tolerance, shape (S,).
        n_steps: Steps that each took, shape (S,).
    """

    q: np.ndarray
    value: np.ndarray
    coefficient: np.ndarray
    is_done: np.ndarray
    n_steps: np.ndarray

    def rows(self, which: np.ndarray) -> "Descended":
        """The chosen rows."""
        return Descended(*(getattr(self, f.name)[which] for f in dataclasses.fields(self)))

    def best(self, n: int) -> "Descended":
        """The n lowest."""
        return self.rows(np.argsort(self.value, kind="stable")[:n])


def descend(
    growing: Growing, q: np.ndarray, *, steps: int, damping: float = 1e-2, tolerance: float = 0.0
) -> Descended:
    """Go downhill from each row.

    Args:
        growing: The sums' description and points.
        q: Starts, shape (S, n, 1 + D).
        steps: Most steps.
        damping: First damping, relative to the curvature.
        tolerance: A row is done when the quadratic model promises less, as a part of χ² per
            degree of freedom; 0 always takes all steps.
    """
    at = _state(growing, q, damping)
    value, q, coefficient = at.value.copy(), at.q.copy(), at.coefficient.copy()
    is_done, n_steps = np.zeros(len(q), dtype=bool), np.zeros(len(q), dtype=int)
    alive = np.arange(len(q))
    for taken in range(1, steps + 1):
        if not len(alive):
            break
        n_steps[alive] += 1
        finished = _step(growing, at, tolerance)
        if finished.any() or taken == steps:
            value[alive], q[alive], coefficient[alive] = at.value, at.q, at.coefficient
            is_done[alive[finished]] = True
            at.keep(~finished)
            alive = alive[~finished]
    return Descended(q, value + growing.points.excess, coefficient, is_done, n_steps)


@dataclasses.dataclass(eq=False)
class _State:
    """The rows that still go downhill."""

    q: np.ndarray
    center: np.ndarray
    value: np.ndarray
    coefficient: np.ndarray
    gradient: np.ndarray
    curvature: np.ndarray
    diagonal: np.ndarray
    damping: np.ndarray

    def keep(self, rows: np.ndarray) -> None:
        if rows.all():
            return
        for field in dataclasses.fields(self):
            setattr(self, field.name, getattr(self, field.name)[rows])

    def accept(self, rows: np.ndarray, q: np.ndarray, center: np.ndarray, new: Projected) -> None:
        if rows.all():
            self.q, self.center = q, center
            for field in dataclasses.fields(new):
                setattr(self, field.name, getattr(new, field.name))
            return
        self.q[rows], self.center[rows] = q[rows], center[rows]
        for field in dataclasses.fields(new):
            getattr(self, field.name)[rows] = getattr(new, field.name)[rows]


def _state(growing: Growing, q: np.ndarray, damping: float) -> _State:
    center = centers(q)
    at = project(growing, gram(growing, q, center))
    fields = {field.name: getattr(at, field.name) for field in dataclasses.fields(at)}
    return _State(q=q.copy(), center=center, damping=np.full(len(q), damping), **fields)


def _step(growing: Growing, at: _State, tolerance: float) -> np.ndarray:
    """Try one step of every row; which rows are done."""
    step, promised = _damped_step(growing, at)
    trial = limited(growing, at.q, step, at.center)
    center = centers(trial)
    new = project(growing, gram(growing, trial, center))
    gained = at.value - new.value
    is_better = gained > 0
    ratio = gained / np.maximum(promised, 1e-300)
    limit = tolerance * at.value / max(growing.points.degrees - growing.n_parameters, 1)
    small = (promised < limit) | (is_better & (gained < limit) & (ratio > 0.25))
    damping = np.where(is_better, np.where(ratio > 0.5, at.damping / 5, at.damping), at.damping * 4)
    at.damping = np.clip(damping, 1e-12, 1e10)
    at.accept(is_better, trial, center, new)
    return small


def _damped_step(growing: Growing, at: _State) -> tuple[np.ndarray, np.ndarray]:
    """Kaufman's Gauss–Newton step with Marquardt's damping, and the decrease that it promises."""
    # Units of next to no coefficient have next to no columns: a floor keeps them from jumping.
    floor = 1e-18 * at.diagonal.max(axis=1, keepdims=True) + 1e-300
    scale = 1 / np.sqrt(np.maximum(at.diagonal, floor))
    matrix = at.curvature * scale[:, :, None] * scale[:, None, :]
    np.einsum("sii->si", matrix)[...] += at.damping[:, None] + 1e-12
    right = -at.gradient * scale
    move = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
    promised = np.einsum("sk,sk->s", move, right)
    step = (move * scale).reshape(len(move), -1, growing.n).transpose(0, 2, 1)
    return step, promised


def limited(growing: Growing, q: np.ndarray, step: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Move each unit by at most its own reach; keep slopes below what the points can see."""
    reach = np.abs(q[:, :, 1:]).max(axis=2) + 1.0
    turn = np.abs(step[:, :, 1:]).max(axis=2)
    excess = np.maximum(np.abs(step[:, :, 0]) / 2, turn / (0.7 * reach))
    step = step / np.maximum(1, excess)[:, :, None]
    new = q + step
    new[:, :, 0] -= (center * step[:, :, 1:]).sum(axis=2)
    size = np.sqrt((new[:, :, 1:] ** 2).sum(axis=2))
    new *= np.minimum(1, growing.steepest(new) / np.maximum(size, 1e-300))[:, :, None]
    size = np.abs(new[:, :, 1:]).sum(axis=2)
    new[:, :, 0] = np.clip(new[:, :, 0], -SPAN * size - TAIL, SPAN * size + TAIL)
    return new
