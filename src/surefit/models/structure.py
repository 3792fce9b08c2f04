"""What a function does with its parameters, for a user to read before a fit."""

from typing import Any

import numpy as np

from surefit.data.arrays import as_float_array
from surefit.data.checked import check_data
from surefit.data.scales import scales_of
from surefit.exceptions import InvalidModel, InvalidType
from surefit.models.base import AbstractModel
from surefit.models.function import Function, ResolvedFunction, as_model
from surefit.models.structures.whole import Structure
from surefit.precision import double_precision


@double_precision
def structure(
    function: Any, x: Any, y: Any = None, *, n_parameters: int | None = None
) -> Structure:
    """Find out how a function depends on its parameters, by trying it.

    A fit does the same before it starts, so that you need not say any of it: linear parameters are
    solved, not searched; of equivalent solutions always the same one is reported.

    Args:
        function: A Python function f(x, a, b, ...) or f(x, parameters).
        x: Inputs at which it will be fitted, shape (n,) or (n, d). What a parameter does may
            depend on them: a threshold beyond all x does nothing.
        y: Outputs to be fitted, shape (n,) or (n, m), if known; only their size matters.
        n_parameters: Length of the array of parameters of f(x, parameters).

    Returns:
        The structure. `print` it for a table: how each parameter enters (linear, smooth, step,
        kink, no effect), which are interchangeable, whose sign is a matter of convention, whether
        the function is pointwise, and whether its derivatives are exact.

    Raises:
        ModelFailed: The function raised an error, or is finite for no parameters tried.
        InvalidType: It is not a Python function, or x or y hold no numbers.
        InvalidModel: Its arguments cannot be read as x and parameters.
        ShapeMismatch: Its result does not have one value for each point.
        DataError: x or y cannot be used; the message says why.

    Example:
        >>> import numpy as np, surefit as sf
        >>> def decays(t, A1, tau1, A2, tau2):
        ...     return A1 * np.exp(-t / tau1) + A2 * np.exp(-t / tau2)
        >>> print(sf.structure(decays, np.linspace(0, 10, 50)))
        decays: 4 parameters, 2 linear, pointwise, exact derivatives
        <BLANKLINE>
          parameter  enters  interchangeable with
          ─────────  ──────  ────────────────────
          A1         linear  A2
          tau1       smooth  tau2
          A2         linear  A1
          tau2       smooth  tau1
        <BLANKLINE>
        - Linear (A1, A2): Solved exactly, together with the other linear ones; never searched.
        - The blocks (A1, tau1), (A2, tau2) may be permuted: the same curve, reported in one
          order only.
        - Pointwise: each prediction depends on its own x only.
        - Derivatives are exact: they follow the function's own NumPy operations.
    """
    model = function
    if not isinstance(model, AbstractModel):
        model = as_model(function, n_parameters)
    elif n_parameters is not None:
        raise InvalidModel(f"n_parameters is for Python functions; {model} knows its own.")
    model = model.source if isinstance(model, ResolvedFunction) else model
    if not isinstance(model, Function):
        raise InvalidType(
            f"sf.structure looks into Python functions; {model} is built in, and says itself "
            "what its parameters are. Pass a function f(x, a, b, ...)."
        )
    if y is None:
        y = np.zeros(as_float_array(x, "x")[0].shape[:1] or 1)
    data = check_data(x, y)
    return model.structure(data.x, scales_of(data))
