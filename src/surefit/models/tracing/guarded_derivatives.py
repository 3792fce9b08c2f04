"""Derivatives that stay finite where the value does not depend on the troublesome part.

Two traps of automatic differentiation, met daily in models written in plain NumPy:

- `1 / (1 + np.exp(u))` is 0 where the exponential overflows, but its derivative is 0 · ∞ = NaN.
  `bounded_exponential` stops the exponent short of overflow: values differ from NumPy's only above
  1e304, and derivatives there are 0.
- `np.where(x > t, np.sqrt(x - t), 0)` has derivative 0 where x < t, but in reverse mode the branch
  that was not taken contributes 0 · NaN. Once a function is seen to select between branches, each
  of its elementary operations is differentiated with non-finite partial derivatives replaced by 0
  (`elementwise`). So the derivative of `np.sqrt(x)` at exactly x = 0 is 0 in such a function.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

GUARD = "overflow_guard"  # marks operations of ours in a trace, so that nobody takes them for kinks


@dataclasses.dataclass
class Branches:
    """What one call of a function did: whether it selected, and whether derivatives are guarded."""

    guarded: bool
    selected: bool = False


_branches: contextvars.ContextVar[Branches | None] = contextvars.ContextVar(
    "branches", default=None
)


@contextlib.contextmanager
def watching_branches(*, guarded: bool) -> Iterator[Branches]:
    """Note selections made inside the `with` block; guard derivatives there if asked to."""
    branches = Branches(guarded)
    token = _branches.set(branches)
    try:
        yield branches
    finally:
        _branches.reset(token)


def note_selection() -> None:
    """Say that the function chooses between values (`np.where`, a mask, `np.clip`, …)."""
    branches = _branches.get()
    if branches is not None:
        branches.selected = True


def elementwise(operation: Callable[..., Any], *args: Any) -> Any:
    """Apply an elementwise operation to raw JAX values, with guarded derivatives where needed."""
    branches = _branches.get()
    if branches is None or not branches.guarded:
        return operation(*args)
    places = [
        place
        for place, argument in enumerate(args)
        if isinstance(argument, jax.Array) and jnp.issubdtype(argument.dtype, jnp.floating)
    ]
    if not places:
        return operation(*args)
    return _guard(operation, args, places)


def _guard(operation: Callable[..., Any], args: tuple[Any, ...], places: list[int]) -> Any:
    def call(*values: Any) -> Any:
        filled = list(args)
        for place, value in zip(places, values, strict=True):
            filled[place] = value
        return operation(*filled)

    guarded = jax.custom_jvp(call)

    @guarded.defjvp
    def derivative(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        value = call(*primals)
        total = jnp.zeros_like(value)
        for place, tangent in enumerate(tangents):

            def along(primal: Any, place: int = place) -> Any:
                return call(*primals[:place], primal, *primals[place + 1 :])

            # Elementwise, so one tangent of ones gives the partial derivative of every element.
            ones = jnp.ones_like(primals[place])
            partial = jax.jvp(along, (primals[place],), (ones,))[1]
            total = total + jnp.where(jnp.isfinite(partial), partial, 0.0) * tangent
        return value, total

    return guarded(*(args[place] for place in places))


def bounded_exponential(
    function: Callable[[Any], Any], *, base: float = np.e, is_two_sided: bool = False
) -> Callable[[Any], Any]:
    """The growing function (exp, expm1, sinh, cosh, …) with its argument kept short of overflow.

    Args:
        function: Grows like base^u, or like base^|u| if `is_two_sided` (sinh and cosh).
        base: Base of the growth.
        is_two_sided: Whether large negative arguments are limited too.
    """

    def bounded(argument: Any) -> Any:
        argument = jnp.asarray(argument)
        if jnp.issubdtype(argument.dtype, jnp.complexfloating):
            return function(argument)
        dtype = jnp.result_type(argument, float) if argument.dtype.kind in "iub" else argument.dtype
        # Ten powers of e short of the largest number: room for a factor 1e4 before infinity.
        limit = (np.log(float(jnp.finfo(dtype).max)) - 10.0) / np.log(base)
        with jax.named_scope(GUARD):
            limited = jnp.minimum(argument.astype(dtype), limit)
            limited = jnp.maximum(limited, -limit) if is_two_sided else limited
        return function(limited)

    return bounded
