"""On evenly spaced inputs, a frequency and one that is higher by the sampling rate are the same.

The points cannot tell cos(2π f x) from cos(2π (f + 1/h) x) where all x are multiples of h (Shannon
1949): of such equivalent minima the slowest is reported, or the one nearest to a start given.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.problem.projected import completed, projected, searched_part

# Distance from a grid, in its spacing, that is rounding of the inputs.
ON_GRID = 1e-6
# Relative difference of −2 ln L that is rounding; and that of predictions, many turns of a wave
# included.
SAME = 1e-7
ROUNDING = 1e-12
# What a parameter may be multiplied by x in: radians or turns.
TURNS = (2 * np.pi, 1.0)


@dataclasses.dataclass(frozen=True, eq=False)
class Aliases:
    """What is needed to recognize aliases.

    Attributes:
        inputs: All x, shape (n, d).
        start: Values that the user gave, NaN where none, shape (q,).
        phases: Parameters in which the function is periodic, with their periods.
    """

    inputs: np.ndarray
    start: np.ndarray
    phases: tuple[tuple[int, float], ...] = ()

    def resolved(self, problem: AbstractProblem, point: np.ndarray) -> np.ndarray:
        """The equivalent point whose rates are slowest, or nearest to their starts.

        Args:
            problem: The problem.
            point: A minimum, shape (q,).

        Returns:
            A point with the same predictions, shape (q,); the same one where there is none.
        """
        grids = [found for column in self.inputs.T if (found := grid(column)) is not None]
        if not grids or not np.isfinite(point).all():
            return point
        fine = projected(problem)
        value = float(problem.value(point[None])[0])
        without = float(problem.value(np.where(problem.linear, 0.0, point)[None])[0])
        # The length of the residuals, if each prediction is off by its rounding.
        rounding = ROUNDING * np.sqrt(without) if np.isfinite(without) else 0.0
        most = value * SAME + (np.sqrt(max(value, 0.0)) + rounding) ** 2
        lower, upper = problem.bounds
        for j in np.flatnonzero(~problem.linear):
            for trials in self._trials(point, int(j), grids):
                trials = trials[np.all((trials >= lower) & (trials <= upper), axis=1)]
                values = fine.value(searched_part(fine, trials)) if len(trials) else np.zeros(0)
                if len(values) and values.min() <= most:
                    point = completed(fine, searched_part(fine, trials[[values.argmin()]]))[0]
                    break
        return point

    def _trials(self, point: np.ndarray, j: int, grids) -> Iterator[np.ndarray]:
        """Candidates (k, q) for one parameter as a rate or as a period, those nearest first."""
        found: list[tuple[float, np.ndarray]] = []
        start = self.start[j]
        for (spacing, first), turn, is_period in (
            (one, turn, kind) for one in grids for turn in TURNS for kind in (False, True)
        ):
            if is_period and (point[j] == 0 or start == 0):
                continue
            rate = 1 / point[j] if is_period else point[j]
            wanted = 0.0 if np.isnan(start) else abs(1 / start if is_period else start)
            step = turn / spacing
            for target in {wanted, -wanted}:
                k = np.round((rate - target) / step)
                new = rate - k * step
                if abs(abs(new) - wanted) >= abs(abs(rate) - wanted) * (1 - ON_GRID) or new == 0:
                    continue
                trial = point.copy()
                trial[j] = 1 / new if is_period else new
                found.append((abs(abs(new) - wanted), self._with_phases(trial, k * first)))
        yield from (trials for _, trials in sorted(found, key=lambda one: one[0]))

    def _with_phases(self, trial: np.ndarray, turns: float) -> np.ndarray:
        """The same with each phase moved by some turns as well, forth or back."""
        rows = [trial]
        for i, period in self.phases:
            for sign in (1, -1):
                moved = trial.copy()
                moved[i] += sign * period * turns
                rows.append(moved)
        return np.array(rows)


def grid(column: np.ndarray) -> tuple[float, float] | None:
    """The spacing of the grid on which all values lie, and where it begins in units of that.

    Args:
        column: One input, shape (n,).

    Returns:
        (spacing, first/spacing); None if there is no grid, or fewer than three distinct values.

    Example:
        >>> grid(np.array([1.0, 2.0, 4.0, 7.0]))
        (1.0, 1.0)
    """
    distinct = np.unique(column)
    if len(distinct) < 3:
        return None
    spacing = float(np.diff(distinct).min())
    steps = (distinct - distinct[0]) / spacing
    if np.abs(steps - np.round(steps)).max() > ON_GRID * len(distinct):
        return None
    spacing = float((distinct[-1] - distinct[0]) / np.round(steps[-1]))
    return spacing, float(distinct[0] / spacing)
