"""Step parameters: −2 ln L is flat while no data point changes side, so move from cell to cell."""

import dataclasses
import itertools

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, silent
from surefit.problem.base import AbstractProblem
from surefit.problem.projected import Projected

# Trial positions along one direction, and halvings that locate the edge of a cell.
TRIALS = 128
HALVINGS = 44
SWEEPS = 12


def descend_cells(
    screen: AbstractProblem,
    problem: AbstractProblem,
    minima: Minima,
    steps: np.ndarray,
    minimizer: AbstractMinimizer,
    budget: Budget,
) -> Minima:
    """Improve each minimum by moving its step parameters, then the smooth ones, in turn.

    Along each step parameter, and along sums and differences of pairs (the edges of
    `abs(x - a) < b` are a − b and a + b), positions of all sizes are tried; then the neighboring
    cells, whose edges are located by bisection, until none is lower. The center of the best cell
    is reported.

    Args:
        screen: The problem with linear parameters projected out.
        problem: The same problem with all its parameters.
        minima: Where the minimizer ended.
        steps: Mask of the step parameters of `problem`.
        minimizer: What refits the smooth parameters after a move.
        budget: Limits on the work of the minimizer.

    Returns:
        The improved minima, each at the center of its cell.
    """
    points, values = minima.points.copy(), minima.value.copy()
    status, counts = list(minima.status), minima.steps.copy()
    for row in np.argsort(values)[: max(2, len(values) // 2)]:
        if not np.isfinite(values[row]):
            continue
        for _ in range(SWEEPS):
            before = values[row]
            moved = _sweep(screen, points[row], steps)
            refit = minimizer.minimize(problem, moved[None], budget=budget, report=silent)
            if refit.value[0] <= values[row]:
                points[row], values[row] = refit.points[0], refit.value[0]
                status[row] = refit.status[0]
            counts[row] += refit.steps[0]
            if not values[row] < before * (1 - 1e-9):
                break
        points[row] = _at_center(screen, points[row], steps)
    return dataclasses.replace(
        minima, points=points, value=values, status=tuple(status), steps=counts
    )


class _Line:
    """−2 ln L along one direction of the step parameters."""

    def __init__(self, screen: AbstractProblem, point: np.ndarray, direction: np.ndarray) -> None:
        self.screen, self.point, self.direction = screen, point, direction

    def at(self, positions: np.ndarray) -> np.ndarray:
        points = self.point[None] + positions[:, None] * self.direction[None]
        if isinstance(self.screen, Projected):
            points = points[:, self.screen.searched]
        lower, upper = self.screen.bounds
        inside = np.all((points >= lower) & (points <= upper), axis=1)
        return np.where(inside, self.screen.value(points), np.inf)

    def edge(self, inside: float, outside: float) -> float:
        """A position between the two where the cell of `inside` ends, by bisection."""
        value = self.at(np.array([inside]))[0]
        for _ in range(HALVINGS // 4):
            # Sixteen positions a call are as quick as one.
            trial = inside + (outside - inside) * np.arange(1, 17) / 17
            same = _same(self.at(trial), value)
            count = int(np.argmin(same)) if not same.all() else 16
            low = inside if count == 0 else trial[count - 1]
            outside = outside if count == 16 else trial[count]
            inside = low
        return (inside + outside) / 2


def _same(values: np.ndarray, value: float) -> np.ndarray:
    """Equal up to the rounding of a projected value."""
    return np.abs(values - value) <= 1e-9 * max(abs(value), 1e-300)


def _directions(steps: np.ndarray) -> list[np.ndarray]:
    unit = np.eye(len(steps))
    which = np.flatnonzero(steps)
    pairs = list(itertools.combinations(which, 2))
    return (
        [unit[i] for i in which]
        + [unit[i] + unit[j] for i, j in pairs]
        + [unit[i] - unit[j] for i, j in pairs]
    )


def _reach(screen: AbstractProblem) -> float:
    scales = screen.scales
    extents = [high - low for low, high in zip(scales.x_low, scales.x_high, strict=True)]
    return max(max(extents), 1e-300)


def _sweep(screen: AbstractProblem, point: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Move along every direction in turn, to the lowest cell seen."""
    reach = _reach(screen)
    fine = reach * 2.0 ** -np.arange(1, 17)
    positions = np.concatenate([np.linspace(-reach, reach, TRIALS), fine, -fine])
    for direction in _directions(steps):
        line = _Line(screen, point, direction)
        spread = positions
        here = line.at(np.zeros(1))[0]
        best, best_value = 0.0, here
        for _ in range(3):
            values = line.at(best + spread)
            lowest = int(np.argmin(values))
            if values[lowest] < best_value:
                best, best_value = best + spread[lowest], values[lowest]
            spread = spread / (TRIALS / 4)
        best = _neighbors(line, best, best_value, reach)
        point = point + best * direction
    return point


def _neighbors(line: _Line, position: float, value: float, reach: float) -> float:
    """Step to adjacent cells while they are lower."""
    for sign in (1.0, -1.0):
        for _ in range(20):
            edge = line.edge(position, position + sign * reach / 4)
            beyond = edge + sign * reach * 2.0**-40
            there = line.at(np.array([beyond]))[0]
            if not there < value * (1 - 1e-9):
                break
            far = line.edge(beyond, beyond + sign * reach / 4)
            position, value = (beyond + far) / 2, there
    return position


def _at_center(screen: AbstractProblem, point: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Put each step parameter in the middle of its cell."""
    reach = _reach(screen)
    for direction in _directions(steps)[: int(steps.sum())]:
        line = _Line(screen, point, direction)
        low, high = line.edge(0.0, -reach), line.edge(0.0, reach)
        point = point + (low + high) / 2 * direction
    return point
