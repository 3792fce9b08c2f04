"""Comparisons met while a function is traced: where a model may jump, as functions of x and θ.

A model such as `np.where(abs(x - A) < B, …)` does not change while no data point changes side. Each
comparison is recorded as a *margin* whose side decides the branch, so that a search can go from one
cell (one side for each point and comparison) to the next by finding roots, instead of guessing.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

_recorder: contextvars.ContextVar[list[Comparison] | None] = contextvars.ContextVar(
    "recorder", default=None
)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Comparison:
    """One elementwise decision of the function, as a margin that changes side where it may jump.

    Attributes:
        margin: Array of the comparison's shape. For `kind="sign"` it is g = left − right and the
            decision changes where g crosses zero (`<`, `<=`, `>`, `>=`, `np.sign`, `np.heaviside`).
            For `kind="integer"` the decision changes where the margin crosses *any whole number*:
            v itself for `floor(v)`, `ceil(v)`, `trunc(v)`, a/b for `a % b` and `a // b`, and v + ½
            for rounding. (`trunc` doesn't change at 0: listing it there costs a search one idle
            edge.)
        kind: "sign" or "integer".
    """

    margin: jax.Array
    kind: Literal["sign", "integer"] = dataclasses.field(metadata={"static": True})

    @property
    def side(self) -> np.ndarray:
        """The cell of each element: 0 or 1 for `sign` (1 where g < 0), the floor for `integer`.

        Not for use within a trace.
        """
        margin = np.asarray(self.margin)
        return (np.floor(margin) if self.kind == "integer" else margin < 0).astype(int)


@contextlib.contextmanager
def recording() -> Iterator[list[Comparison]]:
    """Collect the comparisons between traced values made inside the `with` block, in their order.

    The margins are JAX values of the trace in which the comparison was made, so return them from
    the same traced function; `comparison_function` in `tracing` does that.
    """
    comparisons: list[Comparison] = []
    token = _recorder.set(comparisons)
    try:
        yield comparisons
    finally:
        _recorder.reset(token)


def record(margin: Any, kind: Literal["sign", "integer"] = "sign") -> None:
    """Add a margin to the recording in progress, if there is one."""
    recorder = _recorder.get()
    if recorder is not None:
        recorder.append(Comparison(jnp.asarray(margin, float), kind))


def record_ufunc(ufunc: np.ufunc, inputs: Sequence[Any]) -> None:
    """Record what the call of a NumPy ufunc on raw JAX values decides, if it decides anything."""
    if _recorder.get() is None:
        return
    if ufunc in _ORDERS:
        left, right = (jnp.asarray(value, float) for value in inputs[:2])
        record(left - right)
    elif ufunc in _SIGNS:
        record(inputs[_SIGNS[ufunc]])
    elif ufunc in _WHOLE:
        record(inputs[0], "integer")
    elif ufunc is np.rint:
        record(jnp.asarray(inputs[0]) + 0.5, "integer")
    elif ufunc in _QUOTIENTS:
        record(jnp.asarray(inputs[0], float) / inputs[1], "integer")


_ORDERS = frozenset({np.less, np.less_equal, np.greater, np.greater_equal})
_SIGNS = {np.sign: 0, np.heaviside: 0, np.signbit: 0, np.copysign: 1}  # which input decides
_WHOLE = frozenset({np.floor, np.ceil, np.trunc, np.modf})
_QUOTIENTS = frozenset({np.floor_divide, np.remainder, np.fmod, np.divmod})
