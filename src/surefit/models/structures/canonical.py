"""Of all equivalent parameter vectors, choose the one to report."""

import dataclasses
from collections.abc import Callable

import numpy as np

from surefit.models.structures.record import Role, Symmetry
from surefit.models.structures.whole import Structure

# Rewritings after which something is going in circles.
MOST_CHANGES = 200
# A vector must be nearer by this fraction to be taken instead.
NEARER = 1e-9


@dataclasses.dataclass(frozen=True, eq=False)
class Wishes:
    """What the user has said of the parameters, each an array over the flat vector (p,).

    Attributes:
        start: Values given to try first; NaN where there is none.
        lower: Lower limits, −inf where there is none.
        upper: Upper limits, inf where there is none.
        fixed: Values of held parameters; NaN where free.
    """

    start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray

    @classmethod
    def none(cls, p: int) -> "Wishes":
        """Nothing was said."""
        return cls(*(np.full(p, value) for value in (np.nan, -np.inf, np.inf, np.nan)))

    def part(self, where: slice) -> "Wishes":
        """What was said of some of the parameters."""
        return Wishes(self.start[where], self.lower[where], self.upper[where], self.fixed[where])

    @property
    def constrain(self) -> bool:
        """Whether any parameter is limited or fixed."""
        is_limited = np.isfinite(self.lower) | np.isfinite(self.upper)
        return bool(np.any(is_limited | np.isfinite(self.fixed)))

    def allow(self, values: np.ndarray) -> bool:
        """Whether limits and fixed values permit a vector."""
        is_kept = np.isnan(self.fixed) | (values == self.fixed)
        return bool(np.all(is_kept & (values >= self.lower) & (values <= self.upper)))


def canonical(structure: Structure, values: np.ndarray, wishes: Wishes | None = None) -> np.ndarray:
    """The equivalent vector that is reported.

    The first searched parameter of each set that changes sign together is made positive, phases
    are brought into (−period/2, period/2], interchangeable blocks are put into ascending order of
    their first searched parameter. With starts, the labels are the user's: the nearest
    equivalent to them is chosen. Changes that limits or fixed values do not permit are not made.
    Parameters without effect are at their starts, or as near to 1 as their limits allow.

    Args:
        structure: What is known of the function.
        values: A parameter vector, shape (p,).
        wishes: What the user has said of the parameters.

    Returns:
        An equivalent vector, shape (p,); the vector itself if it is not finite.
    """
    wishes = wishes or Wishes.none(len(values))
    if not np.isfinite(values).all():
        return values
    values = _with_idle_at_rest(structure, values, wishes)
    if not structure.symmetries.generators:
        return values
    chosen = _improved(structure, values, wishes, _ordering(structure, wishes))
    if np.isfinite(wishes.start).any():
        chosen = _improved(structure, chosen, wishes, _closeness(wishes.start))
    return chosen


def _with_idle_at_rest(structure: Structure, values: np.ndarray, wishes: Wishes) -> np.ndarray:
    """The vector with free parameters that do nothing at a value that says nothing."""
    is_resting = np.array(structure.idle, dtype=bool) & np.isnan(wishes.fixed)
    rest = np.clip(np.where(np.isnan(wishes.start), 1.0, wishes.start), wishes.lower, wishes.upper)
    return np.where(is_resting, rest, values)


Better = Callable[[np.ndarray, np.ndarray], bool]
"""(vector, other) → whether the first is to be preferred."""


def _improved(
    structure: Structure, values: np.ndarray, wishes: Wishes, better: Better
) -> np.ndarray:
    """The vector after all changes that make it better, one by one."""
    moves = _moves(structure)
    for _ in range(MOST_CHANGES):
        for move in moves:
            changed = _wrapped(structure, move.apply(values), wishes)
            if better(changed, values) and wishes.allow(changed):
                values = changed
                break
        else:
            break
    return values


def _moves(structure: Structure) -> list[Symmetry]:
    """Nothing, flips independent of each other, every swap within a family, and other swaps."""
    found = structure.symmetries
    swaps = [
        Symmetry(swapped=tuple(zip(one, other, strict=True)))
        for family in found.families
        for k, one in enumerate(family)
        for other in family[k + 1 :]
    ]
    return [Symmetry(), *_independent(structure), *swaps, *found.mixed]


def _priority(structure: Structure) -> list[int]:
    """Parameters in the order in which they decide: searched, then linear, then phases."""
    phases = {i for i, _ in structure.symmetries.periods}

    def rank(i: int) -> tuple[bool, bool, int]:
        return i in phases, structure.roles[i] is Role.linear, i

    return sorted(range(len(structure.roles)), key=rank)


def _independent(structure: Structure) -> list[Symmetry]:
    """Flips that do not disturb what earlier ones decide: an echelon form over their signs."""
    ordered = [flip for flip in structure.symmetries.flips if flip.added]  # of a kind of its own
    rows = [flip for flip in structure.symmetries.flips if not flip.added]
    for i in _priority(structure):
        holding = [row for row in rows if i in row.flipped]
        if not holding:
            continue
        pivot = holding[0]
        ordered.append(pivot)
        rows = [
            row if i not in row.flipped else _after(row, pivot) for row in rows if row is not pivot
        ]
    return ordered


def _after(one: Symmetry, other: Symmetry) -> Symmetry:
    """Two flips, one after the other."""
    shifts = dict(one.shifted)
    for i in other.flipped:
        if i in shifts:
            shifts[i] = -shifts[i]
    for i, amount in other.shifted:
        shifts[i] = shifts.get(i, 0.0) + amount
    flipped = tuple(sorted(set(one.flipped) ^ set(other.flipped)))
    return Symmetry(flipped=flipped, shifted=tuple(shifts.items()))


def _wrapped(structure: Structure, values: np.ndarray, wishes: Wishes) -> np.ndarray:
    """Phases within half a period of their start or of zero, or where the limits are."""
    wrapped = values.copy()
    for i, period in structure.symmetries.periods:
        turns = np.ceil((values[i] - np.nan_to_num(wishes.start[i])) / period - 0.5)
        if turns == 0 or np.isfinite(wishes.fixed[i]):
            continue
        wrapped[i] = values[i] - turns * period
        wrapped[i] += period * (wrapped[i] < wishes.lower[i])
        wrapped[i] -= period * (wrapped[i] > wishes.upper[i])
    return wrapped


def _ordering(structure: Structure, wishes: Wishes) -> Better:
    """Phases in their range, then signs positive where a flip decides, then ascending values."""
    priority = _priority(structure)
    deciding = [
        min(flip.flipped, key=priority.index) for flip in _independent(structure) if flip.flipped
    ]

    def key(values: np.ndarray) -> list[float]:
        outside = not np.array_equal(_wrapped(structure, values, wishes), values)
        return [outside, *(values[deciding] < 0).tolist(), *values[priority].tolist()]

    return lambda one, other: key(one) < key(other)


def _closeness(start: np.ndarray) -> Better:
    """Nearer to the start, in units of its size or of the values' own."""
    given = np.isfinite(start)

    def distance(values: np.ndarray) -> float:
        size = np.maximum(np.abs(start), 1e-3 * np.abs(start[given]).max())
        return float(np.sum((((values - start) / np.where(size > 0, size, 1.0))[given]) ** 2))

    return lambda one, other: distance(one) < (1 - NEARER) * distance(other)
