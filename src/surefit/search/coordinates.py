"""Scan coordinates and refine, in turn, while that helps; put steps right between all points."""

import dataclasses

import numpy as np

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, silent
from surefit.problem.base import AbstractProblem
from surefit.problem.projected import completed, searched_part
from surefit.search.cells import settle
from surefit.search.edges import Crossings
from surefit.search.run import SAMPLE, Run
from surefit.search.scans import reach, scan, scan_nearby

# Most repetitions, and how many of the best points take part in those after the first.
SWEEPS = 6
AGAIN = 4


def sweep(
    run: Run, points: np.ndarray, *, independent: bool, others: np.ndarray | None = None
) -> None:
    """Scan the coordinates of each point and refine, then those of the best again.

    Args:
        run: The search.
        points: Where to begin, shape (s, q).
        independent: Whether they owe nothing to what was found before.
        others: Points refined together with the scanned ones, which costs less, shape (k, q).
    """
    if not len(points):
        return
    best = np.inf if independent else run.best()
    minima = first = _scanned(run, points, independent, others)
    for _ in range(SWEEPS - 1):
        if run.is_late() or not minima.value.min() < best - run.tolerance():
            break
        best = minima.value.min()
        points = minima.points[np.argsort(minima.value)[:AGAIN]]
        minima = _scanned(run, points, False)
    if run.jumping.any() and (run.is_sampling or run.edges is not None):
        _scan_all_points(run, minima)
    # What the sweeps made of the best start is where that start ended.
    row, last = first.best, minima.best
    if minima.value[last] < first.value[row]:
        first.points[row], first.value[row] = minima.points[last], minima.value[last]


def settled(run: Run, points: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put the best point into the middle of the best cell nearby, and refit.

    Args:
        run: The search.
        points: Where descents ended, shape (s, q).
        values: −2 ln L there, shape (s,).

    Returns:
        Both, with the best point replaced.
    """
    best = int(np.argmin(values))
    for _ in range(SWEEPS):
        before = values[best]
        minima = run.minimizer.minimize(
            run.problem,
            _in_cell(run, points[[best]], is_thorough=True),
            budget=run.budget,
            report=run.report,
        )
        if minima.value[0] <= before:
            points[best], values[best] = minima.points[0], minima.value[0]
        if run.is_late() or not minima.value[0] < before - run.tolerance():
            break
    return points, values


def _in_cell(run: Run, points: np.ndarray, *, is_thorough: bool) -> np.ndarray:
    """One point, (1, q), in the best cell along each direction, the rest held."""
    inner, q = searched_part(run.fine, points), len(run.problem.names)
    place = searched_part(run.fine, np.arange(q)[None])[0]
    known = run.edges

    def edges(at: np.ndarray, line: np.ndarray) -> Crossings:
        assert known is not None, "asked only where they are known"
        direction = np.zeros(q)
        direction[place] = line
        return known(completed(run.fine, at[None])[0], direction)

    settled_at = settle(
        run.fine,
        inner[0],
        _searched_jumping(run),
        edges if known else None,
        is_thorough=is_thorough,
    )
    return completed(run.fine, settled_at[None])


def _scanned(
    run: Run, points: np.ndarray, independent: bool, others: np.ndarray | None = None
) -> Minima:
    inner, steps = searched_part(run.screen, points), _searched_jumping(run)
    scales, is_refined = run.problem.scales, run.edges is None
    inner, _ = scan(run.screen, inner, steps, scales, run.rng, is_refined=is_refined)
    starts = completed(run.screen, inner)
    starts = starts if others is None else np.concatenate([starts, others])
    return run.refine(starts, independent=independent)


def _scan_all_points(run: Run, minima: Minima) -> None:
    """Put steps of the best right between all points, after they were put in a sample."""
    row = minima.best
    points = minima.points[[row]]
    for _ in range(SWEEPS):
        points, before = _put_right(run, points), minima.value[row]
        better = run.minimizer.minimize(run.problem, points, budget=run.budget, report=run.report)
        points = better.points
        if better.value[0] < before:
            minima.points[row], minima.value[row] = points[0], better.value[0]
        if run.is_late() or not better.value[0] < before - run.tolerance():
            return


def _put_right(run: Run, points: np.ndarray) -> np.ndarray:
    """Steps in the best cell where cells are known, moved by less and less where they are not."""
    if run.edges is not None:
        return _in_cell(run, points, is_thorough=False)
    size = 4 * reach(run.problem.scales) / SAMPLE
    inner, _ = scan_nearby(run.fine, searched_part(run.fine, points), _searched_jumping(run), size)
    return completed(run.fine, inner)


def _searched_jumping(run: Run) -> np.ndarray:
    """Mask of the parameters that move jumps among those that are searched."""
    return searched_part(run.fine, run.jumping[None])[0]


def follow_jumps(
    problem: AbstractProblem,
    minimizer: AbstractMinimizer,
    point: np.ndarray,
    steps: np.ndarray,
    jumping: np.ndarray,
    budget: Budget,
) -> Minima:
    """Go downhill from a point near the best cell: jumps are scanned around it, then settled.

    Args:
        problem: What is minimized.
        minimizer: What goes downhill.
        point: Where to begin, shape (q,).
        steps: Mask of step parameters, shape (q,).
        jumping: Mask of all parameters that move a jump, shape (q,).
        budget: Limits on the work.
    """
    # Edges are those of the data of the fit; this problem may be of others.
    rng, edges = np.random.default_rng(0), None
    run = Run(problem, minimizer, rng, budget, silent, steps, jumping, edges, False)
    run.use_all_points()
    minima, size = run.refine(point[None], independent=True), reach(problem.scales) / 4
    for _ in range(SWEEPS):
        inner = searched_part(run.fine, minima.points)
        inner, _ = scan_nearby(run.fine, inner, _searched_jumping(run), size)
        better = run.refine(completed(run.fine, inner), independent=False)
        if not better.value[0] < minima.value[0]:
            break
        minima = better
    if steps.any() and np.isfinite(minima.value).all():
        points, value = settled(run, minima.points.copy(), minima.value.copy())
        minima = dataclasses.replace(minima, points=points, value=value)
    return minima
