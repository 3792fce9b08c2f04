"""Whether one model is contained in another, and whether the larger is regular there."""

import dataclasses

import numpy as np

from surefit.bases.sigmoids import Sigmoids
from surefit.exceptions import InvalidOption
from surefit.models.base import AbstractLinearModel
from surefit.networks.dense import Dense
from surefit.report.wording import brief
from surefit.result import Fit
from surefit.uncertainty.bands import prediction_jacobian

# Of a column of the smaller model, relative to its length, that the larger one may leave over.
SPANNED = 1e-8
# Singular values of the larger model's Jacobian at the smaller one, relative to the largest with
# columns of unit length, that count as zero.
SINGULAR = 1e-9


@dataclasses.dataclass(frozen=True)
class Nesting:
    """How one model lies within another.

    Attributes:
        reason: Why it does, in a sentence.
        irregular: Why the ratio is not distributed as χ², in a sentence; empty if it is.
    """

    reason: str
    irregular: str = ""


def nesting_of(small: Fit, large: Fit) -> Nesting:
    """Find out whether a model is contained in another.

    Linear models are compared by the functions that they can make at the points; functions and
    others by what is fixed; sums of sigmoids and hidden layers by their number of units.

    Args:
        small: The fit of the smaller model.
        large: That of the larger.

    Raises:
        InvalidOption: It is not, or that cannot be seen.
    """
    for found in (_of_held(small, large), _of_units(small, large), _of_linear(small, large)):
        if found is not None:
            return found
    raise InvalidOption(
        f"{small.model} is not seen to be contained in {large.model}. Fit the larger model a "
        "second time with fixed= or ties= so that it becomes the smaller one; order matters: the "
        "smaller one comes first."
    )


def _of_linear(small: Fit, large: Fit) -> Nesting | None:
    models = (small.model, large.model)
    if not all(isinstance(model, AbstractLinearModel) for model in models):
        return None
    if small.constraints.is_any or large.constraints.is_any:
        return None
    pair = [prediction_jacobian(one.model, one.working, one.data.x) for one in (small, large)]
    inner, outer = (columns.reshape(-1, columns.shape[2]) for columns in pair)
    inner = inner / np.linalg.norm(inner, axis=0)
    outer = outer / np.linalg.norm(outer, axis=0)
    left = inner - outer @ np.linalg.lstsq(outer, inner, rcond=None)[0]
    if inner.shape[1] >= outer.shape[1] or np.max(np.linalg.norm(left, axis=0)) > SPANNED:
        return None
    return Nesting(f"Every {brief(str(small.model))} is a {brief(str(large.model))}.")


def _of_held(small: Fit, large: Fit) -> Nesting | None:
    """The same model with more parameters held or tied."""
    inner, outer = small.constraints, large.constraints
    if inner.names != outer.names or str(small.model) != str(large.model):
        return None
    is_kept = np.isnan(outer.fixed) | (outer.fixed == inner.fixed)
    ties = {(tie.target, tie.text) for tie in inner.ties}
    kept_ties = all((tie.target, tie.text) in ties for tie in outer.ties)
    more = int(outer.free.sum()) - int(inner.free.sum())
    within = (small.working >= outer.lower).all() and (small.working <= outer.upper).all()
    if not (is_kept.all() and kept_ties and within and more > 0):
        return None
    held = np.flatnonzero(outer.free & ~inner.free)
    names = [inner.names[i] for i in held]
    reason = f"It is the same model with {', '.join(names[:8])} held."
    at_limit = [
        inner.names[i]
        for i in np.flatnonzero(outer.free)
        if small.working[i] in (outer.lower[i], outer.upper[i])
    ]
    if at_limit:
        return Nesting(reason, f"{', '.join(at_limit)} is at a limit of the larger model.")
    return Nesting(reason, _singularity(small, large))


def _singularity(small: Fit, large: Fit) -> str:
    """Why the larger model is not regular at the smaller fit, or nothing if it is."""
    free = np.flatnonzero(large.constraints.free)
    jacobian = np.asarray(prediction_jacobian(large.model, small.working, large.data.x))
    columns = jacobian.reshape(-1, jacobian.shape[2])[:, free]
    length = np.linalg.norm(columns, axis=0)
    largest = length.max(initial=0.0)
    idle = [large.constraints.names[free[i]] for i in np.flatnonzero(length <= 1e-12 * largest)]
    if idle:
        return f"{', '.join(idle)} mean(s) nothing where the two models are the same."
    values = np.linalg.svd(columns / length, compute_uv=False)
    if values[-1] <= SINGULAR * values[0]:
        return "a combination of parameters means nothing where the two models are the same."
    if any(remark.startswith("step") for remark in large.remarks.values()):
        return "the larger model has steps, on which the likelihood does not depend smoothly."
    return ""


def _of_units(small: Fit, large: Fit) -> Nesting | None:
    inner, outer = small.model, large.model
    if small.constraints.is_any or large.constraints.is_any:
        return None
    if isinstance(inner, Sigmoids) and isinstance(outer, Sigmoids):
        is_within = inner.n < outer.n and _same_but(inner, outer, {"n"})
    elif isinstance(inner, Dense) and isinstance(outer, Dense):
        pair = (inner.hidden, outer.hidden)
        is_within = (
            len(pair[0]) == len(pair[1])
            and pair[0] != pair[1]
            and all(a <= b for a, b in zip(*pair, strict=True))
            and _same_but(inner, outer, {"hidden", "scaling"})
        )
    else:
        return None
    if not is_within:
        return None
    return Nesting(
        f"{outer} is {inner} where the further units have no weight.",
        "where a unit has no weight, its place and width mean nothing.",
    )


def _same_but(inner: object, outer: object, apart: set[str]) -> bool:
    names = {field.name for field in dataclasses.fields(inner)} - apart  # pyright: ignore[reportArgumentType]
    return all(getattr(inner, name) == getattr(outer, name) for name in names)
