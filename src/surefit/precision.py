"""64-bit inside, NumPy outside.

JAX computes in 32 bits unless told otherwise, and its switch is a context that does not reach
other threads. Every public door that computes with JAX therefore wears one decorator; no global
setting is changed.
"""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import jax

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def double_precision(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run `function` with JAX in 64-bit arithmetic, whatever the caller's setting is.

    Args:
        function: A function that computes with JAX.

    Returns:
        The same function inside a 64-bit context; the caller's setting is restored afterwards.

    Example:
        >>> import jax.numpy as jnp
        >>> @double_precision
        ... def one_third():
        ...     return jnp.asarray(1 / 3).dtype.name
        >>> one_third()
        'float64'
    """

    @functools.wraps(function)
    def door(*arguments: Arguments.args, **keywords: Arguments.kwargs) -> Result:
        with jax.enable_x64(True):
            return function(*arguments, **keywords)

    return door
