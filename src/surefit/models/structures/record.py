"""What was found out about a function: how each parameter enters, and which are interchangeable."""

import dataclasses
import enum

import numpy as np

from surefit.models.tracing.decisions import ComparisonUse


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

    Parameters are swapped first, then flipped, then shifted; all are indices into the flat vector.

    Attributes:
        swapped: Pairs that exchange their values.
        flipped: Parameters whose sign changes.
        shifted: Pairs (parameter, amount) that are added.
    """

    swapped: tuple[tuple[int, int], ...] = ()
    flipped: tuple[int, ...] = ()
    shifted: tuple[tuple[int, float], ...] = ()

    def apply(self, values: np.ndarray) -> np.ndarray:
        """The equivalent parameter vector, shape (p,)."""
        changed = values.copy()
        for i, j in self.swapped:
            changed[i], changed[j] = values[j], values[i]
        changed[list(self.flipped)] *= -1
        for i, amount in self.shifted:
            changed[i] += amount
        return changed

    @property
    def parameters(self) -> tuple[int, ...]:
        """All parameters that it changes."""
        swapped = [i for pair in self.swapped for i in pair]
        return tuple(sorted({*swapped, *self.flipped, *(i for i, _ in self.shifted)}))


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
        swaps = [
            Symmetry(swapped=tuple(zip(one, other, strict=True)))
            for family in self.families
            for one, other in zip(family, family[1:], strict=False)
        ]
        shifts = [Symmetry(shifted=(pair,)) for pair in self.periods]
        return (*swaps, *self.flips, *self.mixed, *shifts)


@dataclasses.dataclass(frozen=True)
class Structure:
    """How a function depends on its parameters, as far as trying it shows.

    `print` it, or let a notebook show it, for a table in words.

    Attributes:
        label: The function's name.
        names: One name for each entry of the flat parameter vector; all tuples below follow it.
        roles: How each enters. Those that are linear are *jointly* linear: with the others held,
            the function is affine in all of them.
        symmetries: Changes of the parameters that leave the function as it is.
        comparisons: The decisions it makes, if derivatives are exact, in the order made.
        is_pointwise: Whether each prediction depends on its own x only.
        n_outputs: Numbers that it predicts for each point.
        reason: Why derivatives are numerical, or an empty string if they are exact.
        n_calls: How often the function was called to find all this out.

    Example:
        >>> import numpy as np, surefit as sf
        >>> def wave(t, height, rate, phase):
        ...     return height * np.sin(rate * t + phase)
        >>> found = sf.structure(wave, np.linspace(0, 5, 40))
        >>> [role.name for role in found.roles]
        ['linear', 'smooth', 'smooth']
    """

    label: str
    names: tuple[str, ...]
    roles: tuple[Role, ...]
    symmetries: Symmetries
    comparisons: tuple[ComparisonUse, ...]
    is_pointwise: bool
    n_outputs: int = 1
    reason: str = ""
    n_calls: int = dataclasses.field(default=0, compare=False)

    @property
    def linear(self) -> tuple[bool, ...]:
        """Mask of the jointly linear parameters."""
        return self.mask(Role.linear)

    @property
    def step(self) -> tuple[bool, ...]:
        """Mask of the parameters that move only jumps."""
        return self.mask(Role.step)

    @property
    def jumping(self) -> tuple[bool, ...]:
        """Mask of the parameters that move jumps, smoothly otherwise or not at all."""
        return self.mask(Role.step, Role.broken)

    @property
    def idle(self) -> tuple[bool, ...]:
        """Mask of the parameters without effect."""
        return self.mask(Role.idle)

    def mask(self, *roles: Role) -> tuple[bool, ...]:
        """Mask of the parameters with one of some roles."""
        return tuple(role in roles for role in self.roles)
