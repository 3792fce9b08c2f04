"""Where the comparisons of a function change side, computed at many parameter vectors at once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from surefit.models.tracing.fingerprint import fingerprint
from surefit.models.tracing.trace import Keyed, comparison_function
from surefit.precision import double_precision


@double_precision
def margins(
    function: Callable[..., Any], x: np.ndarray, vectors: np.ndarray, packed: bool = False
) -> list[np.ndarray]:
    """The margins of a function's comparisons at several parameter vectors, compiled once.

    Args:
        function: `function(x, *values)`, in NumPy; one that `traceable` accepts.
        x: Points, (n,) or (n, d).
        vectors: Parameter vectors, (s, p).
        packed: The function takes one array of parameters, `function(x, parameters)`.

    Returns:
        One array for each comparison, in the order made: (s,) and the comparison's own shape,
        mostly (s, n).

    Example:
        >>> import numpy as np
        >>> def edge(x, a, height):
        ...     return np.where(x < a, 0.0, height)
        >>> margins(edge, np.array([0.25, 1.0]), np.array([[0.5, 2.0], [0.0, 2.0]]))[0].tolist()
        [[-0.25, 0.5], [0.25, 1.0]]
    """
    compiled = _compiled_margins(Keyed(fingerprint(function), function), packed)
    return [np.asarray(margin) for margin in compiled(x, np.asarray(vectors, dtype=float))]


@functools.lru_cache(maxsize=64)
def _compiled_margins(keyed: Keyed, packed: bool) -> Callable[..., list[jax.Array]]:
    compare = comparison_function(keyed.function)

    def at(x: Any, vector: Any) -> list[jax.Array]:
        values = (vector,) if packed else tuple(vector)
        return [comparison.margin for comparison in compare(x, *values)]

    return jax.jit(jax.vmap(at, in_axes=(None, 0)))
