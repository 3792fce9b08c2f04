"""Which parameters decide which branch of a function, read off its trace without computing it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import jax
import numpy as np

from surefit.models.tracing import trace_parts
from surefit.models.tracing.comparisons import Comparison
from surefit.models.tracing.fingerprint import fingerprint
from surefit.models.tracing.guarded_derivatives import GUARD
from surefit.models.tracing.trace import Keyed, comparison_function
from surefit.precision import double_precision

# Operations at which a function has a kink or a jump, recorded as comparison or not.
_BENDS = frozenset({"max", "min", "abs", "sign", "clamp", "floor", "ceil", "round", "rem"})
_BENDS_TOO = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "reduce_max", "reduce_min", "cond"})


@dataclasses.dataclass(frozen=True)
class ComparisonUse:
    """One decision that a function makes by comparing, as `trace.comparison_function` lists it.

    Attributes:
        kind: "sign": the decision changes where its margin crosses zero; "integer": where it
            crosses any whole number.
        parameters: Those that the margin depends on, as indices into the flat vector.
        depends_on_x: Whether the margin depends on x.
    """

    kind: Literal["sign", "integer"]
    parameters: tuple[int, ...]
    depends_on_x: bool


@dataclasses.dataclass(frozen=True)
class Decisions:
    """Where a function may jump or have a kink.

    Attributes:
        comparisons: Its comparisons, in the order made.
        bending: Parameters that enter any operation with a kink or a jump.
    """

    comparisons: tuple[ComparisonUse, ...] = ()
    bending: frozenset[int] = frozenset()


@double_precision
def decisions(
    function: Callable[..., Any], x: np.ndarray, n_parameters: int, packed: bool = False
) -> Decisions:
    """Trace a function and see which parameters enter its comparisons.

    Args:
        function: `function(x, *values)`, in NumPy; one that `trace.traceable` accepts.
        x: Points, (n,) or (n, d), as many as the function needs.
        n_parameters: Length of the flat parameter vector.
        packed: The function takes one array of parameters, `function(x, parameters)`.

    Returns:
        The decisions; which parameters enter is never too few, and too many only where an array
        of parameters is rearranged in unusual ways.

    Example:
        >>> def edge(x, a, height):
        ...     return np.where(x < a, 0.0, height)
        >>> decisions(edge, np.linspace(0, 1, 5), 2).comparisons
        (ComparisonUse(kind='sign', parameters=(0,), depends_on_x=True),)
    """
    kinds: list[Any] = []
    compare = comparison_function(function)

    def margins(x, *values):
        found: list[Comparison] = compare(x, *values)
        kinds.extend(comparison.kind for comparison in found)
        return [comparison.margin for comparison in found]

    values = (np.ones(n_parameters),) if packed else tuple(np.ones(()) for _ in range(n_parameters))
    jaxpr = jax.make_jaxpr(margins)(np.asarray(x), *values).jaxpr
    every = np.arange(n_parameters)
    given = [every] if packed else [one.reshape(()) for one in np.split(every, n_parameters)]
    reader = _Reader()
    sources = reader.read(jaxpr, [_Source(frozenset({_X})), *(_Source.of(one) for one in given)])
    uses = [
        ComparisonUse(kind, tuple(sorted(source.all - {_X})), _X in source.all)
        for kind, source in zip(kinds, sources, strict=True)
    ]
    return Decisions(tuple(uses), frozenset(reader.bending - {_X}))


def known_decisions(
    function: Callable[..., Any], x: np.ndarray, n_parameters: int, packed: bool = False
) -> Decisions:
    """`decisions`, remembered for functions that compute the same on points of one shape."""
    return _known(Keyed(fingerprint(function), function), x.shape, n_parameters, packed)


@functools.lru_cache(maxsize=128)
def _known(keyed: Keyed, shape: tuple[int, ...], n_parameters: int, packed: bool) -> Decisions:
    return decisions(keyed.function, np.ones(shape), n_parameters, packed)


_X = -1  # stands for x among the indices of parameters


@dataclasses.dataclass(frozen=True, eq=False)
class _Source:
    """What a traced value depends on.

    Attributes:
        all: Indices of parameters, and −1 for x.
        entries: For an array that only rearranges parameters: the index of each entry.
    """

    all: frozenset[int]
    entries: np.ndarray | None = None

    @classmethod
    def of(cls, entries: np.ndarray) -> _Source:
        entries = np.asarray(entries)
        return cls(frozenset(entries.ravel().tolist()), entries)


class _Reader:
    """Follows dependences through a trace, noting what enters operations that bend."""

    def __init__(self) -> None:
        self.bending: set[int] = set()

    def read(self, jaxpr: Any, inputs: Sequence[_Source]) -> list[_Source]:
        """What the outputs of a trace depend on."""
        known: dict[Any, _Source] = dict(zip(jaxpr.invars, inputs, strict=True))

        def source(variable: Any) -> _Source:
            is_constant = isinstance(variable, trace_parts.Literal)
            return _NOTHING if is_constant else known.get(variable, _NOTHING)

        for equation in jaxpr.eqns:
            given = [source(variable) for variable in equation.invars]
            for variable, result in zip(
                equation.outvars, self._results(equation, given), strict=True
            ):
                known[variable] = result
        return [source(variable) for variable in jaxpr.outvars]

    def _results(self, equation: Any, given: list[_Source]) -> list[_Source]:
        name, n = equation.primitive.name, len(equation.outvars)
        together = frozenset[int]().union(*(one.all for one in given))
        if GUARD in str(equation.source_info.name_stack):
            return [_Source(together)] * n
        if name in _BENDS or name in _BENDS_TOO:
            self.bending |= together
        inner = list(_inner(equation.params))
        if len(inner) == 1 and len(inner[0].invars) == len(given) and n == len(inner[0].outvars):
            results = self.read(inner[0], given)
            return results if name in _CALLS else [_Source(together)] * n
        for jaxpr in inner:
            self.read(jaxpr, [_Source(together)] * len(jaxpr.invars))
        entries = given[0].entries if given else None
        if entries is None:
            return [_Source(together)] * n
        if name == "split":
            ends = np.cumsum(equation.params["sizes"])[:-1]
            parts = np.split(entries, ends, axis=equation.params["axis"])
            return [_Source.of(part) for part in parts]
        if name == "concatenate":
            parts = [one.entries for one in given if one.entries is not None]
            if len(parts) == len(given):
                return [_Source.of(np.concatenate(parts, equation.params["dimension"]))]
        if name in _REARRANGED:
            return [_Source.of(_REARRANGED[name](entries, equation.params))]
        return [_Source(together)] * n


_NOTHING = _Source(frozenset())
_CALLS = frozenset({"jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "remat"})


def _inner(parameters: dict[str, Any]) -> Iterator[Any]:
    """The traces inside an operation."""
    for value in parameters.values():
        for item in value if isinstance(value, tuple | list) else (value,):
            if isinstance(item, trace_parts.ClosedJaxpr):
                yield item.jaxpr
            elif isinstance(item, trace_parts.Jaxpr):
                yield item


def _sliced(entries: np.ndarray, parameters: dict[str, Any]) -> np.ndarray:
    strides = parameters["strides"] or (1,) * len(parameters["start_indices"])
    limits = zip(parameters["start_indices"], parameters["limit_indices"], strides, strict=True)
    return entries[tuple(slice(*limit) for limit in limits)]


def _broadcast(entries: np.ndarray, parameters: dict[str, Any]) -> np.ndarray:
    shape = parameters["shape"]
    own = [1] * len(shape)
    for axis, length in zip(parameters["broadcast_dimensions"], entries.shape, strict=True):
        own[axis] = length
    return np.broadcast_to(entries.reshape(own), shape)


_REARRANGED: dict[str, Callable[[np.ndarray, dict[str, Any]], np.ndarray]] = {
    "slice": _sliced,
    "broadcast_in_dim": _broadcast,
    "squeeze": lambda entries, parameters: np.squeeze(entries, parameters["dimensions"]),
    "reshape": lambda entries, parameters: np.reshape(entries, parameters["new_sizes"]),
    "rev": lambda entries, parameters: np.flip(entries, parameters["dimensions"]),
    "transpose": lambda entries, parameters: np.transpose(entries, parameters["permutation"]),
    "copy": lambda entries, _: entries,
    "convert_element_type": lambda entries, _: entries,
}
