"""Losses as they stand in files: their constructors, read back without running anything."""

import re
from typing import Any

from surefit.exceptions import FileProblem
from surefit.losses.asymmetric import VariableSigma, VariableVariance
from surefit.losses.base import AbstractLoss
from surefit.losses.least_squares import LeastSquares
from surefit.losses.poisson import Poisson, ScaledPoisson
from surefit.losses.robust import Cauchy, Huber, SoftL1

_PLAIN = {
    str(loss): loss
    for loss in (
        LeastSquares(),
        Poisson(),
        ScaledPoisson(),
        VariableSigma(),
        VariableVariance(),
        Huber(),
        Cauchy(),
        SoftL1(),
    )
}
_TUNED = {kind.__name__: kind for kind in (Huber, Cauchy, SoftL1)}


def loss_from_text(text: Any) -> AbstractLoss:
    """The loss whose constructor this is.

    Args:
        text: What `str` of a loss gave.

    Raises:
        FileProblem: It is none of ours.

    Example:
        >>> loss_from_text("Huber(k=2.0)")
        Huber(k=2.0)
    """
    match = re.fullmatch(r"(\w+)\(k=([-+.\de]+)\)", text) if isinstance(text, str) else None
    if match and match[1] in _TUNED:
        return _TUNED[match[1]](float(match[2]))
    if text not in _PLAIN:
        raise FileProblem(f"The saved fit has an unknown loss, {text!r}.")
    return _PLAIN[text]
