"""Find the terms of a sum in a problem: groups of parameters that do not affect each other."""

import dataclasses

import numpy as np

from surefit.problem.base import AbstractProblem

# A change of a column of the Jacobian below this fraction of the column is rounding.
ROUNDING = 1e-9
# Relative change of a parameter that shows on which other columns it has an effect.
MOVE = 0.03
# Points at which terms are exchanged to see whether that changes anything.
EXCHANGED = 3


@dataclasses.dataclass(frozen=True, eq=False)
class Component:
    """One term of a sum: linear factors times functions of nonlinear parameters.

    Attributes:
        linear: Indices of its linear parameters; at zero the term vanishes.
        searched: Indices of its nonlinear parameters.
        kind: Terms of one kind have the same form: their parameters can be exchanged.
    """

    linear: np.ndarray
    searched: np.ndarray
    kind: int = 0

    @property
    def indices(self) -> np.ndarray:
        """All its parameters, the linear ones first."""
        return np.concatenate([self.linear, self.searched])


def components_of(problem: AbstractProblem, points: np.ndarray) -> tuple[Component, ...]:
    """The nonlinear terms of a sum, if the problem is one of several.

    Two parameters belong to one term if the derivative for one depends on the other.

    Args:
        problem: A least-squares problem.
        points: Points at which it is finite, shape (s, q); as many are used as it takes until
            each nonlinear parameter has been seen to act on a linear one.

    Returns:
        The terms with nonlinear parameters; none if one of them has no linear factor by which it
        can be left out.
    """
    connected, is_linear = np.eye(len(problem.names), dtype=bool), problem.linear
    groups, point = _groups(connected), points[0]
    for point in points:
        connected |= _interactions(problem, point)
        groups = _groups(connected | connected.T)
        if all(is_linear[group].any() for group in groups):
            break
    found = []
    for group in groups:
        component = Component(group[is_linear[group]], group[~is_linear[group]])
        if not len(component.searched):
            continue
        if not len(component.linear) or not _vanishes(problem, point, component):
            return ()
        found.append(component)
    return _with_kinds(problem, points[:EXCHANGED], found)


def _interactions(problem: AbstractProblem, point: np.ndarray) -> np.ndarray:
    """Mask (q, q): row i marks the columns of the Jacobian that change with parameter i."""
    q = len(point)
    _, center = problem.linearize(point)
    size = np.abs(center).max(axis=0)
    changed = np.zeros((q, q), dtype=bool)
    for i in range(q):
        moved = point.copy()
        moved[i] += MOVE * (point[i] or 1.0)
        _, jacobian = problem.linearize(moved)
        change = np.abs(jacobian - center).max(axis=0)
        # What is not finite shows nothing; another point may.
        changed[i] = change > ROUNDING * np.maximum(size, np.abs(jacobian).max(axis=0))
    return changed


def _groups(connected: np.ndarray) -> list[np.ndarray]:
    """Indices of the connected parts of a graph."""
    reach = connected.copy()
    while True:
        further = (reach.astype(int) @ reach.astype(int)) > 0
        if np.array_equal(further, reach):
            break
        reach = further
    firsts = np.unique(np.argmax(reach, axis=1))
    return [np.flatnonzero(reach[first]) for first in firsts]


def _vanishes(problem: AbstractProblem, point: np.ndarray, component: Component) -> bool:
    """Whether the term is zero, whatever its nonlinear parameters, where its factors are."""
    point = point.copy()
    point[component.linear] = 0.0
    _, jacobian = problem.linearize(point)
    return not jacobian[:, component.searched].any()


def _with_kinds(
    problem: AbstractProblem, points: np.ndarray, components: list[Component]
) -> tuple[Component, ...]:
    """The same components, those of one form with the same kind."""
    kinds: list[Component] = []
    result = []
    for component in components:
        for kind, first in enumerate(kinds):
            if _are_exchangeable(problem, points, first, component):
                result.append(dataclasses.replace(component, kind=kind))
                break
        else:
            result.append(dataclasses.replace(component, kind=len(kinds)))
            kinds.append(component)
    return tuple(result)


def in_order(points: np.ndarray, components: tuple[Component, ...]) -> np.ndarray:
    """The same points with terms of one kind in ascending order of their first nonlinear parameter.

    Args:
        points: Points, shape (s, q).
        components: The terms.

    Returns:
        Equivalent points, shape (s, q).
    """
    points = points.copy()
    for kind in {component.kind for component in components}:
        alike = [component.indices for component in components if component.kind == kind]
        first = next(one for one in components if one.kind == kind).searched[0]
        place = int(np.flatnonzero(alike[0] == first)[0])
        for point in points:
            order = np.argsort([point[indices[place]] for indices in alike], kind="stable")
            values = [point[alike[i]] for i in order]
            for indices, value in zip(alike, values, strict=True):
                point[indices] = value
    return points


def _are_exchangeable(
    problem: AbstractProblem, points: np.ndarray, one: Component, other: Component
) -> bool:
    """Whether exchanging the parameters of two components changes nothing."""
    if len(one.linear) != len(other.linear) or len(one.searched) != len(other.searched):
        return False
    swapped = points.copy()
    swapped[:, one.indices], swapped[:, other.indices] = (
        points[:, other.indices],
        points[:, one.indices],
    )
    before, after = problem.value(points), problem.value(swapped)
    return bool(np.allclose(before, after, rtol=1e-9, atol=0))
