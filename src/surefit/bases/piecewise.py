"""Constant or straight pieces between breaks whose places are fitted."""

import dataclasses

import numpy as np

from surefit.bases.arguments import check_count
from surefit.data.checked import Data
from surefit.exceptions import InvalidOption, ShapeMismatch, TooFewPoints
from surefit.models.base import AbstractModel, Conversion
from surefit.models.columns import shape_for, single_input
from surefit.models.parameters import Parameter, Parameters


@dataclasses.dataclass(frozen=True)
class Piecewise(AbstractModel):
    """Pieces that are constants or straight lines, with unknown breaks between them.

    Parameters of the fit: `break[0]`, … (increasing), and for each piece its `level`, or its
    `intercept` (at x = 0) and `slope`. A break counts to the piece on its right. All ways to cut
    the data are compared exactly (Bellman 1961; Bai & Perron 2003), so that no start is needed. A
    break is a step: it is known to the gap between two points, and its interval is a profile.

    Pieces need not meet. For lines that do, write `Sigmoids(n, "relu") + Line()`: every
    coefficient is then a change of slope.

    Attributes:
        n_breaks: Number of breaks, 1 or more.
        degree: 0 for constants, 1 for straight lines.
        n_outputs: M, filled in from the data; all outputs share the breaks.

    Raises:
        InvalidType: `n_breaks` or `degree` is not a whole number.
        InvalidOption: `n_breaks` is below 1, or `degree` neither 0 nor 1.

    Example:
        >>> model = Piecewise(1)
        >>> model.parameters().names
        ('break[0]', 'level[0]', 'level[1]')
        >>> model.evaluate(np.array([2.0, 5.0, 7.0]), np.array([0.0, 2.0, 4.0])).ravel().tolist()
        [5.0, 7.0, 7.0]
    """

    n_breaks: int
    degree: int = 0
    n_outputs: int = dataclasses.field(default=1, kw_only=True)

    def __post_init__(self) -> None:
        count = check_count(self.n_breaks, "n_breaks", "Piecewise", minimum=1)
        object.__setattr__(self, "n_breaks", count)
        degree = check_count(self.degree, "degree", "Piecewise", minimum=0)
        if degree > 1:
            raise InvalidOption(
                f"degree of Piecewise is {degree}; give 0 for constants or 1 for straight lines."
            )
        object.__setattr__(self, "degree", degree)

    def resolve(self, data: Data) -> "Piecewise":
        """Fill in the number of outputs.

        Raises:
            ShapeMismatch: There are several inputs.
            TooFewPoints: There are not enough distinct x for all pieces.
        """
        if data.n_inputs > 1:
            raise ShapeMismatch(
                f"{self} takes one input but x has {data.n_inputs} columns; pass one column."
            )
        n_distinct, needed = len(np.unique(data.x)), (self.n_breaks + 1) * (self.degree + 1)
        if n_distinct < needed:
            raise TooFewPoints(
                f"{self} needs at least {needed} distinct x, but there are {n_distinct}; use fewer "
                "breaks or add points."
            )
        return dataclasses.replace(self, n_outputs=data.n_outputs)

    def direct(self) -> "Piecewise":
        """The same model: it works with the parameters that it reports."""
        return self

    def parameters(self) -> Parameters:
        shape = (self.n_breaks + 1, *shape_for(self.n_outputs))
        names = ("level",) if self.degree == 0 else ("intercept", "slope")
        pieces = (Parameter(name, shape, linear=True) for name in names)
        return Parameters((Parameter("break", (self.n_breaks,), step=True), *pieces))

    def evaluate(self, values, x):
        x = single_input(x, str(self))
        arrays = self.parameters().split(values)
        piece = (x[:, None] >= arrays["break"]).sum(axis=1)
        first = arrays["level" if self.degree == 0 else "intercept"]
        found = first.reshape(self.n_breaks + 1, -1)[piece]
        if self.degree == 0:
            return found
        return found + arrays["slope"].reshape(self.n_breaks + 1, -1)[piece] * x[:, None]

    def canonical(self, values: np.ndarray) -> np.ndarray:
        """With increasing breaks; a piece is numbered by the breaks on its left anyway."""
        found = values.copy()
        found[: self.n_breaks] = np.sort(values[: self.n_breaks])
        return found

    def conversion(self) -> Conversion | None:
        return None

    @property
    def is_pointwise(self) -> bool:
        return True

    @property
    def label(self) -> str:
        return "piecewise"

    def __str__(self) -> str:
        return f"Piecewise({self.n_breaks}{', degree=1' if self.degree else ''})"
