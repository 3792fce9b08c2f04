"""Tell linear, smooth, step and idle parameters apart by moving them."""

import dataclasses

import numpy as np

from surefit.data.scales import Scales
from surefit.models.structures.bases import Base, with_effect
from surefit.models.structures.probe import Probe
from surefit.models.structures.record import Role

# Second differences below this fraction of the terms they are formed from are rounding.
ROUNDING = 1e-12
# Predictions below this have few digits or none: exp(−800) is no longer a number of 16 digits.
SUBNORMAL = 1e-300
# A change of a parameter too small to move a smooth function by more than rounding shows.
TINY = 1e-7
# Parts of a visible move at which a parameter of jumps must be flat as well; irregular, so that a
# grid of points does not hide between them.
WAY = (0.09, 0.23, 0.41, 0.58, 0.77, 0.91)
# Sizes, relative to the vector's, up to which a straight line must stay straight.
LADDER = (1e3, -1e6, 1e10, -1e15, 1e22)


def find_roles(
    probe: Probe,
    bases: list[Base],
    further: list[np.ndarray],
    scales: Scales,
    *,
    is_branching: bool = True,
) -> tuple[list[Role], list[Base]]:
    """Whether each parameter enters linearly, smoothly, through jumps only, or not at all.

    Args:
        probe: The function.
        bases: Vectors around which it is known.
        further: Vectors at which joint linearity is tried once more.
        scales: Sizes that the data suggest.
        is_branching: Whether it may have branches that none of the vectors takes.

    Returns:
        The roles, and the vectors with those added that were needed to see an effect.
    """
    p, bases = len(bases[0].values), list(bases)
    idle, flat = np.zeros(p, dtype=bool), np.zeros(p, dtype=bool)
    affine = np.zeros(p, dtype=bool)
    for i in range(p):
        if not any(base.visible[i] for base in bases):
            may_be_hidden = is_branching or any(_has_effect(base, i) for base in bases)
            shown = with_effect(probe, bases, i, scales if may_be_hidden else None)
            if shown is not None:
                bases.append(shown)
            idle[i] = shown is None and not any(_has_effect(base, i) for base in bases)
    for i in range(p):  # at all vectors, also those that show what others are for
        telling = _most_telling(bases, np.arange(p) == i)
        if idle[i] or not telling.visible[i]:
            continue  # an effect that drowns in rounding tells nothing of its kind
        flat[i] = all(is_flat(probe, base, i) for base in bases)
        flat[i] = flat[i] and _is_flat_on_the_way(probe, telling, i)
        affine[i] = not flat[i] and _is_affine_along(probe, telling, i)
    linear = _jointly(probe, bases, further, affine)
    roles = [
        Role.idle if no else Role.step if jumps else Role.linear if straight else Role.smooth
        for no, jumps, straight in zip(idle, flat, linear, strict=True)
    ]
    return roles, bases


def _has_effect(base: Base, i: int) -> bool:
    """Whether a move has any effect at all, even a tiny one."""
    return not np.array_equal(base.moved[i], base.center, equal_nan=True)


def is_flat(probe: Probe, base: Base, i: int) -> bool:
    """Whether a tiny move changes nothing, but for points that a jump crosses."""
    values = base.values.copy()
    values[i] += TINY * base.moves[i]
    near = probe(values)
    if not np.isfinite(near).all():
        return False
    change, size = np.abs(near - base.center), base.size
    large = np.max(np.abs(base.moved[i] - base.center), where=~np.isnan(base.moved[i]), initial=0.0)
    is_jump = change > 1e-3 * large
    return bool(np.all((change <= 1e-14 * size) | (is_jump & (large > 0))))


def _is_flat_on_the_way(probe: Probe, base: Base, i: int) -> bool:
    """Whether tiny moves change nothing on the way of a visible one, either.

    A limit such as that of `np.clip` has no effect before the curve reaches it.
    """
    for part in WAY:
        values = base.values.copy()
        values[i] += part * base.moves[i]
        center = probe(values)
        if not np.isfinite(center).all():
            continue
        if not is_flat(probe, dataclasses.replace(base, values=values, center=center), i):
            return False
    return True


def _is_affine_along(probe: Probe, base: Base, i: int) -> bool:
    """Whether the function is a straight line along one parameter."""
    move = np.zeros(len(base.values))
    move[i] = base.moves[i]
    return is_affine(probe, base, move, base.moved[i])


def is_affine(probe: Probe, base: Base, move: np.ndarray, one: np.ndarray | None = None) -> bool:
    """Whether the function is a straight line along a move, also backwards across zero."""
    one = probe(base.values + move) if one is None else one
    if not np.isfinite(one).all():
        return False
    two = probe(base.values + 2 * move)
    if not _is_zero(two, -2 * one, base.center):
        return False
    return _is_zero(probe(base.values - 4 * move), 4 * one, -5 * base.center)


def _is_straight(probe: Probe, base: Base, chosen: np.ndarray) -> bool:
    """Whether the line stays straight over decades: T is no linear parameter of 1/(exp(c/T) − 1).

    Values beyond the range of numbers do not count.
    """
    move = base.values * chosen
    one = probe(base.values + move)
    for factor in LADDER:
        far = probe(base.values + factor * move)
        line = (factor * one, (1 - factor) * base.center)
        if np.isfinite([far, *line]).all() and not _is_zero(far, -line[0], -line[1]):
            return False
    return True


def _is_zero(*terms: np.ndarray) -> bool:
    """Whether terms add up to zero up to rounding."""
    size = sum(np.abs(term) for term in terms)
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(sum(terms)) <= ROUNDING * size + SUBNORMAL))


def _jointly(
    probe: Probe, bases: list[Base], further: list[np.ndarray], affine: np.ndarray
) -> np.ndarray:
    """The parameters of these along which the function is affine together, everywhere."""
    unmoved = np.empty((0, len(bases[0].center)))
    places = [*bases, *(Base(v, bases[0].moves, probe(v), unmoved) for v in further)]

    def holds(chosen: np.ndarray) -> bool:
        return not chosen.any() or (
            all(is_affine(probe, place, place.moves * chosen) for place in places)
            and _is_straight(probe, _most_telling(bases, chosen), chosen)
        )

    if holds(affine):
        return affine
    for alone in np.eye(len(affine), dtype=bool)[affine]:
        if not holds(alone):
            affine = affine & ~alone
    return affine if holds(affine) else _without_conflicts(probe, bases, affine)


def _most_telling(bases: list[Base], chosen: np.ndarray) -> Base:
    """The base at which most of some parameters have an effect."""
    return max(bases, key=lambda base: int((base.visible & chosen).sum()))


def _without_conflicts(probe: Probe, bases: list[Base], affine: np.ndarray) -> np.ndarray:
    """A large jointly linear set: drop the most entangled parameter until no product is left."""
    chosen = affine.copy()
    which = np.flatnonzero(affine)
    conflict = np.zeros((len(affine), len(affine)), dtype=bool)
    for base in bases[:2]:
        for i in which:
            for j in which[which < i]:
                values = base.values.copy()
                values[[i, j]] += base.moves[[i, j]]
                if not _is_zero(probe(values), -base.moved[i], -base.moved[j], base.center):
                    conflict[i, j] = conflict[j, i] = True
    while True:
        counts = (conflict & chosen[:, None] & chosen[None, :]).sum(axis=1)
        if not counts.any():
            return chosen
        # Of equals the last: amplitudes are usually named first.
        chosen[np.flatnonzero(counts == counts.max())[-1]] = False
