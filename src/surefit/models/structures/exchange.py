"""Find interchangeable blocks of parameters, such as the peaks of a sum of peaks."""

import itertools

import numpy as np

from surefit.models.structures.bases import Base
from surefit.models.structures.probe import Probe
from surefit.models.structures.record import Symmetry
from surefit.models.structures.symmetry import holds, same

Kind = tuple[int, ...]
"""Corresponding parameters: the heights, or the widths, of all peaks."""
Family = tuple[tuple[int, ...], ...]
"""Blocks that may be permuted: the peaks."""
# Parameters whose sizes differ by less than this factor are made equal to see who acts alike.
NEAR = 6.0
# Kinds of parameters up to which all combinations of four are tried.
MOST_KINDS = 9


def find_families(probe: Probe, bases: list[Base]) -> list[Family]:
    """Blocks of parameters that can be permuted without any effect.

    Where all parameters of one kind are equal, interchangeable ones have equal effects: this
    tells kinds (heights, widths, …) apart with one call for each parameter. Kinds that occur
    equally often are then swapped together, each in the order of the signature, and the fewest
    that must go together are a block.

    Args:
        probe: The function.
        bases: Vectors around which it is known, the first of them best.

    Returns:
        Families of blocks; each is proven by swaps of neighboring blocks at two vectors.
    """
    complete = [base for base in bases if base.visible.all()] or bases
    simple = sorted(complete, key=lambda base: len(np.unique(_equalized(base.values))))
    for base in simple[:2]:
        others = [other for other in bases if other is not base]
        families = _families_of(probe, [base, *others], _kinds(probe, base))
        if families:
            return families
    return []


def _families_of(probe: Probe, bases: list[Base], kinds: list[Kind]) -> list[Family]:
    families: list[Family] = []
    for count in sorted({len(kind) for kind in kinds}):
        left = [kind for kind in kinds if len(kind) == count]
        while left:
            together = _smallest(probe, bases, left)
            if together is None:
                left = left[1:]
                continue
            taken = {i for kind in together for i in kind}
            left = [kind for kind in left if not taken & set(kind)]
            together = sorted(_sorted_out(probe, bases[0], together))
            families.append(tuple(sorted(zip(*together, strict=True))))
    return sorted(families)


def _kinds(probe: Probe, base: Base) -> list[Kind]:
    """Groups of parameters with equal effects where those of one size are equal."""
    values = _equalized(base.values)
    center = probe(values)
    groups: list[tuple[list[int], np.ndarray]] = []
    for i in range(len(values)):
        if not base.visible[i]:
            continue
        changed = values.copy()
        changed[i] *= 1.37
        effect = probe(changed) - center
        if not np.any(effect) or not np.isfinite(effect).all():
            continue
        for group, other in groups:
            j = group[0]
            if values[i] == values[j] and same(effect, other, base):
                group.append(i)
                break
        else:
            groups.append(([i], effect))
    return [tuple(group) for group, _ in groups if len(group) > 1]


def _equalized(values: np.ndarray) -> np.ndarray:
    """The vector with those made equal that are of one size."""
    equal, done = values.copy(), np.zeros(len(values), dtype=bool)
    with np.errstate(divide="ignore"):
        size = np.log(np.abs(values))
    for i in np.argsort(size):
        if done[i]:
            continue
        near = ~done & (size - size[i] < np.log(NEAR))
        near &= np.sign(values) == np.sign(values[i])
        equal[near] = np.exp(np.mean(size[near])) * np.sign(values[i])
        done |= near
    return equal


def _smallest(probe: Probe, bases: list[Base], kinds: list[Kind]) -> list[Kind] | None:
    """The fewest kinds, the first of these among them, that must be swapped together."""
    first, *others = kinds
    trials: list[list[Kind]] = []
    for n in range(min(len(others), 3) + 1):
        if len(kinds) <= MOST_KINDS or n < 3:
            trials += [[first, *rest] for rest in itertools.combinations(others, n)]
    trials.append(kinds)
    if len(first) == 2 and len(kinds) <= 4:  # a signature may name them in another order
        for turned in itertools.product((1, -1), repeat=len(others)):
            pairs = zip(others, turned, strict=True)
            trials.append([first, *(kind[::turn] for kind, turn in pairs)])
    for trial in trials:
        if not _swap_holds(probe, bases[:1], trial, 0):
            continue
        for kind in trial[1:]:
            fewer = [one for one in trial if one is not kind]
            if _swap_holds(probe, bases[:1], fewer, 0):
                trial = fewer
        if all(_swap_holds(probe, bases, trial, k) for k in range(len(first) - 1)):
            return trial
    return None


def _sorted_out(probe: Probe, base: Base, kinds: list[Kind]) -> list[Kind]:
    """The kinds, each in the order of the blocks they belong to.

    Of two blocks that swap everything it cannot be seen which entry belongs to which: those belong
    together that act on each other, so that their joint effect is not the sum of their effects.
    """
    if len(kinds[0]) != 2:
        return kinds
    first, *others = kinds
    ordered: list[Kind] = [first]
    for kind in others:
        acts = []
        for i in kind:
            values = base.values.copy()
            values[[first[0], i]] += base.moves[[first[0], i]]
            added = base.moved[first[0]] + base.moved[i] - base.center
            acts.append(not same(probe(values), added, base))
        ordered.append(kind[::-1] if acts == [False, True] else kind)
    return ordered


def _swap_holds(probe: Probe, bases: list[Base], kinds: list[Kind], k: int) -> bool:
    """Whether swapping blocks k and k + 1 has no effect; at one base, or proven at two."""
    swap = Symmetry(swapped=tuple((kind[k], kind[k + 1]) for kind in kinds))
    if len(bases) == 1:
        base = bases[0]
        return same(probe(swap.apply(base.values)), base.center, base)
    return holds(probe, bases, swap)
