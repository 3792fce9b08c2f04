"""Profile intervals of a fit some of whose parameters are confined to a cell of the data."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from surefit.problem.build import build_problem
from surefit.search.jumps import jumps_of
from surefit.uncertainty.confined import polish_others
from surefit.uncertainty.landscape import Fitted
from surefit.uncertainty.profiles import Interval, profile_intervals


def intervals_over_cell(
    fitted: Fitted, names: Sequence[str], rises: Mapping[str, float]
) -> dict[str, Interval]:
    """Profile intervals, confined parameters not only where they are but also at their walls.

    What lies between the walls lies between the intervals there if the valley is monotonous, as it
    is for a height that depends on where a decay begins.

    Args:
        fitted: The fit.
        names: Reported parameters, none of them confined.
        rises: The rise of −2 ln L at the ends, by name.
    """
    found = profile_intervals(fitted, names, rises)
    for other, rise in _at_walls(fitted):
        left = {name: wanted - rise for name, wanted in rises.items()}
        reached = [name for name in names if left[name] > 0]
        more = profile_intervals(other, reached, left) if reached else {}
        for name, one in more.items():
            if one.better is None and found[name].better is None:
                found[name] = _hull(found[name], one)
    return found


def _at_walls(fitted: Fitted) -> Iterator[tuple[Fitted, float]]:
    """The fit with each confined parameter at each of its walls, and the rise of −2 ln L there."""
    if not fitted.confined:
        return
    parts = (fitted.model, fitted.data, fitted.loss, fitted.constraints)
    jumps, problem = jumps_of(*parts), build_problem(*parts)
    if jumps is None:
        return
    coordinates = fitted.constraints.coordinates
    point = coordinates.of(fitted.working[None])[0]
    for i in (coordinates.names.index(name) for name in fitted.confined):
        for wall in jumps.walls(point):
            end = float(np.clip(wall[i], *(limits[i] for limits in problem.bounds)))
            if not np.isfinite(end):
                continue
            trial = point.copy()
            trial[i] = end
            polished, _ = polish_others(problem, trial, fitted.steps)
            working = coordinates.expand(polished.point[None])[0]
            at_wall = dataclasses.replace(fitted, working=working, deviance=polished.value)
            yield at_wall, max(polished.value - fitted.deviance, 0.0)


def _hull(one: Interval, other: Interval) -> Interval:
    """The interval that holds both; an end that either has not is missing."""
    reason = " ".join(dict.fromkeys(said for said in (one.reason, other.reason) if said))
    lower, upper = np.minimum(one.lower, other.lower), np.maximum(one.upper, other.upper)
    return Interval(float(lower), float(upper), reason)
