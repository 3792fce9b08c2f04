"""Data that hardly differ from a constant, and a sum of units without one.

One unit must then be spent on the constant, so far out that all that is left of its own curve is
the end of its tail, an exponential. The others are searched beside a constant and such a tail, with
the mean of y subtracted: divided by values so much larger than what they vary by, y would leave
nothing of χ² but rounding.
"""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.models.linear import Constant
from surefit.models.units import AbstractShape, Units, UnitValues

# Mean of y, in units of its range, from which a unit is spent on it before anything else.
LARGE = 1e3
# Argument at which a unit that saturates has reached its limit to the last bit, and arguments at
# which its tail is looked at.
FAR, OUT = 40.0, 12.0
# Relative accuracy with which a tail has to be an exponential.
EXPONENTIAL = 1e-4


@dataclasses.dataclass(frozen=True)
class Saturation:
    """How a shape tends to a constant: s(sign·z) → limit − height·exp(−rate·z) for large z.

    Attributes:
        sign: Side on which it does.
        limit: The constant, not 0.
        height: Of the tail; 0 if the tail is no exponential.
        rate: Of the tail.
    """

    sign: float
    limit: float
    height: float
    rate: float


def saturation(shape: AbstractShape) -> Saturation | None:
    """On which side and how a shape tends to a constant other than 0; None if on neither."""
    for sign in (1.0, -1.0):
        z = np.array([FAR, 2 * FAR, OUT, OUT + 1, OUT + 2])
        near, far, *tail = np.asarray(shape(sign * z))
        if near != far or far == 0:
            continue
        left = far - np.array(tail)
        if not np.all(left * left[0] > 0):
            return Saturation(sign, float(far), 0.0, 1.0)
        rates = np.log(left[:-1] / left[1:])
        if abs(rates[0] - rates[1]) > EXPONENTIAL * abs(rates[0]):
            return Saturation(sign, float(far), 0.0, 1.0)
        return Saturation(sign, float(far), float(left[0] * np.exp(rates[0] * OUT)), rates[0])
    return None


def is_offset(units: Units, data: Data) -> bool:
    """Whether one of the units has to be spent on a constant, and can be."""
    extent = np.ptp(data.y, axis=0)
    is_large = bool(np.all(np.abs(data.y.mean(axis=0)) > LARGE * np.where(extent > 0, extent, 1.0)))
    can_be = units.extra is None and units.n_units > 1
    return is_large and can_be and saturation(units.shape) is not None


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
    x = data.inputs
    extent = np.ptp(x, axis=0)
    weight = np.where(extent > 0, 1 / np.where(extent > 0, extent, 1.0), 1.0)
    return _with_unit(values, shape, weight, FAR - (x @ weight).min())


def with_tail(
    values: UnitValues, shape: AbstractShape, height: float, rate: float, origin: float
) -> UnitValues | None:
    """The constant plus height·exp(−rate·(x − origin)) as one more unit; one input and output.

    Args:
        values: Units and a constant.
        shape: Their shape, whose tail is exponential.
        height: Of the exponential.
        rate: Of the exponential, in 1/x.
        origin: Where the exponential has its height.

    Returns:
        The units; None if the tail would be on the wrong side of the constant.
    """
    limit = saturation(shape)
    assert limit is not None
    # Of limit − tail, `constant/limit` times, the second part is to be the exponential.
    part = -height * limit.limit / (values.extra[0] * limit.height)
    if not part > 0:
        return None
    weight, bias = rate / limit.rate, -np.log(part) / limit.rate
    return _with_unit(values, shape, np.array([weight]), float(bias - weight * origin))


def _with_unit(
    values: UnitValues, shape: AbstractShape, weight: np.ndarray, bias: float
) -> UnitValues:
    limit = saturation(shape)
    assert limit is not None
    return UnitValues(
        np.concatenate([values.weight, limit.sign * weight[None]]),
        np.append(values.bias, limit.sign * bias),
        np.concatenate([values.coefficient, values.extra[None] / limit.limit]),
        np.zeros(0),
    )
