"""What the user knows of the parameters: starts, limits, values, ties, order, measurements."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from surefit.exceptions import InvalidBounds, InvalidOption
from surefit.models.parameters import Parameters
from surefit.problem.coordinates import Coordinates
from surefit.problem.gaussian import Gaussian, check_gaussian
from surefit.problem.naming import items_of, places
from surefit.problem.order import chains_of, check_order
from surefit.problem.ties import Tie, check_ties


@dataclasses.dataclass(frozen=True, eq=False)
class Constraints:
    """Checked knowledge of the parameters, arrays over the flat parameter vector.

    Attributes:
        names: Names of all parameters.
        start: Values to try first, shape (p,); NaN where none was given.
        lower: Lower limits, −inf where there is none.
        upper: Upper limits, inf where there is none.
        fixed: Values of fixed parameters; NaN where the parameter is free or tied.
        ties: Parameters that are functions of others.
        order: Positions of parameters that do not decrease, for each order.
        gaussian: Parameters measured elsewhere.
        penalty: What is added to −2 ln L to keep the curve tame: rows that are no measurements.
    """

    names: tuple[str, ...]
    start: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    fixed: np.ndarray
    ties: tuple[Tie, ...]
    order: tuple[tuple[int, ...], ...]
    gaussian: Gaussian
    penalty: Gaussian | None = None

    @functools.cached_property
    def coordinates(self) -> Coordinates:
        """The free coordinates of a fit under these constraints."""
        chains = chains_of(self.order, self.names, self.lower, self.upper, self.fixed)
        return Coordinates(self.names, self.fixed, self.lower, self.upper, chains, self.ties)

    @property
    def free(self) -> np.ndarray:
        """Mask of the parameters that are neither fixed nor tied."""
        return self.coordinates.free

    @property
    def has_limits(self) -> bool:
        """Whether any free parameter has a limit."""
        limited = np.isfinite(self.lower) | np.isfinite(self.upper)
        return bool((limited & self.free).any())

    @property
    def is_any(self) -> bool:
        """Whether anything but a start is known."""
        is_mapped = not self.coordinates.is_selection
        is_more = len(self.gaussian) > 0 or self.penalty is not None
        return self.has_limits or is_mapped or not self.free.all() or is_more

    def spent(self, rank: int, covariance: np.ndarray) -> float:
        """Parameters that a fit spends: those determined, or with a penalty a smaller number.

        Args:
            rank: Combinations of parameters that data and penalty determine.
            covariance: Of all parameters, (half the Hessian)⁻¹ of −2 ln L, shape (p, p).
        """
        return rank if self.penalty is None else rank - self.penalty.information(covariance)

    def penalty_at(self, full: np.ndarray) -> float:
        """The part of −2 ln L that a penalty makes up, for a full parameter vector, shape (p,)."""
        return 0.0 if self.penalty is None else self.penalty.chi2(full)

    def remarks(self) -> dict[str, str]:
        """What to say of the parameters that are not free."""
        held = np.flatnonzero(~np.isnan(self.fixed))
        remarks = {self.names[i]: "fixed" for i in held}
        return remarks | {self.names[tie.target]: f"tied: {tie.text}" for tie in self.ties}


def check_constraints(
    parameters: Parameters,
    start: Any = None,
    bounds: Any = None,
    fixed: Any = None,
    ties: Any = None,
    order: Any = None,
    constraints: Any = None,
) -> Constraints:
    """Check what the user knows against the names of a model's parameters, and for contradictions.

    Names are flat (`"center[2]"`) or paths (`"center"`), which stand for all their entries.

    Args:
        parameters: The model's parameters.
        start: Values to try first, a dict by name.
        bounds: Pairs (lower, upper) by name, None or infinite for no limit on that side.
        fixed: Values at which parameters are held, by name.
        ties: Formulas or functions of other parameters, by name; see `check_ties`.
        order: Names of parameters that do not decrease; see `check_order`.
        constraints: Gaussian knowledge, see `check_gaussian`; or all that is known of another fit
            of the same model, `fit.constraints`.

    Returns:
        The knowledge as arrays.

    Raises:
        UnknownParameter: A name is not one of the model's; suggests the nearest.
        InvalidBounds: Limits are inverted or equal, or a start, a fixed value or an order
            contradicts them.
        InvalidOption: A value is not a finite number, or its shape does not fit, or what is said
            of a parameter in one place contradicts another, or no parameter is left free.
        InvalidType: An argument is not of the kind that it has to be.
    """
    if isinstance(constraints, Constraints):
        return _of_another(parameters, constraints, (start, bounds, fixed, ties, order))
    p = parameters.size
    lower, upper = _limits(parameters, bounds)
    known = Constraints(
        parameters.names,
        _spread(parameters, start, "start"),
        lower,
        upper,
        _spread(parameters, fixed, "fixed"),
        check_ties(parameters, ties),
        check_order(parameters, order),
        check_gaussian(parameters, constraints),
    )
    _check_values(known)
    _check_ties(known)
    if p and not known.free.any():
        raise InvalidOption(
            "fixed and ties leave no parameter of the model free; leave one free to fit."
        )
    measured = np.any(known.gaussian.rows != 0, axis=0) & ~np.isnan(known.fixed)
    if measured.any():
        name = parameters.names[int(np.flatnonzero(measured)[0])]
        raise InvalidOption(
            f"constraints has {name}, which is fixed, so that nothing can follow from it; leave "
            "one of the two away."
        )
    _check_start_order(known)
    return known


def _of_another(parameters: Parameters, known: Constraints, others: tuple[Any, ...]) -> Constraints:
    """What is known of another fit, for a model of the same parameters."""
    if known.names != parameters.names:
        raise InvalidOption(
            f"constraints are of a fit with the parameters {', '.join(known.names[:8])}, but the "
            f"model has {', '.join(parameters.names[:8])}; take those of a fit of the same model."
        )
    if any(argument is not None for argument in others):
        raise InvalidOption(
            "constraints are those of another fit, which hold all that is known of the parameters; "
            "leave start, bounds, fixed, ties and order out."
        )
    return known


def _limits(parameters: Parameters, bounds: Any) -> tuple[np.ndarray, np.ndarray]:
    lower, upper = np.full(parameters.size, -np.inf), np.full(parameters.size, np.inf)
    for name, pair in items_of(bounds, "bounds"):
        low, high = _pair(name, pair)
        where = places(parameters, name, "bounds")
        sizes = {np.size(low), np.size(high)}
        if not sizes <= {1, len(where)}:
            raise InvalidBounds(
                f"bounds of {name} have {max(sizes)} entries but the parameter has {len(where)}."
            )
        lower[where], upper[where] = low, high
    inverted = np.flatnonzero(~(lower < upper))
    if len(inverted):
        i = inverted[0]
        raise InvalidBounds(
            f"bounds of {parameters.names[i]} are ({lower[i]:g}, {upper[i]:g}); the lower must be "
            "below the upper. To hold a parameter use fixed=."
        )
    return lower, upper


def _check_values(known: Constraints) -> None:
    for values, argument in ((known.start, "start"), (known.fixed, "fixed")):
        outside = np.flatnonzero((values < known.lower) | (values > known.upper))
        if len(outside):
            i = outside[0]
            raise InvalidBounds(
                f"{argument} of {known.names[i]} is {values[i]:g}, outside its bounds "
                f"({known.lower[i]:g}, {known.upper[i]:g})."
            )


def _check_ties(known: Constraints) -> None:
    """Nothing else may be said of a tied parameter; a start, which may be an array's, is unused."""
    limited = np.isfinite(known.lower) | np.isfinite(known.upper)
    ordered = {i for chain in known.order for i in chain}
    for tie in known.ties:
        i, name = tie.target, known.names[tie.target]
        others = (
            (not np.isnan(known.fixed[i]), "fixed", "leave one of the two away"),
            (limited[i], "bounds", "give limits to the parameters that it is made of"),
            (i in ordered, "order", "put the parameters that it is made of in order"),
        )
        for is_contradicted, argument, cure in others:
            if is_contradicted:
                raise InvalidOption(
                    f"{name} is tied ({tie.text}) and named in {argument}= as well; {cure}."
                )


def _check_start_order(known: Constraints) -> None:
    for members in known.order:
        index = np.array(members)
        given = index[~np.isnan(known.start[index])]
        falls = np.flatnonzero(np.diff(known.start[given]) < 0)
        if len(falls):
            first, second = given[falls[0]], given[falls[0] + 1]
            raise InvalidBounds(
                f"start has {known.names[first]} = {known.start[first]:g} above "
                f"{known.names[second]} = {known.start[second]:g}, against order; exchange them."
            )


def array_length(name: str, *arguments: Any) -> int | None:
    """Length of an array parameter, if a start, bounds or fixed value gives it.

    Args:
        name: The parameter's path.
        *arguments: The user's start, bounds and fixed, in this order.
    """
    start, bounds, fixed = arguments
    for argument in (start, fixed):
        if isinstance(argument, Mapping) and name in argument and np.ndim(argument[name]) == 1:
            return len(argument[name])
    if isinstance(bounds, Mapping) and name in bounds and _is_pair(bounds[name]):
        sizes = {len(side) for side in bounds[name] if np.ndim(side) == 1}
        return sizes.pop() if len(sizes) == 1 else None
    return None


def _is_pair(bounds: Any) -> bool:
    return isinstance(bounds, Sequence | np.ndarray) and len(bounds) == 2


def _spread(parameters: Parameters, argument: Any, called: str) -> np.ndarray:
    values = np.full(parameters.size, np.nan)
    for name, value in items_of(argument, called):
        where = places(parameters, name, called)
        try:
            given = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            raise InvalidOption(f"{called} of {name} is {value!r}; give a number.") from None
        if not np.isfinite(given).all():
            raise InvalidOption(f"{called} of {name} is {value!r}; give a finite number.")
        if given.size not in (1, len(where)):
            raise InvalidOption(
                f"{called} of {name} has {given.size} values but the parameter has {len(where)}."
            )
        values[where] = given.ravel()
    return values


def _pair(name: str, pair: Any) -> tuple[Any, Any]:
    try:
        low, high = pair  # numbers, or for an array parameter one array of each
        low = -np.inf if low is None else np.asarray(low, dtype=np.float64)
        high = np.inf if high is None else np.asarray(high, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidBounds(
            f"bounds of {name} is {pair!r}; give a pair (lower, upper), with None for no limit; "
            "for an array, a pair of arrays (all lower, all upper)."
        ) from None
    if np.isnan(low).any() or np.isnan(high).any():
        raise InvalidBounds(f"bounds of {name} contain NaN; use None for no limit.")
    return low, high
