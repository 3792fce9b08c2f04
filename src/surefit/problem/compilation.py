"""How kernels are compiled: quickly, as many a model is fitted only once."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

# XLA's plainer code generator compiles sums over points two to ten times as fast as its default
# one, and what it makes of them runs no slower.
PLAIN = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 1}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function compiled on its first call, with options that suit many small kernels.

    Args:
        function: A pure function of arrays.
    """
    return jax.jit(function, compiler_options=dict(_options()) or None)


@functools.cache
def _options() -> tuple[tuple[str, Any], ...]:
    """The options, if this version of XLA has them: they come and go."""
    if jax.default_backend() != "cpu":
        return ()
    try:
        jax.jit(jnp.negative, compiler_options=PLAIN)(1.0)
    except Exception:  # what XLA raises for an option that it does not know has no class of its own
        return ()
    return tuple(PLAIN.items())
