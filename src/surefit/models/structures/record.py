"""The words for what a function does with its parameters: roles and symmetries."""

import dataclasses
import enum
import itertools

import numpy as np


class Role(enum.Enum):
    """How a function depends on one of its parameters."""

    linear = "linear"
    smooth = "smooth"
    kink = "smooth, with a kink"
    broken = "smooth, with a step"
    step = "step"
    idle = "no effect"

    @property
    def meaning(self) -> str:
        """What that means for a fit, in a sentence."""
        return _MEANINGS[self]


_MEANINGS = {
    Role.linear: "Solved exactly, together with the other linear ones; never searched.",
    Role.smooth: "Searched, then refined with derivatives.",
    Role.kink: "The function is continuous, but its slope jumps at a place that this moves.",
    Role.broken: "Moves the function smoothly, and a jump in it as well.",
    Role.step: "Moves only jumps: nothing changes until a point changes side, so that a fit "
    "knows an interval for it, not a value.",
    Role.idle: "Changing it changes nothing at these x; fix it or leave it out.",
}


@dataclasses.dataclass(frozen=True)
class Symmetry:
    """A change of the parameters that leaves the function as it is, at every x.

    Parameters are swapped first, then added, flipped, shifted; all are indices.

    Attributes:
        swapped: Pairs that exchange their values.
        added: Pairs (parameter, other) of which the first becomes the sum of both: the constant
            below a logistic curve that is turned round.
        flipped: Parameters whose sign changes.
        shifted: Pairs (parameter, amount) that are added.
    """

    swapped: tuple[tuple[int, int], ...] = ()
    flipped: tuple[int, ...] = ()
    shifted: tuple[tuple[int, float], ...] = ()
    added: tuple[tuple[int, int], ...] = ()

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The equivalent parameter vector, shape (p,)."""
        changed = values.copy()
        for i, j in self.swapped:
            changed[i], changed[j] = values[j], values[i]
        for i, j in self.added:
            changed[i] += values[j]
        changed[list(self.flipped)] *= -1
        for i, amount in self.shifted:
            changed[i] += amount
        return changed

    @property
    def parameters(self) -> tuple[int, ...]:
        """All parameters that it changes."""
        swapped = [i for pair in self.swapped for i in pair]
        moved = [i for i, _ in (*self.shifted, *self.added)]
        return tuple(sorted({*swapped, *self.flipped, *moved}))


def swaps(family: tuple[tuple[int, ...], ...]) -> list[Symmetry]:
    """The swaps of neighboring blocks, of which all permutations are made."""
    return [
        Symmetry(swapped=tuple(zip(one, other, strict=True)))
        for one, other in itertools.pairwise(family)
    ]


@dataclasses.dataclass(frozen=True)
class Symmetries:
    """All symmetries found.

    Attributes:
        families: Interchangeable blocks: each family has at least two blocks of parameters, such
            as ((height 1, time 1), (height 2, time 2)), that may be permuted at will. Entries of
            a block correspond to those at the same place in the others.
        flips: Sign changes, some with a shift, as of a phase by half a period.
        mixed: Other ones: a swap that needs a sign or a shift as well.
        periods: Pairs (parameter, period).
    """

    families: tuple[tuple[tuple[int, ...], ...], ...] = ()
    flips: tuple[Symmetry, ...] = ()
    mixed: tuple[Symmetry, ...] = ()
    periods: tuple[tuple[int, float], ...] = ()

    @property
    def generators(self) -> tuple[Symmetry, ...]:
        """Symmetries from which all others can be composed."""
        exchanges = [swap for family in self.families for swap in swaps(family)]
        shifts = [Symmetry(shifted=(pair,)) for pair in self.periods]
        return (*exchanges, *self.flips, *self.mixed, *shifts)
