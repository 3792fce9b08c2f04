"""Data that hardly differ from a constant, and a sum of units without one.

One unit must then be spent on the constant, so far in its tail that it is one to the last bit. The
others are searched beside a constant, with the mean of y subtracted: divided by values so much
larger than what they vary by, y would leave nothing of χ² but rounding.
"""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.models.linear import Constant
from surefit.models.units import AbstractShape, Units, UnitValues

# Mean of y, in units of its range, from which a unit is spent on it before anything else.
LARGE = 1e3
# Argument at which a unit that saturates has reached its limit to the last bit.
FAR = 40.0


def is_offset(units: Units, data: Data) -> bool:
    """Whether one of the units has to be spent on a constant, and can be."""
    extent = np.ptp(data.y, axis=0)
    is_large = bool(np.all(np.abs(data.y.mean(axis=0)) > LARGE * np.where(extent > 0, extent, 1.0)))
    return is_large and units.extra is None and units.n_units > 1 and _limit(units.shape)[1] != 0


def with_constant(units: Units, data: Data) -> Units:
    """One unit less, and a constant."""
    return dataclasses.replace(units, n_units=units.n_units - 1, extra=Constant().resolve(data))


def saturated(values: UnitValues, shape: AbstractShape, data: Data) -> UnitValues:
    """The constant as one more unit, in its tail at all points.

    Args:
        values: Units and a constant.
        shape: Their shape.
        data: The points.
    """
    sign, limit = _limit(shape)
    x = data.inputs
    extent = np.ptp(x, axis=0)
    weight = np.where(extent > 0, 1 / np.where(extent > 0, extent, 1.0), 1.0)
    bias = FAR - (x @ weight).min()
    return UnitValues(
        np.concatenate([values.weight, sign * weight[None]]),
        np.append(values.bias, sign * bias),
        np.concatenate([values.coefficient, values.extra[None] / limit]),
        np.zeros(0),
    )


def _limit(shape: AbstractShape) -> tuple[float, float]:
    """On which side a shape tends to a constant other than 0, and that constant; 0 if on none."""
    for sign in (1.0, -1.0):
        near, far = (float(np.asarray(shape(np.array(sign * z)))) for z in (FAR, 2 * FAR))
        if near == far != 0:
            return sign, far
    return 1.0, 0.0
