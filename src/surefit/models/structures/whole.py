"""What was found out about a function: how each parameter enters, and which are interchangeable."""

import dataclasses

from surefit.models.structures.description import html, listed, notes, rows, text
from surefit.models.structures.record import Role, Symmetries
from surefit.models.tracing.decisions import ComparisonUse


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

    def _title(self) -> str:
        n = len(self.names)
        return (
            f"{self.label}: {n} parameter{'s' * (n != 1)}, {sum(self.linear)} linear, "
            f"{'pointwise' if self.is_pointwise else 'not pointwise'}, "
            f"{'numerical' if self.reason else 'exact'} derivatives"
        )

    def _rows(self) -> list[tuple[str, ...]]:
        return rows(self.names, self.roles, self.symmetries)

    def _notes(self) -> list[str]:
        found = notes(self.names, self.roles, self.symmetries)
        found += [
            f"Its branches depend on {listed(self.names[i] for i in use)}."
            for use in dict.fromkeys(use.parameters for use in self.comparisons)
            if use
        ]
        if self.is_pointwise:
            found.append("Pointwise: each prediction depends on its own x only.")
        else:
            found.append(
                "Not pointwise: a prediction depends on several x, as in a convolution or a mean "
                "over x. So it is always computed at all points."
            )
        if self.reason:
            found.append(f"Derivatives are numerical. {self.reason}")
        else:
            found.append("Derivatives are exact: they follow the function's own NumPy operations.")
        return found

    def __str__(self) -> str:
        return text(self._title(), self._rows(), self._notes())

    def _repr_html_(self) -> str:
        return html(self._title(), self._rows(), self._notes())
