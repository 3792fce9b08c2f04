"""The compiled inner loops: sums over one block of points for one block of parameter vectors.

Model and loss are static arguments, data are traced ones: a second fit of the same model on
other data of the same padded length compiles nothing.
"""

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Block(NamedTuple):
    """One block of data on the device.

    Attributes:
        x: Inputs, (b,) or (b, d); padding repeats a real point.
        y: Outputs, (b, m), whitened if there is a whitening matrix.
        weight: 1/σ of each output, (b, m); 0 for padding.
        whitening: (b, b) matrix that makes the residuals independent, or None.
    """

    x: Any
    y: Any
    weight: Any
    whitening: Any = None


def predict(model, values, block: Block):
    """Predictions for a block, whitened where the data are."""
    prediction = model.evaluate(values, block.x)
    return prediction if block.whitening is None else block.whitening @ prediction


@dataclasses.dataclass(frozen=True)
class Total:
    """−2 ln L of a block as a function that hashes by value, to be a key of compiled loops.

    Attributes:
        model: The resolved model.
        loss: The loss.
    """

    model: Any
    loss: Any

    def __call__(self, point, rows: Block, whitening):
        """−2 ln L of these rows at one point, whitened by a matrix unless that is None."""
        prediction = predict(self.model, point, rows._replace(whitening=whitening))
        return jnp.sum(self.loss.pointwise(prediction, rows.y, rows.weight))


def predict_with_jacobian(model, values, block: Block):
    """Predictions (b, m) and their derivatives (b, m, p), exact."""
    if not model.is_pointwise:
        prediction = model.evaluate(values, block.x)
        jacobian = jax.jacfwd(model.evaluate)(values, block.x)
    else:

        def at_point(values, x):
            return model.evaluate(values, x[None])[0]

        if block.y.shape[1] == 1:  # reverse mode point by point costs a few evaluations, not p
            gradient = jax.value_and_grad(lambda values, x: at_point(values, x)[0])
            prediction, jacobian = jax.vmap(gradient, (None, 0))(values, block.x)
            prediction, jacobian = prediction[:, None], jacobian[:, None, :]
        else:
            prediction = model.evaluate(values, block.x)
            jacobian = jax.vmap(jax.jacrev(at_point), (None, 0))(values, block.x)
    if block.whitening is not None:
        prediction = block.whitening @ prediction
        jacobian = jnp.einsum("ab,bmp->amp", block.whitening, jacobian)
    return prediction, jacobian


@functools.partial(jax.jit, static_argnames=("model", "loss"))
def value_of_block(model, loss, points, block: Block):
    """−2 ln L of one block of data at each point, shape (s,)."""

    def at(values):
        return jnp.sum(loss.pointwise(predict(model, values, block), block.y, block.weight))

    return jax.vmap(at)(points)


@functools.partial(jax.jit, static_argnames=("model", "loss"))
def reduce_block(model, loss, points, block: Block):
    """Value (s,), gradient (s, p) and Gauss–Newton curvature (s, p, p) of one block of data."""

    def at(values):
        prediction, jacobian = predict_with_jacobian(model, values, block)
        n_terms = prediction.size
        columns = jacobian.reshape(n_terms, -1)
        slope = loss.slope(prediction, block.y, block.weight).reshape(n_terms)
        root = jnp.sqrt(loss.curvature(prediction, block.y, block.weight)).reshape(n_terms)
        scaled = root[:, None] * columns
        value = jnp.sum(loss.pointwise(prediction, block.y, block.weight))
        return value, slope @ columns, scaled.T @ scaled

    return jax.vmap(at)(points)


@functools.partial(jax.jit, static_argnames=("model", "loss"))
def linearize_block(model, loss, values, block: Block):
    """Residuals (k,) and Jacobian (k, p) of one block such that r² is −2 ln L for least squares.

    For another loss they are the working residuals of iteratively reweighted least squares.
    """
    prediction, jacobian = predict_with_jacobian(model, values, block)
    n_terms = prediction.size
    slope = loss.slope(prediction, block.y, block.weight).reshape(n_terms)
    root = jnp.sqrt(loss.curvature(prediction, block.y, block.weight) / 2).reshape(n_terms)
    residuals = jnp.where(root > 0, slope / jnp.where(root > 0, 2 * root, 1.0), 0.0)
    return residuals, root[:, None] * jacobian.reshape(n_terms, -1)


@functools.partial(jax.jit, static_argnames=("model", "loss"))
def hessian_of_block(model, loss, values, block: Block):
    """The exact Hessian of −2 ln L of one block of data, shape (p, p)."""

    def total(values):
        return jnp.sum(loss.pointwise(predict(model, values, block), block.y, block.weight))

    return jax.hessian(total)(values)
