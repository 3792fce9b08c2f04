"""Adaptive basis functions: what a sum of sigmoids and a hidden layer have in common."""

import abc
import dataclasses

import numpy as np

from surefit.models.base import AbstractLinearModel, AbstractModel


class AbstractShape(abc.ABC):
    """A fixed function of one variable, s(z), that units shift and stretch.

    Final classes are frozen dataclasses, so that a shape is part of a compilation key.
    """

    @abc.abstractmethod
    def __call__(self, z):
        """s(z), for NumPy or JAX arrays of any shape; never overflows or warns."""


@dataclasses.dataclass(frozen=True)
class Units:
    """A function of the form Σ_j c_j s(w_j·x + b_j) + (linear columns), as a search sees it.

    Attributes:
        n_units: How many terms the sum has.
        shape: The function s.
        extra: What is added linearly, resolved (a `Constant`), or None.
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
    """A model that equals a sum of units, so that it can be grown instead of guessed."""

    @abc.abstractmethod
    def units(self) -> Units:
        """The sum of units that this (resolved) model equals."""

    @abc.abstractmethod
    def from_units(self, values: UnitValues) -> np.ndarray:
        """The flat parameter vector of this model that gives the same function."""

    @abc.abstractmethod
    def to_units(self, values: np.ndarray) -> UnitValues:
        """The inverse of `from_units`."""
