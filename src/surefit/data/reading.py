"""How a measured point is compared with a curve: at its x, over a bin, or with errors on x."""

import abc
import dataclasses
from typing import Any, Protocol


class Curve(Protocol):
    """What a reading needs of a model."""

    @property
    def is_pointwise(self) -> bool: ...

    def evaluate(self, values, x) -> Any: ...


class AbstractReading(abc.ABC):
    """What the curve says of each point, between the model and the loss.

    Arrays that come in are NumPy or JAX, as for a model. `extent` is what a reading needs to know
    of each point besides x: the size of its error, or the width of its bin, along each input.
    Final classes are frozen dataclasses of hashable fields, as a reading is part of a compilation
    key.
    """

    @abc.abstractmethod
    def expected(self, model: Curve, values, x, extent) -> Any:
        """What y is expected to be, shape (n, m): the curve at x, or the content of a bin.

        Args:
            model: The resolved model.
            values: Flat parameter vector, shape (p,).
            x: Inputs, shape (n,) or (n, d).
            extent: Shape (n, d).
        """

    @abc.abstractmethod
    def compared(self, model: Curve, values, x, y, weight, extent) -> Any:
        """What a loss compares with y, shape (n, m).

        It is what is expected, unless x has errors: then it is so near to y that the difference
        in units of the error of y is the pull with both errors, and so is its derivative.

        Args:
            model: The resolved model.
            values: Flat parameter vector, shape (p,).
            x: Inputs, shape (n,) or (n, d).
            y: Outputs, shape (n, m).
            weight: 1/σ of each output, shape (n, m); 0 for padding.
            extent: Shape (n, d).
        """

    @abc.abstractmethod
    def carried_over(self, model: Curve, values, x, sigma, extent) -> Any:
        """Errors on y, (n, m), with errors on x carried over to y by the slope of the curve."""

    @abc.abstractmethod
    def at_points(self, y, sigma, extent) -> Any:
        """y and its errors as they would be compared with the curve at x, to find where to start.

        None where the curve at x says nothing of y.
        """

    @property
    @abc.abstractmethod
    def is_plain(self) -> bool:
        """Whether it is the curve at x itself."""

    @property
    @abc.abstractmethod
    def is_linear(self) -> bool:
        """Whether parameters in which the model is linear stay so."""

    @property
    @abc.abstractmethod
    def is_error(self) -> bool:
        """Whether the extent is a standard deviation: a point that stands for k has 1/√k of it."""

    @abc.abstractmethod
    def note(self) -> str:
        """What the report says of it, or nothing."""

    @abc.abstractmethod
    def finer(self) -> "AbstractReading | None":
        """The same with more exact integrals, or None where there are none."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor."""


@dataclasses.dataclass(frozen=True)
class AtPoints(AbstractReading):
    """The curve at x: what everybody means who says nothing else."""

    def expected(self, model: Curve, values, x, extent):
        return model.evaluate(values, x)

    def compared(self, model: Curve, values, x, y, weight, extent):
        return model.evaluate(values, x)

    def carried_over(self, model: Curve, values, x, sigma, extent):
        return sigma

    def at_points(self, y, sigma, extent):
        return y, sigma

    @property
    def is_plain(self) -> bool:
        return True

    @property
    def is_linear(self) -> bool:
        return True

    @property
    def is_error(self) -> bool:
        return False

    def note(self) -> str:
        return ""

    def finer(self) -> AbstractReading | None:
        return None

    def __str__(self) -> str:
        return "AtPoints()"
