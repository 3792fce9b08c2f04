"""64-bit inside, NumPy outside, and one thread for the small things in between.

JAX computes in 32 bits unless told otherwise, and its switch is a context that does not reach
other threads. A linear-algebra library, in turn, sets several threads to work on matrices of ten
rows, where they only wait for each other: 40 times slower on a busy machine. Every public door
that computes therefore wears one decorator; both settings are as before once the last door closes.

JAX also hands each computation on the CPU to another thread, and a fit, which needs each result
before it can go on, spends two thirds of its calls waiting for threads to wake up. The first door
therefore has JAX compute in the thread that asks. It does so as long as the process lives, unless
JAX has computed something before.
"""

import functools
import sys
import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import jax
import threadpoolctl

ASYNC = "jax_cpu_enable_async_dispatch"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_ONE_AT_A_TIME = threading.Lock()


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
        _compute_in_line()
        with jax.enable_x64(True), _ONE_BLAS_THREAD:
            return function(*arguments, **keywords)

    return door


@functools.cache
def _compute_in_line() -> None:
    """Set JAX up to compute on the CPU in the thread that asks, if it is not set up yet.

    The setting is read once, when JAX looks for its devices; then it is as it was.
    """
    settings: Any = jax.config  # it gets its attributes at run time
    with _ONE_AT_A_TIME:
        try:
            before = settings.read(ASYNC)
        except (AttributeError, KeyError):  # settings come and go
            return
        settings.update(ASYNC, False)
        try:
            jax.devices()
        finally:
            settings.update(ASYNC, before)


class _OneBlasThread:
    """Limits BLAS to one thread while anyone is inside; the first sets, the last restores.

    Some builds heed only the thread that called them first; elsewhere the limit is then merely
    without effect.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._controller: threadpoolctl.ThreadpoolController | None = None
        self._with_scipy = False
        self._limit: Any = None

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            if self._inside == 1:
                # Finding the libraries takes milliseconds; SciPy brings one of its own.
                with_scipy = "scipy.linalg" in sys.modules
                if self._controller is None or with_scipy != self._with_scipy:
                    self._controller = threadpoolctl.ThreadpoolController()
                    self._with_scipy = with_scipy
                self._limit = self._controller.limit(limits=1, user_api="blas")

    def __exit__(self, *failure: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore_original_limits()


_ONE_BLAS_THREAD = _OneBlasThread()
