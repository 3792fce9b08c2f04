"""Adaptive basis functions: what a sum of sigmoids and a hidden layer have in common."""

import abc
import dataclasses
from typing import Any

import numpy as np

from surefit.models.base import AbstractLinearModel, AbstractModel


@dataclasses.dataclass(frozen=True)
class Symmetry:
    """Which changes of its argument a shape can undo: they make different units equal.

    Units may always be permuted. These are the further symmetries:

    Attributes:
        sign: ±1 where s(−z) = sign·s(z) + constant for all z; 0 where no such law holds.
        constant: The constant of that law. If it is not 0, a unit can only change the sign of
            its argument where something else can absorb a constant.
        degree: The degree with which s(k z) = k**degree · s(z) for all k > 0, or None.
        half_period: The shift for which s(z + half_period) = −s(z) for all z, or None.
    """

    sign: int = 0
    constant: float = 0.0
    degree: int | None = None
    half_period: float | None = None


class AbstractShape(abc.ABC):
    """A fixed function of one variable, s(z), that units shift and stretch.

    Final classes are frozen dataclasses, so that a shape is part of a compilation key.
    """

    @abc.abstractmethod
    def __call__(self, z) -> Any:
        """s(z), for NumPy or JAX arrays of any shape; never overflows or warns."""

    @property
    @abc.abstractmethod
    def symmetry(self) -> Symmetry:
        """What makes units of this shape interchangeable, beyond their order."""


@dataclasses.dataclass(frozen=True)
class Units:
    """A function of the form Σ_j c_j s(w_j·x + b_j) + (linear columns), as a search sees it.

    Attributes:
        n_units: How many terms the sum has.
        shape: The function s.
        extra: What is added linearly, resolved (a `Constant`, or a sum of linear models), or None.
        n_inputs: D, the length of each w_j.
        n_outputs: M, the length of each c_j.
    """

    n_units: int
    shape: AbstractShape
    extra: AbstractLinearModel | None
    n_inputs: int
    n_outputs: int


@dataclasses.dataclass(frozen=True, eq=False)
class UnitValues:
    """Parameter values of `Units`.

    Attributes:
        weight: w, shape (n_units, D).
        bias: b, shape (n_units,).
        coefficient: c, shape (n_units, M).
        extra: Values of the extra linear model, flat; empty if there is none.
    """

    weight: np.ndarray
    bias: np.ndarray
    coefficient: np.ndarray
    extra: np.ndarray


class AbstractAdaptiveModel(AbstractModel):
    """A model that equals a sum of units, so that it can be grown instead of guessed.

    Ask `surefit.models.adaptive.adaptive_form` rather than this type: a sum may be adaptive too,
    and a network of several hidden layers is not.
    """

    @abc.abstractmethod
    def units(self) -> Units | None:
        """The sum of units that this (resolved) model equals, or None if it equals none."""

    @abc.abstractmethod
    def from_units(self, values: UnitValues) -> np.ndarray:
        """The flat parameter vector of this model that gives the same function."""

    @abc.abstractmethod
    def to_units(self, values: np.ndarray) -> UnitValues:
        """The inverse of `from_units`."""

    @abc.abstractmethod
    def canonical_with_constant(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The canonical form where a constant beside this model can absorb another constant.

        Returns:
            The flat parameter vector, and the constant to add to each output, shape (m,), so that
            the sum is the same function. The constant is 0 for a model that has one of its own.
        """
