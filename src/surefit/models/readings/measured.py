"""Measured points with what is known of their errors, checked."""

import dataclasses
from typing import Any

from surefit.data.checked import Data, check_data
from surefit.exceptions import InvalidOption
from surefit.models.readings.x_errors import as_x_errors


def measured(x: Any, y: Any, yerr: Any, xerr: Any) -> Data:
    """The checked data, with the way in which errors on x are to be treated."""
    if xerr is None:
        return check_data(x, y, yerr)
    errors = as_x_errors(xerr)
    data = check_data(x, y, yerr, errors.sigma)
    if not data.noise.is_given:
        raise InvalidOption(
            "xerr needs yerr: without errors on y nobody knows how much of a deviation belongs to "
            "x and how much to y."
        )
    if data.noise.covariance is not None or data.noise.sides is not None:
        raise InvalidOption(
            "xerr needs independent, symmetric errors on y; pass yerr as standard deviations, "
            "neither as a covariance nor as Asymmetric."
        )
    return dataclasses.replace(data, reading=errors.reading)
