"""What a trace by JAX is made of."""

import jax

# Taken from a trace: the import of `jax.extend`, which names them, takes longer than a small fit.
_TRACE = jax.make_jaxpr(lambda: 1.0)()

ClosedJaxpr = type(_TRACE)
Jaxpr = type(_TRACE.jaxpr)
Literal = type(_TRACE.jaxpr.outvars[0])
