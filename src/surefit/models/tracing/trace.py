"""Follow a plain NumPy function with JAX: compiled evaluation and exact derivatives."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from surefit.models.tracing.comparisons import Comparison, recording
from surefit.models.tracing.fingerprint import fingerprint
from surefit.models.tracing.guarded_derivatives import watching_branches
from surefit.models.tracing.not_traceable import NotTraceable, reason
from surefit.models.tracing.substitution import substituted
from surefit.models.tracing.traced_array import TracedArray, unwrap
from surefit.precision import double_precision

# Agreement asked of the traced and the plain function, in units of the largest magnitude met:
# long sums are added in another order, elementary functions differ in the last digits.
AGREEMENT = 1e-11
# How much more than the change that the last digits of the parameters make may be rounding; and
# what can't be, in units of the largest magnitude.
MAGNIFIED, MOST_ROUNDED = 100.0, 1e-7
# Overflow is cut off just below this (guarded_derivatives): such values say nothing.
LARGEST = 1e300
# Points compared: one shape serves all data lengths, so that a new length compiles nothing here.
POINTS = 64

# Operations that are compiled. The time that takes grows faster than their number: from a second
# for each kernel at a thousand to minutes at ten thousand, where NumPy itself takes 20 ms.
MOST_OPERATIONS = 1000


@dataclasses.dataclass(frozen=True)
class Keyed:
    """A function that is equal to any other of the same fingerprint."""

    key: Hashable
    function: Callable[..., Any] = dataclasses.field(compare=False)


def jax_function(function: Callable[..., Any]) -> Callable[..., jax.Array]:
    """A JAX function computing what a plain NumPy function computes.

    Globals and closures are read at each call, that is at each tracing; a compiled kernel
    freezes them, so key kernels by `fingerprint.fingerprint(function)`.

    Args:
        function: `function(x, *values)`, in NumPy; each value a number or an array.

    Returns:
        `traced(x, *values)`, called as the function is, with JAX or NumPy values; x has shape (n,)
        or (n, d). Returns (n,), or (n, m) as the function does; a single number is
        repeated n times. Call it under `double_precision`. It may be compiled, differentiated
        and mapped; for one point, pass x of shape (1,) or (1, d).

    Raises:
        NotTraceable: (by the returned function) tracing cannot follow; ask `traceable` first.

    Example:
        >>> import numpy as np
        >>> def peak(x, height, mean, width):
        ...     return height * np.exp(-0.5 * ((x - mean) / width) ** 2)
        >>> @double_precision
        ... def slopes():
        ...     gradient = jax.jacfwd(jax_function(peak), argnums=(1, 2))
        ...     return gradient(np.array([0.5]), 2.0, 0.5, 0.1)
        >>> [slope.tolist() for slope in slopes()]
        [[1.0], [0.0]]
    """
    selects = False

    def traced(x: Any, *values: Any) -> jax.Array:
        nonlocal selects
        with watching_branches(guarded=selects) as branches:
            result = _call(function, x, values)
        if branches.selected and not selects:
            # Known only afterwards: once more, with derivatives guarded against untaken branches.
            selects = True
            with watching_branches(guarded=True):
                result = _call(function, x, values)
        return result

    return traced


def comparison_function(
    function: Callable[..., Any],
) -> Callable[..., list[Comparison]]:
    """The comparisons a function makes, as a JAX function of its parameters and x.

    Args:
        function: `function(x, *values)`, in NumPy.

    Returns:
        `comparisons(x, *values)`: every comparison in the order made, with its margin (which
        may have fewer points than x, or be one number). Comparisons that involve no parameter
        are listed too: their margins' derivatives are 0. It may be compiled and differentiated.

    Example:
        >>> import numpy as np
        >>> def edge(x, a, height):
        ...     return np.where(x < a, 0.0, height)
        >>> found = comparison_function(edge)(np.array([0.25, 1.0]), 0.5, 2.0)
        >>> [(comparison.kind, comparison.margin.tolist()) for comparison in found]
        [('sign', [-0.25, 0.5])]
    """

    def comparisons(x: Any, *values: Any) -> list[Comparison]:
        with recording() as found:
            _call(function, x, values)
        return found

    return comparisons


def _call(function: Callable[..., Any], x: Any, values: Sequence[Any]) -> jax.Array:
    x = jnp.asarray(x)
    arguments = [TracedArray(jnp.asarray(value)) for value in values]
    try:
        result = substituted(function)(TracedArray(x), *arguments)
    except NotTraceable:
        raise
    except Exception:
        try:  # it may be written in JAX itself
            result = function(x, *(jnp.asarray(value) for value in values))
        except Exception:
            result = None
        if result is None:
            raise
    if result is None:
        raise NotTraceable("returns nothing")
    if isinstance(result, TracedArray):
        result = result._unmasked()
    result = jnp.asarray(unwrap(result))
    if jnp.iscomplexobj(result):
        raise NotTraceable("returns complex numbers")
    result = result.astype(jnp.result_type(result, float))
    return jnp.broadcast_to(result, x.shape[:1]) if result.ndim == 0 else result


@dataclasses.dataclass(frozen=True)
class TraceReport:
    """Whether a function can be followed by tracing.

    Attributes:
        ok: Traced and plain evaluation agree at the parameters tried.
        reason: One sentence saying why not; empty if `ok`.
    """

    ok: bool
    reason: str = ""


@double_precision
def traceable(
    function: Callable[..., Any],
    x: Any,
    points: Sequence[Sequence[float]] | np.ndarray | int,
    packed: bool = False,
) -> TraceReport:
    """Trace a function and compare it with itself as plain NumPy.

    The compiled function is kept by fingerprint, so asking again costs two calls.

    Args:
        function: `function(x, *values)`, in NumPy.
        x: Points, (n,) or (n, d); 64 of them are compared, or all if the function needs them.
        points: Two or more parameter vectors, or the number of parameters: then generic values of
            order one are tried. The first two at which the plain function is finite anywhere count.
        packed: The function takes one array of parameters, `function(x, parameters)`.

    Returns:
        A report with a reason; a function that raises as plain NumPy is not traceable either.

    Example:
        >>> import numpy as np
        >>> def threshold(x, a):
        ...     return x * a if a > 0 else 0 * x
        >>> print(traceable(threshold, np.linspace(0, 1, 5), [(1.0,), (2.0,)]).reason.split(",")[0])
        The function branches (if
    """
    x = np.asarray(x)
    vectors = generic_points(points) if isinstance(points, int) else points
    choices = [
        (np.array(v, float),) if packed else tuple(np.float64(a) for a in v) for v in vectors
    ]
    few = x[np.linspace(0, len(x) - 1, POINTS).astype(int)] if len(x) > POINTS else x
    try:
        x, plain = _first_working(function, [few, x], choices)
    except Exception as error:
        return TraceReport(
            False, f"As plain NumPy: {type(error).__name__}: {error}".rstrip(".") + "."
        )
    plain.sort(key=lambda pair: not np.isfinite(pair[1]).any())
    compiled = _compiled(Keyed(fingerprint(function), function))
    try:
        n_operations = len(compiled.trace(x, *plain[0][0]).jaxpr.eqns)
        if n_operations > MOST_OPERATIONS:
            return TraceReport(False, _TOO_LONG.format(n=n_operations, most=MOST_OPERATIONS))
        for values, expected in plain[:2]:
            found = np.asarray(compiled(x, *values))
            complaint = _difference(found, expected)
            if complaint and _difference(found, expected, _rounding(function, x, values, expected)):
                again = _difference(_plain(function, x, values), expected)
                return TraceReport(False, _NOT_REPEATABLE if again else complaint)
    except Exception as error:
        return TraceReport(False, reason(error))
    return TraceReport(True)


@functools.lru_cache(maxsize=64)
def _compiled(keyed: Keyed) -> jax.stages.Wrapped:
    # Called twice, so optimizing it would cost more than it saves.
    quick = {"xla_backend_optimization_level": 0, "xla_llvm_disable_expensive_passes": True}
    return jax.jit(jax_function(keyed.function), compiler_options=quick)


def _first_working(
    function: Callable[..., Any], inputs: list[np.ndarray], choices: list[tuple[Any, ...]]
) -> tuple[np.ndarray, list[tuple[tuple[Any, ...], np.ndarray]]]:
    """The plain function at all choices of parameters, on the first x that it takes."""
    *others, last = inputs
    for x in others:
        try:
            return x, [(values, _plain(function, x, values)) for values in choices]
        except Exception:
            continue  # it needs all points, for instance to go with an array of its own
    return last, [(values, _plain(function, last, values)) for values in choices]


def generic_points(n_parameters: int) -> list[tuple[float, ...]]:
    """A few parameter vectors of order one, all numbers different, of several patterns of sign."""
    base = 0.5 + np.modf(np.arange(1, n_parameters + 1) * 0.6180339887498949)[0]
    signs = np.where(np.arange(n_parameters) % 2, -1.0, 1.0)
    return [tuple(values.tolist()) for values in (base, base[::-1] * 1.37, base * signs, -base)]


_TOO_LONG = (
    "The function makes {n} operations one after the other, which would take longer to compile "
    "than to fit; with fewer steps in its loops, at most {most} operations, derivatives are exact."
)
_NOT_REPEATABLE = (
    "The function gives different values for the same arguments, as if it used chance."
)


def _plain(function: Callable[..., Any], x: np.ndarray, values: Sequence[Any]) -> np.ndarray:
    # Copies: a function that writes into its arguments must not change ours.
    arguments = [value.copy() for value in values]
    with np.errstate(all="ignore"):
        result = np.array(function(x.copy(), *arguments))
    if np.iscomplexobj(result):
        raise TypeError("the function returns complex numbers")
    result = result.astype(float)
    return np.broadcast_to(result, x.shape[:1]) if result.ndim == 0 else result


def _rounding(
    function: Callable[..., Any], x: np.ndarray, values: Sequence[Any], expected: np.ndarray
) -> float:
    """By how much a function may change because its operations are rounded otherwise.

    Iterations and differences of large numbers magnify the last digit: seen where the last digits
    of the parameters change.
    """
    eps = 4 * np.finfo(float).eps
    known = np.abs(expected) < LARGEST
    moved = [_plain(function, x, [value * (1 + e) for value in values]) for e in (eps, -eps)]
    changes = [np.abs(other - expected)[known] for other in moved if other.shape == expected.shape]
    most = np.max(changes, initial=0.0)
    largest = np.abs(expected[known]).max(initial=0.0)
    return min(MAGNIFIED * float(most), MOST_ROUNDED * float(largest))


def _difference(found: np.ndarray, expected: np.ndarray, rounding: float = 0.0) -> str:
    """What is wrong, or nothing. Where the plain value isn't finite, any value will do."""
    if found.shape != expected.shape:
        return f"Traced, the function has shape {found.shape}; as plain NumPy {expected.shape}."
    known = np.abs(expected) < LARGEST
    if not known.any():
        return ""
    error = np.abs(found[known] - expected[known])
    scale = np.abs(expected[known]).max()
    if np.all(error <= AGREEMENT * scale + rounding):
        return ""
    if np.isnan(error).any():
        return "Traced, the function is not finite where it is as plain NumPy."
    return (
        f"Traced, the function differs from plain NumPy by up to {error.max():.1g}: it may write "
        "into an array in a way that tracing cannot follow, or keep a state."
    )
