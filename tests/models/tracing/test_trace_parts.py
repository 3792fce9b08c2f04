"""The parts of a trace, taken from one, are those that JAX names."""

import jax.extend

from surefit.models.tracing import trace_parts


def test_the_parts_of_a_trace_are_those_that_jax_names():
    core = jax.extend.core
    assert trace_parts.Literal is core.Literal
    assert trace_parts.Jaxpr is core.Jaxpr
    assert trace_parts.ClosedJaxpr is core.ClosedJaxpr
