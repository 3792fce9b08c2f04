"""Step parameters: −2 ln L jumps where a data point changes side, so go from cell to cell.

A cell is a set of parameters for which no data point changes side. Along a line its edges are the
roots of the model's comparisons; where these are not known, they are located by repeated division.
"""

import itertools
from collections.abc import Callable

import numpy as np

from surefit.problem.base import AbstractProblem
from surefit.search.cell_values import values_in_cells
from surefit.search.edges import Crossings
from surefit.search.scans import reach

Edges = Callable[[np.ndarray, np.ndarray], Crossings]
"""(point (q,), direction (q,)) → where data points change side on point + t · direction."""

# Cells along one line that are all tried one by one, at first and thoroughly, where they cannot be
# had together; of more, half as many here and half everywhere, and then those around the best of
# them, ever finer.
MOST_TRIED, THOROUGH = 64, 256
AROUND, FINER = 2, 8
# Cells in a plane of two parameters that are all tried.
MOST_IN_PLANE = 1 << 14
# Points evaluated in one call.
TOGETHER = 2048
# Times that all lines and planes are gone through.
SWEEPS = 8
# Relative difference of −2 ln L that is more than rounding.
ROUNDING = 1e-9
# Cells next to the best that may be as good, so that it is wider than it seems.
ALIKE = 6
# Calls that locate an edge, each dividing the interval by 4: to 2^-32 of the reach. Few parts in
# many calls, as a value costs more than a call.
PARTS = 4
DIVISIONS = 15
# How far beyond such an edge the next cell surely begins, as a fraction of the reach; and most
# cells that are walked through.
BEYOND = 2.0**-29
MOST_WALKED = 30


def settle(
    screen: AbstractProblem,
    point: np.ndarray,
    steps: np.ndarray,
    edges: Edges | None,
    *,
    is_thorough: bool = True,
) -> np.ndarray:
    """Go to the best cell along each step parameter and pair of them, until none is lower.

    Of two parameters all cells of their plane are tried, if these are not too many, so that two
    edges are found together where either alone would stay.

    Args:
        screen: The problem, with linear parameters projected out.
        point: A point of that problem, shape (q,).
        steps: Mask of the parameters that move jumps among its parameters, shape (q,).
        edges: Where points change side along a line of that problem, if known.
        is_thorough: Whether planes are searched, too.

    Returns:
        The point, never higher, in the middle of a cell.
    """
    which, unit = np.flatnonzero(steps), np.eye(len(steps))
    pairs = [(unit[i], unit[j]) for i, j in itertools.combinations(which, 2)]
    if edges is not None:
        # Only edges such as a − b and a + b move together along other lines than the parameters'.
        are_entangled = [_is_entangled(point, pair, edges) for pair in pairs]
        turned = [_turned(pair) for pair, yes in zip(pairs, are_entangled, strict=True) if yes]
        pairs = [pair for pair, yes in zip(pairs, are_entangled, strict=True) if not yes]
    else:
        turned = [_turned(pair) for pair in pairs]
    lines = [line for pair in turned for line in pair] + [unit[i] for i in which]
    if edges is None:
        for line in lines:
            point = _walked(screen, point, line)
    else:
        planes = [*pairs, *turned] if is_thorough else []
        most = THOROUGH if is_thorough else MOST_TRIED
        point = _best_cell(screen, point, lines, planes, edges, most)
    for i in which:
        point = _centered(screen, point, unit[i], edges)
    return point


def _turned(pair: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return pair[0] + pair[1], pair[0] - pair[1]


def _is_entangled(point: np.ndarray, pair, edges: Edges) -> bool:
    """Whether two parameters move edges together: those of both are then not those of each."""
    both, each = edges(point, pair[0] + pair[1]).edges, [edges(point, line).edges for line in pair]
    alone = np.unique(np.concatenate(each))
    return len(both) != len(alone) or not np.allclose(both, alone, rtol=1e-9, atol=0)


def _best_cell(screen, point: np.ndarray, lines, planes, edges: Edges, most: int) -> np.ndarray:
    """Along all lines and in all planes in turn, until that lowers nothing."""
    before, value, stayed = np.inf, _value(screen, point), dict[int, np.ndarray]()
    for _ in range(SWEEPS):
        for i, line in enumerate(lines):
            if stayed.get(i) is point:
                continue  # nothing has moved since this line was gone through in vain
            found, value = _best_on_line(screen, point, value, line, edges, most)
            if found is point:
                stayed[i] = point
            point = found
        if not value < before * (1 - ROUNDING):
            break
        before = value
        for pair in planes:
            point, value = _best_in_plane(screen, point, value, *pair, edges)
        if not planes and len(lines) < 2:
            break
    return point


def _value(screen: AbstractProblem, point: np.ndarray) -> float:
    return float(screen.value(point[None])[0])


def _values(screen: AbstractProblem, points: np.ndarray) -> np.ndarray:
    """−2 ln L, infinite outside of the limits."""
    lower, upper = screen.bounds
    inside = np.all((points >= lower) & (points <= upper), axis=1)
    values = np.full(len(points), np.inf)
    for some in np.array_split(np.flatnonzero(inside), max(1, -(-int(inside.sum()) // TOGETHER))):
        if len(some):
            values[some] = screen.value(points[some])
    return values


def middles(edges: np.ndarray, longest: float) -> np.ndarray:
    """A place in each cell between edges, and one in each of the two outer ones.

    Args:
        edges: Increasing, shape (n,).
        longest: Length; only edges at most so far from 0 count.
    """
    edges = edges[np.abs(edges) <= longest]
    if not len(edges):
        return np.zeros(0)
    outer = np.median(np.diff(edges)) if len(edges) > 1 else longest / 8
    ends = np.concatenate([[edges[0] - outer], edges, [edges[-1] + outer]])
    return (ends[1:] + ends[:-1]) / 2


def _best_on_line(
    screen, point: np.ndarray, value: float, line: np.ndarray, edges: Edges, most: int
) -> tuple[np.ndarray, float]:
    """The point in the best cell along a line, and −2 ln L there."""
    crossings = edges(point, line)
    places = middles(crossings.edges, 2 * reach(screen.scales))
    lower, upper = screen.bounds
    at = point + places[:, None] * line
    places = places[np.all((at >= lower) & (at <= upper), axis=1)]
    if not len(places):
        return point, value
    found = values_in_cells(screen, point, line, places, crossings)
    if found is None:
        places, found = _coarse_to_fine(screen, point, line, places, most)
    best = int(np.argmin(found))
    if found[best] < value * (1 - ROUNDING / 2):  # long sums round more than one evaluation
        at = point + places[best] * line
        if (lower_value := _value(screen, at)) < value * (1 - ROUNDING):
            return at, lower_value
    return point, value


def _coarse_to_fine(
    screen, point: np.ndarray, line: np.ndarray, places: np.ndarray, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Places along a line, all if they are few, with −2 ln L there."""
    last, gap = len(places) - 1, 1
    chosen = np.arange(len(places))
    if len(places) > most:
        # Of very many cells neighbors are nearly alike: some everywhere, and all those nearby.
        gap = -(-last // (most // 2))
        here = int(np.searchsorted(places, 0.0))
        near = here + np.arange(-most // 4, most // 4)
        chosen = np.unique(np.clip(np.append(np.arange(0, last + gap, gap), near), 0, last))
    found = _values(screen, point + places[chosen, None] * line)
    while gap > 1:
        best = chosen[np.argsort(found)[:AROUND]]
        finer = max(1, gap // FINER)
        near = best[:, None] + np.arange(-gap, gap + 1, finer)
        more = np.setdiff1d(np.clip(near, 0, last), chosen)
        found = np.append(found, _values(screen, point + places[more, None] * line))
        chosen, gap = np.append(chosen, more), finer
    return places[chosen], found


def _best_in_plane(
    screen, point: np.ndarray, value: float, one: np.ndarray, other: np.ndarray, edges: Edges
) -> tuple[np.ndarray, float]:
    """The point in the best cell of a plane, if few enough to try all, and −2 ln L there."""
    longest = 2 * reach(screen.scales)
    first, second = (middles(edges(point, line).edges, longest) for line in (one, other))
    if not 0 < len(first) * len(second) <= MOST_IN_PLANE:
        return point, value
    places = point + (first[:, None, None] * one + second[None, :, None] * other)
    places = places.reshape(-1, len(point))
    found = _values(screen, places)
    best = int(np.argmin(found))
    if found[best] < value * (1 - ROUNDING):
        return places[best], float(found[best])
    return point, value


def _centered(screen, point: np.ndarray, line: np.ndarray, edges: Edges | None) -> np.ndarray:
    """The point moved to the middle of its cell, neighboring cells that are as good included."""
    if edges is None:
        low, high = (_edge(screen, point, line, sign) for sign in (-1.0, 1.0))
        return point + (low + high) / 2 * line
    value, found = _value(screen, point), edges(point, line).edges
    lower, upper = screen.bounds
    ends = []
    for sign in (-1.0, 1.0):
        beyond = np.sort(sign * found[sign * found > 0])[: ALIKE + 1]
        room = np.min(np.where(sign * line > 0, upper - point, np.inf))
        room = min(room, np.min(np.where(sign * line < 0, point - lower, np.inf)))
        beyond = np.append(beyond[beyond < room], min(room, reach(screen.scales)))
        inner = (beyond[1:] + beyond[:-1]) / 2
        same = np.abs(_values(screen, point + sign * inner[:, None] * line) - value)
        is_other = np.append(same > ROUNDING * abs(value), True)
        ends.append(sign * float(beyond[int(np.argmax(is_other))]))
    return point + (ends[0] + ends[1]) / 2 * line


def _walked(screen, point: np.ndarray, line: np.ndarray) -> np.ndarray:
    """The point moved to adjacent cells for as long as one is lower, where no edges are known."""
    value, beyond = _value(screen, point), reach(screen.scales) * BEYOND
    for sign in (1.0, -1.0):
        for _ in range(MOST_WALKED):
            trial = point + (_edge(screen, point, line, sign) + sign * beyond) * line
            found = float(_values(screen, trial[None])[0])
            if not found < value * (1 - ROUNDING):
                break
            point, value = trial, found
    return point


def _edge(screen, point: np.ndarray, line: np.ndarray, sign: float) -> float:
    """Where −2 ln L first changes along a line, by repeated division of the reach."""
    inside, outside = 0.0, sign * reach(screen.scales)
    value = _value(screen, point)
    for _ in range(DIVISIONS):
        trial = inside + (outside - inside) * np.arange(1, PARTS) / PARTS
        same = np.abs(_values(screen, point + trial[:, None] * line) - value)
        is_same = same <= ROUNDING * abs(value)
        count = len(is_same) if is_same.all() else int(np.argmin(is_same))
        low = inside if count == 0 else trial[count - 1]
        outside = outside if count == len(is_same) else trial[count]
        inside = low
    return (inside + outside) / 2
