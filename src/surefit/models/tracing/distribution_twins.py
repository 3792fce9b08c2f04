"""Distributions of `scipy.stats` that take traced values, where JAX has them."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp

from surefit.models.tracing.not_traceable import NotTraceable
from surefit.models.tracing.traced_array import TracedArray, is_traced, wrap

# What a discrete distribution has between whole numbers.
_BETWEEN = {"pmf": 0.0, "logpmf": -jnp.inf}


class DistributionTwin:
    """A distribution of `scipy.stats` whose methods take traced values where JAX has it."""

    def __init__(self, distribution: Any) -> None:
        """Stand in for `distribution`."""
        self._distribution = distribution

    def __getattr__(self, name: str) -> Any:
        """A method, such as `pdf`."""
        method = getattr(self._distribution, name)
        return _method(self._distribution, name, method) if callable(method) else method

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """A frozen distribution, `norm(mean, width)`, whose methods take x alone."""
        return FrozenTwin(self, args, keywords)


class FrozenTwin:
    """A distribution of `scipy.stats` with its parameters."""

    def __init__(self, distribution: DistributionTwin, args: Any, keywords: Any) -> None:
        """Stand in for `distribution(*args, **keywords)`."""
        self._distribution = distribution
        self._args = args
        self._keywords = keywords

    def __getattr__(self, name: str) -> Any:
        """A method of x, such as `pdf`."""
        method = getattr(self._distribution, name)
        return lambda *x: method(*x, *self._args, **self._keywords)


def _method(distribution: Any, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **keywords: Any) -> Any:
        if not (is_traced(args) or is_traced(keywords)):
            return method(*args, **keywords)
        known = getattr(importlib.import_module("jax.scipy.stats"), distribution.name, None)
        twin = getattr(known, name, None)
        if twin is None:
            raise NotTraceable(f"uses {name}, which has no exact derivative here")
        raw = [value._unmasked() if isinstance(value, TracedArray) else value for value in args]
        named = {k: v._unmasked() if is_traced(v) else v for k, v in keywords.items()}
        return wrap(_where_defined(distribution, name, twin(*raw, **named), raw, named))

    return call


def _where_defined(
    distribution: Any, name: str, value: Any, args: Sequence[Any], named: dict[str, Any]
) -> Any:
    """As SciPy has it: NaN where the parameters are none of the distribution's."""
    shapes = [shape.strip() for shape in (distribution.shapes or "").split(",") if shape]
    given = dict(zip([*shapes, "loc", "scale"], args[1:], strict=False)) | named
    is_allowed = _is_allowed(distribution, [given[shape] for shape in shapes])
    is_allowed &= given.get("scale", 1.0) > 0
    if name in ("ppf", "isf"):
        is_allowed &= (args[0] >= 0) & (args[0] <= 1)
    if name in _BETWEEN:
        place = args[0] - given.get("loc", 0)
        value = jnp.where(place == jnp.round(place), value, _BETWEEN[name])
    return jnp.where(is_allowed, value, jnp.nan)


def _is_allowed(distribution: Any, shapes: Sequence[Any]) -> Any:
    """Whether the shape parameters are in the distribution's range: by default, positive."""
    check = type(distribution)._argcheck
    if check is _default_check():
        return functools.reduce(jnp.logical_and, [shape > 0 for shape in shapes], jnp.asarray(True))
    return jnp.asarray(check(distribution, *shapes))


@functools.cache
def _default_check() -> Callable[..., Any]:
    return importlib.import_module("scipy.stats").rv_continuous._argcheck
