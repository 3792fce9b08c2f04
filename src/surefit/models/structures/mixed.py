"""Find changes of several parameters at once that leave a function as it is."""

import itertools

from surefit.models.structures.bases import Base
from surefit.models.structures.probe import Probe
from surefit.models.structures.record import Role, Symmetries, Symmetry
from surefit.models.structures.symmetry import PERIOD_ROUNDING, holds, same

# Parameters of a kind, and those of another kind, up to which all combinations are tried.
MOST = 9


def find_mixed(
    probe: Probe,
    bases: list[Base],
    roles: list[Role],
    known: Symmetries,
) -> list[Symmetry]:
    """Swaps that need the sign of another parameter, or half a period.

    Args:
        probe: The function.
        bases: Vectors around which it is known, the first of them best.
        roles: How each parameter enters.
        known: Interchangeable blocks, flips and periods.

    Returns:
        Swaps such as of b and c in a (exp(−b x) − exp(−c x)), with a → −a.
    """
    base, found = bases[0], []
    taken = {i for family in known.families for block in family for i in block}
    pairs = [
        pair
        for kind in (Role.smooth, Role.linear)
        if len(alike := _visible(base, roles, kind)) <= MOST
        for pair in itertools.combinations(alike, 2)
        if not taken & set(pair)
    ]
    if not pairs:
        return found
    flipped = {
        i: probe(Symmetry(flipped=(i,)).apply(base.values))
        for i in (*_visible(base, roles, Role.smooth), *_visible(base, roles, Role.linear))
    }
    for pair in pairs:
        swapped = probe(Symmetry((pair,)).apply(base.values))
        trials = [
            Symmetry((pair,), (i,))
            for i, values in flipped.items()
            if i not in pair and same(swapped, values, base)
        ]
        trials += [
            Symmetry((pair,), (), ((i, period / 2),))
            for i, period in known.periods
            if i not in pair
        ]
        found += [trial for trial in trials if holds(probe, bases, trial, PERIOD_ROUNDING)][:1]
    return found


def find_turned(probe: Probe, bases: list[Base], roles: list[Role]) -> list[Symmetry]:
    """Curves that turned round differ by a constant: c / (1 + exp(−k x)) + d.

    With k → −k and c → −c it needs d → d + c. As d is linear, its effect is known.

    Args:
        probe: The function.
        bases: Vectors around which it is known, the first of them best.
        roles: How each parameter enters.

    Returns:
        Flips with an addition.
    """
    base, found = bases[0], []
    searched, linear = (_visible(base, roles, kind) for kind in (Role.smooth, Role.linear))
    if len(linear) < 2 or len(searched) * len(linear) > MOST**2 / 2:
        return found
    for k, c in itertools.product(searched, linear):
        turned = probe(Symmetry(flipped=(k, c)).apply(base.values))
        for d in linear:
            slope = (base.moved[d] - base.center) / base.moves[d]
            flip = Symmetry(flipped=tuple(sorted((k, c))), added=((d, c),))
            is_alike = d != c and same(turned + base.values[c] * slope, base.center, base)
            if is_alike and holds(probe, bases, flip):
                found.append(flip)
                break
    return found


def _visible(base: Base, roles: list[Role], kind: Role) -> list[int]:
    return [i for i, role in enumerate(roles) if role is kind and base.visible[i]]
