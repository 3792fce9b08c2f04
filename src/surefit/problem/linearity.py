"""How a function of a few numbers depends on each: linearly or not, read off its trace."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from surefit.models.tracing.trace_parts import Literal

# Operations that hand on what they get, add, or pick out.
_ADDING = frozenset(
    (
        *("add", "sub", "neg", "reduce_sum", "convert_element_type", "copy", "broadcast_in_dim"),
        *("reshape", "squeeze", "slice", "transpose", "concatenate", "stack"),
    )
)
_CALLING = frozenset(("pjit", "jit", "closed_call", "custom_jvp_call", "custom_vjp_call"))
NONLINEAR = 2
"""What `degree` says of anything that is not linear."""


def degree(function: Callable[..., Any], is_linear: Sequence[bool]) -> int:
    """The degree of a JAX function in some of its arguments, all others being constants.

    Args:
        function: A JAX function of numbers.
        is_linear: For each argument whether it counts as a variable.

    Returns:
        0, 1, or `NONLINEAR`. It never says less than the truth; what it cannot follow is
        `NONLINEAR`.

    Example:
        >>> degree(lambda a, b: 2 * a + b, (True, True)), degree(lambda a, b: a * b, (True, False))
        (1, 1)
        >>> degree(lambda a, b: a * b, (True, True)), degree(lambda a, b: b**2, (True, False))
        (2, 0)
    """
    numbers = np.linspace(0.5, 1.5, len(is_linear))
    traced = jax.make_jaxpr(function)(*numbers)
    (found,) = _degrees(traced.jaxpr, [int(mask) for mask in is_linear])
    return found


def _degrees(jaxpr: Any, given: list[int]) -> list[int]:
    """Degrees of what a trace returns, from those of what it takes."""
    known = dict(zip(jaxpr.invars, given, strict=True))

    def of(atom: Any) -> int:
        return 0 if isinstance(atom, Literal) else known.get(atom, 0)

    for equation in jaxpr.eqns:
        degrees = [of(atom) for atom in equation.invars]
        known.update(zip(equation.outvars, _through(equation, degrees), strict=True))
    return [of(atom) for atom in jaxpr.outvars]


def _through(equation: Any, degrees: list[int]) -> list[int]:
    """Degrees of the results of one operation."""
    name, n_results = equation.primitive.name, len(equation.outvars)
    inner = equation.params.get("jaxpr", equation.params.get("call_jaxpr"))
    if name in _CALLING and inner is not None:
        return _degrees(getattr(inner, "jaxpr", inner), degrees)
    if max(degrees, default=0) == 0:
        found = 0
    elif name in _ADDING:
        found = max(degrees)
    elif name == "mul":
        found = min(sum(degrees), NONLINEAR)
    elif name == "div" and degrees[1] == 0:
        found = degrees[0]
    elif name == "select_n" and degrees[0] == 0:
        found = max(degrees)
    else:
        found = NONLINEAR
    return [found] * n_results
