"""What is believed of the parameters before the data: part of every Bayes factor."""

import abc
import dataclasses
import math

from surefit.exceptions import InvalidOption


class AbstractPrior(abc.ABC):
    """The prior of one parameter."""

    @abc.abstractmethod
    def __str__(self) -> str:
        """The constructor."""


@dataclasses.dataclass(frozen=True)
class NormalPrior(AbstractPrior):
    """A normal distribution, in the unit of the parameter.

    Attributes:
        mean: Its mean.
        sigma: Its standard deviation.
    """

    mean: float
    sigma: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.mean) and math.isfinite(self.sigma) and self.sigma > 0):
            raise InvalidOption(f"{self} needs finite numbers and a sigma above 0.")

    def __str__(self) -> str:
        return f"NormalPrior({self.mean:g}, {self.sigma:g})"


@dataclasses.dataclass(frozen=True)
class UniformPrior(AbstractPrior):
    """The same density everywhere between two values.

    Attributes:
        low: Where it begins.
        high: Where it ends.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InvalidOption(f"{self} needs two finite numbers, the lower one first.")

    def __str__(self) -> str:
        return f"UniformPrior({self.low:g}, {self.high:g})"
