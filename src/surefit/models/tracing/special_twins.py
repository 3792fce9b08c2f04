"""Twins of `scipy.special` functions for traced values.

Most exist in `jax.scipy.special` under the same name. Those that don't are built from ones that do,
or call SciPy itself from inside the compiled function, with their derivative in closed form.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special
import numpy as np

from surefit.models.tracing.not_traceable import NotTraceable


def special_twin(function: Any) -> Callable[..., Any] | None:
    """The JAX twin of a function or ufunc of `scipy.special`, or None if there is none."""
    special = sys.modules.get("scipy.special")
    name = getattr(function, "__name__", "")
    if special is None or getattr(special, name, None) is not function:
        return None
    if name == "voigt_profile" and "wofz" not in dir(jax.scipy.special):
        return None  # older JAX
    if name in _BUILT:
        return _BUILT[name]
    if name in _CALLED:
        return functools.partial(_called_function, name)
    return getattr(jax.scipy.special, name, None)


def _voigt_profile(x: Any, sigma: Any, gamma: Any) -> Any:
    # A negative σ or γ is where SciPy has it: the analytic continuation, no mirror image.
    safe = jnp.where(sigma == 0, 1.0, sigma)
    z = (x + 1j * gamma) / (safe * np.sqrt(2.0))
    is_below = jnp.imag(z) < 0
    upper = jax.scipy.special.wofz(jnp.where(is_below, jnp.conj(z), z))
    mirrored = 2 * jnp.exp(-(jnp.where(is_below, z, 0.0) ** 2)) - jnp.conj(upper)
    profile = jnp.real(jnp.where(is_below, mirrored, upper)) / (safe * np.sqrt(2 * np.pi))
    return jnp.where(sigma == 0, gamma / np.pi / (x**2 + gamma**2), profile)


def _log_expit(x: Any) -> Any:
    return -jax.nn.softplus(-x)


def _binomial(n: Any, k: Any) -> Any:
    log, sign = jax.scipy.special.gammaln, jax.scipy.special.gammasgn
    size = jnp.exp(log(n + 1) - log(k + 1) - log(n - k + 1))
    return size * sign(n + 1) * sign(k + 1) * sign(n - k + 1)


_BUILT: dict[str, Callable[..., Any]] = {
    "voigt_profile": _voigt_profile,
    "log_expit": _log_expit,
    "softplus": jax.nn.softplus,
    "binom": _binomial,
    "psi": jax.scipy.special.digamma,
    "cbrt": jnp.cbrt,
    "exp2": jnp.exp2,
    "expm1": jnp.expm1,
    "log1p": jnp.log1p,
    "exp10": lambda x: jnp.power(10.0, x),
    "radian": lambda d, m, s: jnp.deg2rad(d + m / 60.0 + s / 3600.0),
    "sindg": lambda x: jnp.sin(jnp.deg2rad(x)),
    "cosdg": lambda x: jnp.cos(jnp.deg2rad(x)),
    "tandg": lambda x: jnp.tan(jnp.deg2rad(x)),
    "erfcinv": lambda x: jax.scipy.special.erfinv(1.0 - x),
    "exprel": lambda x: jnp.where(x == 0, 1.0, jnp.expm1(x) / jnp.where(x == 0, 1.0, x)),
    "round": jnp.rint,
}

# Functions SciPy computes, with d/dz in terms of others of the family (Abramowitz & Stegun
# 9.1.27-28, 9.6.26-28, 13.4.8, 15.2.1, 17.3): order first, where there is one. None in the order.
_CALLED: dict[str, Callable[..., Any]] = {
    "j0": lambda z: -_called_function("j1", z),
    "j1": lambda z: 0.5 * (_called_function("j0", z) - _called_function("jv", 2, z)),
    "y0": lambda z: -_called_function("y1", z),
    "y1": lambda z: 0.5 * (_called_function("y0", z) - _called_function("yv", 2, z)),
    "k0": lambda z: -_called_function("k1", z),
    "k1": lambda z: -0.5 * (_called_function("k0", z) + _called_function("kv", 2, z)),
    "jv": lambda v, z: 0.5 * (_called_function("jv", v - 1, z) - _called_function("jv", v + 1, z)),
    "jn": lambda v, z: 0.5 * (_called_function("jv", v - 1, z) - _called_function("jv", v + 1, z)),
    "yv": lambda v, z: 0.5 * (_called_function("yv", v - 1, z) - _called_function("yv", v + 1, z)),
    "yn": lambda v, z: 0.5 * (_called_function("yv", v - 1, z) - _called_function("yv", v + 1, z)),
    "iv": lambda v, z: 0.5 * (_called_function("iv", v - 1, z) + _called_function("iv", v + 1, z)),
    "kv": lambda v, z: -0.5 * (_called_function("kv", v - 1, z) + _called_function("kv", v + 1, z)),
    "hyp1f1": lambda a, b, z: a / b * _called_function("hyp1f1", a + 1, b + 1, z),
    "hyp2f1": lambda a, b, c, z: a * b / c * _called_function("hyp2f1", a + 1, b + 1, c + 1, z),
    "ellipk": lambda m: (
        (_called_function("ellipe", m) - (1 - m) * _called_function("ellipk", m))
        / (2 * m * (1 - m))
    ),
    "ellipe": lambda m: (_called_function("ellipe", m) - _called_function("ellipk", m)) / (2 * m),
}


def _called_function(name: str, *args: Any) -> Any:
    """Call `scipy.special.<name>(*orders, z)` from JAX, differentiable in z."""
    *orders, z = args
    if any(isinstance(order, jax.Array) or np.ndim(order) > 0 for order in orders):
        # Tested here rather than left to fail in a derivative deep inside a compiled kernel.
        raise NotTraceable(f"uses scipy.special.{name} with an order that is not a plain number")

    function = functools.partial(getattr(sys.modules["scipy.special"], name), *orders)
    return host_function(function, functools.partial(_CALLED[name], *orders))(z)


def host_function(
    function: Callable[[np.ndarray], Any], slope: Callable[[Any], Any]
) -> Callable[[Any], Any]:
    """An elementwise NumPy function of one argument, called from compiled code.

    Args:
        function: Takes and gives NumPy arrays of one shape.
        slope: Its derivative, a JAX function.
    """

    def on_host(values: np.ndarray) -> np.ndarray:
        return np.asarray(function(np.asarray(values)), dtype=values.dtype)

    @jax.custom_jvp
    def call(values: Any) -> Any:
        shape = jax.ShapeDtypeStruct(values.shape, values.dtype)
        return jax.pure_callback(on_host, shape, values, vmap_method="broadcast_all")

    @call.defjvp
    def derivative(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
        return call(*primals), slope(*primals) * tangents[0]

    return lambda argument: call(jnp.asarray(argument, float))
