"""Find sign flips, periods and interchangeable blocks: changes of θ that leave f as it is."""

import itertools

import numpy as np

from surefit.models.structures.bases import VISIBLE, Base
from surefit.models.structures.probe import Probe
from surefit.models.structures.record import Role, Symmetry

# Equal to within this fraction of the largest terms: sums added in another order.
ROUNDING = 1e-11
# The same after adding a period to an argument, whose rounding the function magnifies.
PERIOD_ROUNDING = 1e-9
# A difference by this fraction is no rounding, even where terms cancel.
PLAIN = 1e-5
# Periods that people's phases have: radians, whole turns, degrees.
PERIODS = (2 * np.pi, 1.0, 360.0)
# Searched parameters up to which pairs of them are tried against a third.
MOST_IN_PAIRS = 9


def same(a: np.ndarray, b: np.ndarray, base: Base, rounding: float = ROUNDING) -> bool:
    """Whether two sets of predictions are equal up to rounding; NaN is equal to nothing."""
    with np.errstate(invalid="ignore"):
        return bool(np.all(np.abs(a - b) <= rounding * base.size))


def holds(probe: Probe, bases: list[Base], symmetry: Symmetry, rounding: float = ROUNDING) -> bool:
    """Whether the function is the same after a change, at two vectors at least where it would show.

    Args:
        probe: The function.
        bases: Vectors around which it is known.
        symmetry: The change.
        rounding: Relative difference that counts as none.
    """
    touched = list(symmetry.parameters)
    proofs = 0
    for base in bases:
        difference = np.abs(probe(symmetry.apply(base.values)) - base.center)
        if not np.all(difference <= rounding * (base.size + _added_size(base, symmetry))):
            return False
        if not base.visible[touched].all():
            continue
        if symmetry.shifted and not _moves_much(probe, base, symmetry):
            return False
        proofs += 1
    return proofs >= 2


def _added_size(base: Base, symmetry: Symmetry) -> np.ndarray | float:
    """Size of terms that additions bring in, whose rounding counts as well."""
    slopes = [(j, (base.moved[i] - base.center) / base.moves[i]) for i, j in symmetry.added]
    return sum((np.abs(base.values[j] * slope) for j, slope in slopes), 0.0)


def contradicted(probe: Probe, vectors: list[np.ndarray], symmetry: Symmetry) -> bool:
    """Whether a change plainly has an effect at any of some more vectors.

    Args:
        probe: The function.
        vectors: Any vectors.
        symmetry: A change that had none so far.
    """
    for values in vectors:
        before = probe(values)
        difference = np.abs(probe(symmetry.apply(values)) - before).max()
        if np.isfinite(difference) and difference > PLAIN * np.abs(before).max():
            return True
    return False


def _moves_much(probe: Probe, base: Base, symmetry: Symmetry) -> bool:
    """Whether a part of a shift has an effect: 2π is nothing beside a position of 1e14."""
    parts = tuple((i, 0.37 * amount) for i, amount in symmetry.shifted)
    part = probe(Symmetry(shifted=parts).apply(base.values))
    return not same(part, base.center, base, VISIBLE)


def find_signs(
    probe: Probe, bases: list[Base], roles: list[Role]
) -> tuple[list[Symmetry], list[tuple[int, float]]]:
    """Sign flips and periods.

    If flipping i and j together changes nothing, flipping i alone does what flipping j alone does:
    so the p single flips tell all pairs, and with the pairs, all triples.

    Args:
        probe: The function.
        bases: Vectors around which it is known, the first of them best.
        roles: How each parameter enters.

    Returns:
        Flips, and pairs (parameter, period).
    """
    base = bases[0]
    active = [i for i in range(len(roles)) if base.visible[i] and roles[i] is not Role.idle]
    flipped = {i: probe(Symmetry(flipped=(i,)).apply(base.values)) for i in active}
    flips = [Symmetry(flipped=(i,)) for i in active if same(flipped[i], base.center, base)]
    flips = [flip for flip in flips if holds(probe, bases, flip)]
    single = {flip.flipped[0] for flip in flips}
    rest = [i for i in active if i not in single and np.isfinite(flipped[i]).all()]
    sets = _pairs(flipped, rest, base) + _triples(probe, flipped, rest, roles, base)
    for chosen in sets:
        flip = Symmetry(flipped=chosen)
        if not _is_known(chosen, flips) and holds(probe, bases, flip):
            flips.append(flip)
    periods = []
    for i in active:
        if roles[i] is Role.smooth:
            period = _period(probe, bases, i)
            if period is not None:
                periods.append((int(i), period))
                flips += _half_periods(probe, bases, i, period, flipped)
    return flips, periods


def _pairs(flipped, rest, base) -> list[tuple[int, ...]]:
    return [
        (int(i), int(j))
        for i, j in itertools.combinations(rest, 2)
        if same(flipped[i], flipped[j], base)
    ]


def _triples(probe: Probe, flipped, rest, roles, base) -> list[tuple[int, ...]]:
    """Sets of one parameter of any kind and two searched ones."""
    searched = [i for i in rest if roles[i] is Role.smooth][:MOST_IN_PAIRS]
    found = []
    for i, j in itertools.combinations(searched, 2):
        both = probe(Symmetry(flipped=(i, j)).apply(base.values))
        found += [
            tuple(sorted((int(i), int(j), int(k))))
            for k in rest
            if k not in (i, j) and same(both, flipped[k], base)
        ]
    return list(dict.fromkeys(found))


def _is_known(chosen: tuple[int, ...], flips: list[Symmetry]) -> bool:
    """Whether a set is the sum (each parameter an odd number of times) of sets known."""
    p = 1 + max([*chosen, *(i for flip in flips for i in flip.flipped)])
    rows = np.zeros((len(flips), p), dtype=bool)
    for row, flip in zip(rows, flips, strict=True):
        row[list(flip.flipped)] = True
    target = np.zeros(p, dtype=bool)
    target[list(chosen)] = True
    for column in range(p):
        pivots = np.flatnonzero(rows[:, column])
        if not len(pivots):
            continue
        pivot = rows[pivots[0]].copy()
        rows[pivots] ^= pivot
        if target[column]:
            target ^= pivot
    return not target.any()


def _period(probe: Probe, bases: list[Base], i: int) -> float | None:
    """The smallest of the usual periods, halved as long as that is one too."""
    for period in PERIODS:
        if holds(probe, bases, Symmetry(shifted=((int(i), period),)), PERIOD_ROUNDING):
            for _ in range(2):
                half = Symmetry(shifted=((int(i), period / 2),))
                period = period / 2 if holds(probe, bases, half, PERIOD_ROUNDING) else period
            return period
    return None


def _half_periods(probe: Probe, bases, i, period, flipped) -> list[Symmetry]:
    """Flips of one other parameter that half a period undoes: an amplitude's."""
    base = bases[0]
    moved = probe(Symmetry(shifted=((int(i), period / 2),)).apply(base.values))
    found = []
    for k, values in flipped.items():
        if k != i and same(moved, values, base, PERIOD_ROUNDING):
            flip = Symmetry(flipped=(int(k),), shifted=((int(i), period / 2),))
            if holds(probe, bases, flip, PERIOD_ROUNDING):
                found.append(flip)
    return found
