"""Step parameters: −2 ln L is flat within a cell, so settle on the best cell and its center."""

import itertools

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.search.scans import reach

# Calls that locate the edge of a cell, each dividing the interval by 4: to 2^-32 of the reach.
# Few parts in many calls, as a value costs more than a call.
PARTS = 4
DIVISIONS = 15
# How far beyond a located edge the next cell surely begins, as a fraction of the reach.
BEYOND = 2.0**-31
# Adjacent cells visited along one direction before giving up on finding the last lower one.
MOST_CELLS = 30


def settle(screen: AbstractProblem, point: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Step to adjacent cells while one is lower, then to the center of the last.

    A cell is a set of parameters for which no data point changes side. Edges are located by
    repeated division of an interval in which −2 ln L changes.

    Args:
        screen: The problem, with linear parameters projected out.
        point: A point of that problem, shape (q,).
        steps: Mask of the step parameters among its parameters, shape (q,).

    Returns:
        The point with each step parameter in the middle of its cell.
    """
    which = np.flatnonzero(steps)
    unit = np.eye(len(steps))
    pairs = list(itertools.combinations(which, 2))
    directions = [unit[i] + s * unit[j] for i, j in pairs for s in (1.0, -1.0)]
    for direction in (*directions, *(unit[i] for i in which)):
        point = _Line(screen, point, direction).lowest_nearby()
    for i in which:
        point = _Line(screen, point, unit[i]).center()
    return point


class _Line:
    """−2 ln L along one direction of the step parameters."""

    def __init__(self, screen: AbstractProblem, point: np.ndarray, direction: np.ndarray) -> None:
        self.screen, self.point, self.direction = screen, point, direction
        self.reach = reach(screen.scales)

    def at(self, positions: np.ndarray) -> np.ndarray:
        points = self.point[None] + positions[:, None] * self.direction[None]
        lower, upper = self.screen.bounds
        inside = np.all((points >= lower) & (points <= upper), axis=1)
        return np.where(inside, self.screen.value(np.clip(points, lower, upper)), np.inf)

    def edge(self, inside: float, outside: float) -> float:
        """Where the cell of `inside` ends, on the way to `outside`."""
        value = self.at(np.array([inside]))[0]
        for _ in range(DIVISIONS):
            trial = inside + (outside - inside) * np.arange(1, PARTS) / PARTS
            same = np.abs(self.at(trial) - value) <= 1e-9 * abs(value)
            count = len(same) if same.all() else int(np.argmin(same))
            low = inside if count == 0 else trial[count - 1]
            outside = outside if count == len(same) else trial[count]
            inside = low
        return (inside + outside) / 2

    def lowest_nearby(self) -> np.ndarray:
        """The point moved to adjacent cells for as long as one is lower."""
        position, value = 0.0, self.at(np.zeros(1))[0]
        for sign in (1.0, -1.0):
            for _ in range(MOST_CELLS):
                edge = self.edge(position, position + sign * self.reach / 4)
                beyond = edge + sign * self.reach * BEYOND
                there = self.at(np.array([beyond]))[0]
                if not there < value * (1 - 1e-9):
                    break
                position, value = beyond, there
        return self.point + position * self.direction

    def center(self) -> np.ndarray:
        """The point moved to the middle of its cell."""
        low, high = self.edge(0.0, -self.reach), self.edge(0.0, self.reach)
        return self.point + (low + high) / 2 * self.direction
