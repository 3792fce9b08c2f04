"""Profiles of step parameters: staircases, whose steps are where data points change side."""

import itertools

import numpy as np

from surefit.data.scales import scales_of
from surefit.minimizers.base import Budget, silent
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.problem.base import AbstractProblem
from surefit.problem.build import build_problem
from surefit.problem.held import Held
from surefit.problem.projected import projected, searched_part
from surefit.search.edges import edges_along
from surefit.search.scans import reach
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.profiles import Interval, ProfileCurve
from surefit.uncertainty.rises import BETTER

# Cells looked at in one batch on each side, and how far above the wanted rise, in units of one
# standard deviation squared, the way out ends: a staircase may fall again.
CELLS = 8
ABOVE = 4.0
MOST_CELLS = 400
# Places tried for each other step parameter, in cells, and how many of all are refined.
NEARBY = 12
REFINED = 3
# An end that other steps move along with is found to this part of its distance from the fit.
PRECISION = 1e-9

# How far from an edge a cell is looked at, as a part of the cell.
INSIDE = 1e-6

OVER_COVERS = (
    "{name} is a step: its profile is a staircase, and the ends are where a point changes side. "
    "A sharp edge is known better than the interval says: it covers more often than stated."
)

JUMPS = (
    "{name} moves jumps, and the curve between them: its profile jumps where a point changes side."
)


class StepWalk:
    """The profile of one step parameter, all else minimized, other steps included."""

    def __init__(self, fitted: Fitted, name: str) -> None:
        self.fitted, self.name = fitted, name
        self.problem = build_problem(fitted.model, fitted.data, fitted.loss, fitted.constraints)
        self.screen = projected(self.problem)
        coordinates = fitted.constraints.coordinates
        self.point = coordinates.of(fitted.working[None])[0]
        self.place = coordinates.names.index(name)
        self.others = [int(i) for i in np.flatnonzero(fitted.steps) if i != self.place]
        self.is_confined = name in fitted.confined
        self.note = (JUMPS if self.is_confined else OVER_COVERS).format(name=name)
        self.limits = tuple(float(side[self.place]) for side in self.problem.bounds)
        self.value = min(fitted.deviance, float(self.problem.value(self.point[None])[0]))
        self.lowest, self.lowest_point = self.value, self.point
        self.edges = {i: self._edges(i) for i in (self.place, *self.others)}

    def _edges(self, place: int) -> np.ndarray:
        """Where the model jumps along one coordinate."""
        coordinates = self.fitted.constraints.coordinates
        index = int(np.flatnonzero(coordinates.free)[place])
        fitted, direction = self.fitted, np.zeros(len(self.fitted.working))
        direction[index] = 1.0
        length = reach(scales_of(fitted.data))
        offsets = edges_along(fitted.model, fitted.working, fitted.data.x, direction, 2 * length)
        return fitted.working[index] + offsets

    def rises(self, positions: np.ndarray) -> np.ndarray:
        """The rise of −2 ln L at values of the parameter, shape (n,)."""
        starts = [self._starts(float(position)) for position in positions]
        if self.is_confined:  # it has a slope to follow, so it must be held
            return np.array([self._lowest(points).min() for points in starts]) - self.value
        counts = np.cumsum([0, *(len(points) for points in starts)])
        values = self._lowest(np.concatenate(starts))
        return np.array([values[a:b].min() for a, b in itertools.pairwise(counts)]) - self.value

    def _lowest(self, starts: np.ndarray) -> np.ndarray:
        """−2 ln L at the minima below some points, the parameter staying where it is in them."""
        free = np.arange(starts.shape[1])
        problem: AbstractProblem = self.problem
        if self.is_confined:
            free = np.delete(free, self.place)
            problem = Held(problem, free, starts[0])
        minima = LevenbergMarquardt().minimize(
            problem, starts[:, free], budget=Budget(steps=60), report=silent
        )
        best = int(np.argmin(minima.value))
        if minima.value[best] < self.lowest:
            self.lowest, self.lowest_point = float(minima.value[best]), starts[best].copy()
            self.lowest_point[free] = minima.points[best]
        return minima.value

    def _starts(self, position: float) -> np.ndarray:
        """Points at a value of the parameter, the other steps in the best cells nearby."""
        point = self.point.copy()
        point[self.place] = position
        points = point[None]
        moved = position - self.point[self.place]
        for other in self.others:
            middles = _middles(self.edges[other])
            near = np.argsort(np.abs(middles - self.point[other]))[: 2 * NEARBY]
            # Edges such as a − b and a + b stay where they are if b moves with a.
            values = np.concatenate(
                [self.point[other] + moved * np.array([0, 1, -1]), middles[near]]
            )
            trials = np.repeat(points, len(values), axis=0)
            trials[:, other] = np.tile(values, len(points))
            trials = np.clip(trials, *self.problem.bounds)
            value = self.screen.value(searched_part(self.screen, trials))
            points = trials[np.argsort(value)[:REFINED]]
        return points


def _middles(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2


def step_interval(
    fitted: Fitted, name: str, rise: float, *, precision: float = PRECISION
) -> Interval:
    """The values of a step parameter for which −2 ln L has not risen by more than so much.

    Where the profile falls again beyond a first crossing, the outermost is given.

    Args:
        fitted: The fit.
        name: The step parameter.
        rise: The rise of −2 ln L.
        precision: To which part of its distance from the fit an end is found, where other steps
            move along; else it is exact.

    Returns:
        The interval; its ends are values at which a data point changes side.
    """
    walk = StepWalk(fitted, name)
    reasons, ends = [walk.note], []
    for side in (-1.0, 1.0):
        end, reason = _end(walk, side, rise, precision)
        ends.append(end)
        reasons.append(reason)
    if walk.lowest < walk.value - BETTER * fitted.unit:
        coordinates = fitted.constraints.coordinates
        full = coordinates.expand(walk.lowest_point[None])[0]
        said = (
            f"A minimum lower by {walk.value - walk.lowest:.4g} in -2 ln L was met on the way, so "
            "this fit is not at the minimum; fit again with start= what is in `better`."
        )
        return Interval(
            np.nan, np.nan, said, dict(zip(coordinates.all_names, map(float, full), strict=True))
        )
    return Interval(ends[0], ends[1], " ".join(reason for reason in reasons if reason))


def _end(walk: StepWalk, side: float, rise: float, precision: float) -> tuple[float, str]:
    """The end of the interval on one side, and what is to be said of it."""
    center, places, limit = _cells(walk, side)
    if not len(walk.edges[walk.place]):
        return np.nan, "Nothing is known of where the model jumps."
    inside, outside, crossings, was_inside = center, np.nan, 0, True
    for begin in range(0, len(places), CELLS):
        some = places[begin : begin + CELLS]
        rises = walk.rises(some)
        for place, value in zip(some, rises, strict=True):
            is_inside = value <= rise
            crossings += is_inside != was_inside
            if is_inside:
                inside, outside = place, np.nan
            elif was_inside:
                outside = place
            was_inside = is_inside
        if np.all(rises > rise + ABOVE * walk.fitted.unit):
            break
    if np.isnan(outside):
        word = "below" if side < 0 else "above"
        if np.isfinite(limit):
            return limit, f"The allowed region of {walk.name} ends {word} before -2 ln L rises."
        return np.nan, f"-2 ln L does not rise so much {word}, however far {walk.name} goes."
    note = "" if crossings < 2 else "The profile crosses the level more than once on one side."
    return _crossing(walk, inside, outside, rise, precision), note


def _cells(walk: StepWalk, side: float) -> tuple[float, np.ndarray, float]:
    """The center, places in the cells outward from it, and the limit on this side."""
    center, edges = float(walk.point[walk.place]), walk.edges[walk.place]
    limit = walk.limits[0] if side < 0 else walk.limits[1]
    if not len(edges):
        return center, np.zeros(0), limit
    beyond = edges[side * edges > side * center]
    beyond = np.sort(side * beyond)
    beyond = beyond[beyond <= side * limit][: MOST_CELLS + 1]
    if not len(beyond):
        return center, np.zeros(0), limit
    width = float(np.median(np.diff(edges))) if len(edges) > 1 else 1.0
    last = side * limit if np.isfinite(limit) else beyond[-1] + 2 * width
    stops = np.append(beyond, last)
    if not walk.is_confined:
        return center, side * _middles(stops), limit
    starts, widths = np.append(side * center, stops[:-1]), np.diff(stops, prepend=side * center)
    places = starts[:, None] + widths[:, None] * np.array([INSIDE, 0.5, 1 - INSIDE])
    return center, side * places.ravel(), limit


def _crossing(
    walk: StepWalk, inside: float, outside: float, rise: float, precision: float
) -> float:
    """The edge between two values: a root of the comparisons."""
    low, high = min(inside, outside), max(inside, outside)
    edges = walk.edges[walk.place]
    between = edges[(edges > low) & (edges < high)]
    if len(between) == 1 and not walk.others:
        return float(between[0])
    least = precision * abs(outside - float(walk.point[walk.place]))
    least = max(least, 4 * np.finfo(float).eps * abs(outside))  # it may begin next to a wall
    while abs(outside - inside) > least:
        middle = (inside + outside) / 2
        if walk.rises(np.array([middle]))[0] <= rise:
            inside = middle
        else:
            outside = middle
    return (inside + outside) / 2


def step_curve(fitted: Fitted, name: str, reach: float) -> ProfileCurve:
    """The staircase, by two points for each of its steps.

    Args:
        fitted: The fit.
        name: The step parameter.
        reach: The rise of −2 ln L at which to end.
    """
    walk = StepWalk(fitted, name)
    center = float(walk.point[walk.place])
    values, rises = [center], [0.0]
    for side in (-1.0, 1.0):
        _, places, _ = _cells(walk, side)
        for begin in range(0, len(places), CELLS):
            found = walk.rises(places[begin : begin + CELLS])
            values += places[begin : begin + CELLS].tolist()
            rises += found.tolist()
            if np.all(found > reach):
                break
    order = np.argsort(values)
    middles, heights = np.array(values)[order], np.array(rises)[order] / fitted.unit
    edges = walk.edges[walk.place]
    stops = edges[(edges > middles[0]) & (edges < middles[-1])]
    if len(stops) != len(middles) - 1:  # cells of other steps are between them
        return ProfileCurve(middles, heights, (walk.note,))
    ends = np.concatenate([[middles[0]], np.repeat(stops, 2), [middles[-1]]])
    return ProfileCurve(ends, np.repeat(heights, 2), (walk.note,))
