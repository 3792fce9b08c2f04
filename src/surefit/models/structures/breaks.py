"""Tell jumps, kinks and smooth places apart by halving an interval around the roughest place."""

import numpy as np

from surefit.models.structures.bases import Base
from surefit.models.structures.probe import Probe
from surefit.models.structures.record import Role

# Halvings after which the roughness of a smooth function has fallen to a quarter with each, after
# which that of a continuous one has fallen to half, and after which a jump is believed.
SMOOTH_LEVELS, KINK_LEVELS, JUMP_LEVELS = 14, 20, 38
# Powers of two by which roughness falls with each halving: smooth 2, kink 1, jump 0.
SMOOTH, JUMP = 1.6, 0.4
# Relative size of a rounding error, and of a jump that counts.
ROUNDING, LEAST_JUMP = 1e-12, 1e-6


def refined_role(
    probe: Probe, bases: list[Base], i: int, places: list[tuple[float, float]]
) -> Role:
    """Whether a smooth parameter also moves a jump or a kink.

    Args:
        probe: The function.
        bases: Vectors around which it is known.
        i: The parameter, which moves the function smoothly somewhere.
        places: Intervals within which it may cross points of x.

    Returns:
        `smooth`, `kink` or `broken`; a jump anywhere decides.
    """
    known = [base.values[i] for base in bases]
    for base in sorted(bases, key=lambda base: -np.nan_to_num(base.response[i]))[:2]:
        value, move = base.values[i], base.moves[i]
        intervals = [*places, (value, value + move), (value - move, value)]
        # Where a move of a small value sees nothing, the way to a large one may.
        intervals += [(value, other) for other in (min(known), max(known)) if other != value]
        found = {_role_between(probe, base, i, low, high) for low, high in intervals}
        for role in (Role.broken, Role.kink):
            if role in found:
                return role
    return Role.smooth


def _role_between(probe: Probe, base: Base, i: int, low: float, high: float) -> Role:
    """What kind of place the roughest within an interval is."""
    line = _Line(probe, base, i)
    ends, middle = [line(low), line(high)], line((low + high) / 2)
    roughness: list[float] = []
    jump = 0.0
    for level in range(JUMP_LEVELS + 1):
        center = (low + high) / 2
        quarters = [line((low + center) / 2), line((center + high) / 2)]
        rough = [
            np.abs(ends[0] - 2 * quarters[0] + middle),
            np.abs(middle - 2 * quarters[1] + ends[1]),
        ]
        if not np.isfinite(rough).all():
            return Role.smooth  # out of the domain: no statement
        side = int(rough[1].max() > rough[0].max())
        roughness.append(float(rough[side].max()))
        jump = float(np.abs(ends[1] - ends[0]).max())
        low, high = ((low, center), (center, high))[side]
        ends = [ends[0], middle] if side == 0 else [middle, ends[1]]
        middle = quarters[side]
        if level >= SMOOTH_LEVELS:
            if roughness[-1] <= ROUNDING * base.size.max():
                return Role.smooth
            fall = np.log2(roughness[-7] / roughness[-1]) / 6
            if level == SMOOTH_LEVELS and fall > SMOOTH:
                return Role.smooth
            if level == KINK_LEVELS and fall > JUMP:
                return Role.kink if fall < SMOOTH else Role.smooth
    # At a pole the change grows without limit; a jump stays what it is.
    is_pole = jump > 1e3 * max(roughness[0], roughness[SMOOTH_LEVELS])
    return Role.broken if jump > LEAST_JUMP * base.size.max() and not is_pole else Role.smooth


class _Line:
    """The function along one parameter."""

    def __init__(self, probe: Probe, base: Base, i: int) -> None:
        self.probe, self.values, self.i = probe, base.values.copy(), i

    def __call__(self, value: float) -> np.ndarray:
        self.values[self.i] = value
        return self.probe(self.values)
