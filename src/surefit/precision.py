"""64-bit inside, NumPy outside, and one thread for the small matrices in between.

JAX computes in 32 bits unless told otherwise, and its switch is a context that does not reach
other threads. A linear-algebra library, in turn, sets several threads to work on matrices of ten
rows, where they only wait for each other: 40 times slower on a busy machine. Every public door
that computes therefore wears one decorator; both settings are as before once the last door closes.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import jax
import threadpoolctl

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def double_precision(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run `function` with JAX in 64-bit arithmetic and BLAS on one thread.

    Args:
        function: A function that computes.

    Returns:
        The same function inside a context that restores the caller's settings afterwards, also
        when several threads are inside at once.

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
        with jax.enable_x64(True), _ONE_BLAS_THREAD:
            return function(*arguments, **keywords)

    return door


class _OneBlasThread:
    """Limits BLAS to one thread while a door is open.

    Libraries differ in whether the limit belongs to the calling thread or to the process, so each
    thread sets it, and all restore what the first of them found.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = threading.local()
        self._threads_inside = 0
        self._controller: threadpoolctl.ThreadpoolController | None = None
        self._found: Any = None

    def __enter__(self) -> None:
        depth = self._depth.value = getattr(self._depth, "value", 0) + 1
        if depth > 1:
            return
        with self._lock:
            if self._controller is None:  # finding the libraries takes milliseconds
                self._controller = threadpoolctl.ThreadpoolController()
            found = self._controller.limit(limits=1, user_api="blas")
            self._threads_inside += 1
            if self._threads_inside == 1:
                self._found = found

    def __exit__(self, *failure: object) -> None:
        self._depth.value -= 1
        if self._depth.value == 0:
            with self._lock:
                self._threads_inside -= 1
                self._found.restore_original_limits()


_ONE_BLAS_THREAD = _OneBlasThread()
