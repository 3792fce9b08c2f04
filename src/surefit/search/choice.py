"""Choose how to search from the structure of the problem; the user's choice comes first."""

import dataclasses

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import UnsuitableMinimizer
from surefit.minimizers.base import AbstractMinimizer
from surefit.minimizers.closed_form import ClosedForm
from surefit.minimizers.levenberg_marquardt import LevenbergMarquardt
from surefit.minimizers.quasi_newton import LBFGS
from surefit.models.units import AbstractAdaptiveModel
from surefit.problem.base import AbstractProblem
from surefit.search.base import AbstractSearch
from surefit.search.cells import Edges
from surefit.search.growth.search import Growth, growth_refusal
from surefit.search.multi_start import MultiStart
from surefit.search.regrafting import Regrafting, Vary
from surefit.search.starts import AbstractStarts

# Parameters, and multiplications in a step, beyond which one Gauss-Newton matrix costs more than
# many gradients.
MOST_FOR_GAUSS_NEWTON = 1000
MOST_WORK = 2e10


@dataclasses.dataclass(frozen=True, eq=False)
class Hints:
    """What a search may know of the model beyond the problem.

    Attributes:
        starts: Where candidates come from.
        known: Starts the user gave, shape (k, q).
        steps: Mask of step parameters, shape (q,).
        jumping: Mask of all parameters that move a jump, shape (q,).
        edges: Where points change side along a line, if known.
        adaptive: The model as a sum of units that can be grown, or None.
        data: The checked data.
        vary: How a search may change points a little, for a network of several layers; or None.
        exact: A search of the least squares that compares all there is, or None.
        is_convex: Whether a sum of squares has one minimum, be there limits or not.
        n_given: How many of the first `known` are the user's own.
        has_kinks: Whether the model bends where its parameters say.
    """

    starts: AbstractStarts
    known: np.ndarray
    steps: np.ndarray
    jumping: np.ndarray
    edges: Edges | None
    adaptive: AbstractAdaptiveModel | None
    data: Data
    vary: Vary | None = None
    is_convex: bool = False
    exact: AbstractSearch | None = None
    n_given: int = 0
    has_kinks: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Choice:
    """How a fit will be done.

    Attributes:
        search: The search, or None where there is nothing to search.
        minimizer: The minimizer.
        reason: What was chosen and why, in a sentence.
        hints: What was known of the model.
    """

    search: AbstractSearch | None
    minimizer: AbstractMinimizer
    reason: str
    hints: Hints


def choose(problem: AbstractProblem, minimizer: AbstractMinimizer | None, hints: Hints) -> Choice:
    """Choose search and minimizer.

    Args:
        problem: What to minimize.
        minimizer: The user's choice, or None.
        hints: What is known of the model.

    Returns:
        The choice, with its reason.

    Raises:
        UnsuitableMinimizer: The user's minimizer cannot do this problem; says why and which can.
    """
    if minimizer is not None:
        return _as_asked(problem, minimizer, hints)
    if ClosedForm().refusal(problem) is None:
        reason = "ClosedForm(): the model is linear in its parameters, so it is solved by QR."
        return Choice(None, ClosedForm(), reason, hints)
    if hints.is_convex and problem.is_least_squares:
        reason = "LevenbergMarquardt(): the model is linear, so that limits leave one minimum."
        return Choice(None, LevenbergMarquardt(), reason, hints)
    if hints.exact is not None and problem.is_least_squares:
        reason = f"Exact {hints.exact}: all places of the breaks are compared, the pieces solved."
        return Choice(hints.exact, LevenbergMarquardt(), reason, hints)
    growth = _growth(problem, hints)
    if growth is not None:
        reason = "Growth search: units are grown and exchanged, their coefficients solved."
        return Choice(growth, LevenbergMarquardt(), reason, hints)
    multi_start, q = _multi_start(hints, is_asked=False), len(problem.names)
    if q > MOST_FOR_GAUSS_NEWTON or 2.0 * problem.n_terms * q**2 > MOST_WORK:
        reason = f"LBFGS() in a {multi_start}: too many parameters for a Gauss-Newton matrix."
        return Choice(multi_start, LBFGS(), reason, hints)
    solved = int(problem.linear.sum()) if problem.is_least_squares else 0
    detail = f", {solved} of {len(problem.names)} parameters solved, not searched" if solved else ""
    reason = f"LevenbergMarquardt() in a {multi_start}{detail}."
    return Choice(multi_start, LevenbergMarquardt(), reason, hints)


def _as_asked(problem: AbstractProblem, minimizer: AbstractMinimizer, hints: Hints) -> Choice:
    refusal = minimizer.refusal(problem)
    if refusal is not None:
        raise UnsuitableMinimizer(f"{minimizer} cannot be used here: {refusal}")
    if not minimizer.needs_start:
        return Choice(None, minimizer, f"{minimizer}, as asked: solved exactly.", hints)
    search = _multi_start(hints, is_asked=True)
    return Choice(search, minimizer, f"{minimizer}, as asked, in a {search}.", hints)


def _multi_start(hints: Hints, *, is_asked: bool) -> AbstractSearch:
    """The search from many starts, with a minimizer of the user's choice or not."""
    if hints.vary is not None:
        return Regrafting(
            hints.starts,
            hints.vary,
            hints.known,
            is_trained=not is_asked,
            is_absolute=hints.data.noise.is_given,
        )
    return MultiStart(
        hints.starts,
        hints.known,
        hints.steps,
        hints.jumping,
        hints.edges,
        np.argsort(hints.data.inputs, axis=0, kind="stable").T,
        # A minimizer that compiles its whole loop would compile it again for a sample.
        is_sampling=not is_asked,
        n_given=hints.n_given,
        has_kinks=hints.has_kinks,
    )


def _growth(problem: AbstractProblem, hints: Hints) -> Growth | None:
    """The search for sums of units, where it applies."""
    if hints.adaptive is None or not problem.is_least_squares:
        return None
    refused = growth_refusal(hints.adaptive, hints.data) is not None
    return None if refused else Growth(hints.adaptive, hints.data, hints.known)
