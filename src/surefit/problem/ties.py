"""Parameters that are a formula of others, and therefore not free."""

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from surefit.exceptions import InvalidModel, InvalidOption, ModelFailed
from surefit.models.formulas.formula import Formula, formula_function
from surefit.models.formulas.functions import CONSTANTS
from surefit.models.parameters import Parameters
from surefit.models.tracing.trace import jax_function
from surefit.problem.linearity import NONLINEAR, degree
from surefit.problem.naming import items_of, place

# Rows for which slopes are compiled: one, a batch of a descent, a batch of candidates.
SIZES = (1, 32, 1024)
# Relative step of central differences, for a function that cannot be traced.
STEP = 6e-6
_INPUT = "input_of_the_model"  # a formula must have an input; no tie can use this one


@dataclasses.dataclass(frozen=True)
class OfParameters:
    """A user's function of parameters, called as a model function is: with an x, which it ignores.

    Attributes:
        function: The user's function.
    """

    function: Callable[..., Any]

    def __call__(self, x: Any, *values: Any) -> Any:
        """The function's value."""
        return self.function(*values)


@dataclasses.dataclass(frozen=True)
class Tie:
    """One parameter as a function of others.

    Attributes:
        target: Position of the tied parameter in the flat vector.
        sources: Positions of the parameters of which it is a function.
        text: The formula, or the name of the function.
        function: (x, values of the sources) → value; x is ignored.
    """

    target: int
    sources: tuple[int, ...]
    text: str
    function: Callable[..., Any]

    @property
    def is_formula(self) -> bool:
        """Whether it can be written to a file and read back."""
        return isinstance(self.function, Formula)

    def values(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        """The tied parameter, shape (s,), from the sources, each of shape (s,)."""
        try:
            with np.errstate(all="ignore"):
                if self.is_formula:
                    found = np.asarray(self.function(None, *columns), dtype=np.float64)
                    return np.broadcast_to(found, columns[0].shape)
                # A function written for numbers may branch, so that it gets no arrays.
                rows = zip(*(column.tolist() for column in columns), strict=True)
                return np.array([float(self.function(None, *row)) for row in rows])
        except (ArithmeticError, ValueError):
            return np.full(columns[0].shape, np.nan)  # a bad point, not a bad fit
        except Exception as error:
            raise ModelFailed(
                f"The tie {self.text!r} raised {type(error).__name__}: {error}"
            ) from (error)

    def on_device(self, values: Sequence[Any]) -> Any:
        """The tied parameter from the sources, in JAX."""
        return jax_function(self.function)(jnp.zeros(1), *values)[0]

    def degree(self, is_linear: Sequence[bool]) -> int:
        """Its degree in some of its sources; see `linearity.degree`."""
        try:
            return degree(lambda *values: self.on_device(values), is_linear)
        except Exception:  # it cannot be traced: nothing is known
            return NONLINEAR

    @functools.cached_property
    def coefficients(self) -> np.ndarray | None:
        """Its derivatives, where they are the same everywhere: shape (k,)."""
        k = len(self.sources)
        if self.degree((True,) * k) == NONLINEAR:
            return None
        at = self.values(list(np.vstack([np.zeros(k), np.eye(k)]).T))
        return at[1:] - at[0]

    @functools.cached_property
    def _compiled(self) -> Callable[..., Any] | None:
        """Derivatives in JAX, for a batch; None where the function cannot be traced."""
        gradient = jax.grad(lambda values: self.on_device(list(values)))
        try:
            jax.eval_shape(gradient, jnp.ones(len(self.sources)))
        except Exception:
            return None
        return jax.jit(jax.vmap(gradient))

    def slopes(self, columns: Sequence[np.ndarray]) -> np.ndarray:
        """Its derivatives with respect to each source, shape (s, k)."""
        if self.coefficients is not None:
            return np.broadcast_to(self.coefficients, (len(columns[0]), len(columns)))
        points = np.stack(columns, axis=1)
        if self._compiled is None:
            return self._differences(points)
        size = next((size for size in SIZES if len(points) <= size), SIZES[-1])
        pieces = []
        for start in range(0, len(points), size):
            piece = points[start : start + size]
            padding = np.repeat(piece[:1], size - len(piece), axis=0)
            slopes = self._compiled(np.concatenate([piece, padding]))
            pieces.append(np.asarray(slopes)[: len(piece)])
        return np.concatenate(pieces)

    def _differences(self, points: np.ndarray) -> np.ndarray:
        slopes = np.empty_like(points)
        for k in range(points.shape[1]):
            step = STEP * np.where(points[:, k] != 0, np.abs(points[:, k]), 1.0)
            up, down = points.copy(), points.copy()
            up[:, k] += step
            down[:, k] -= step
            slopes[:, k] = (self.values(list(up.T)) - self.values(list(down.T))) / (
                up[:, k] - down[:, k]
            )
        return slopes


def check_ties(parameters: Parameters, ties: Any) -> tuple[Tie, ...]:
    """Read `ties=` and put them in an order in which each follows those that it depends on.

    Args:
        parameters: The model's parameters.
        ties: A dict from a parameter's name to a formula of other parameters, or to a function
            whose arguments are named as they are.

    Raises:
        UnknownParameter: A name is not one of the model's.
        InvalidModel: A formula cannot be read.
        InvalidOption: Parameters are tied in a circle, or to nothing.
        InvalidType: It is not a dict.
    """
    found = {}
    for name, expression in items_of(ties, "ties"):
        tie = _tie(parameters, place(parameters, name, "ties"), expression)
        found[tie.target] = tie
    return _sorted(parameters.names, found)


def _tie(parameters: Parameters, target: int, expression: Any) -> Tie:
    name = parameters.names[target]
    if isinstance(expression, str):
        return _formula_tie(parameters, target, expression)
    if not callable(expression):
        raise InvalidOption(
            f"ties of {name} is {expression!r}; give a formula of other parameters, such as "
            f"'2*{parameters.names[target - 1]}', or a function of them. To hold it use fixed=."
        )
    arguments = list(inspect.signature(expression).parameters.values())
    if not arguments or any(a.kind in (a.VAR_POSITIONAL, a.VAR_KEYWORD) for a in arguments):
        raise InvalidOption(
            f"ties of {name} is a function without named arguments; name them as the parameters: "
            f"lambda {parameters.names[target - 1]}: ..."
        )
    where = f"ties of {name}: the function"
    sources = tuple(place(parameters, argument.name, where) for argument in arguments)
    called = getattr(expression, "__name__", type(expression).__name__)
    listed = ", ".join(argument.name for argument in arguments)
    shown = f"function of {listed}" if called == "<lambda>" else f"{called}({listed})"
    return Tie(target, sources, shown, OfParameters(expression))


def _formula_tie(parameters: Parameters, target: int, text: str) -> Tie:
    """A formula, in which names such as `peak.mean` and `a[0]` may stand as they are."""
    name, stand_ins = parameters.names[target], {}
    plain = " ".join(text.split())
    for known in sorted(parameters.names, key=len, reverse=True):
        if not known.isidentifier() or known in CONSTANTS or known == _INPUT:
            stand_in = re.sub(r"\W+", "_", known).strip("_") + "_" * (len(stand_ins) + 1)
            stand_ins[stand_in] = known
            plain = re.sub(rf"(?<![\w.]){re.escape(known)}(?![\w.\[])", stand_in, plain)
    try:
        formula = formula_function(plain, (_INPUT,))
    except InvalidModel as error:
        if "has no parameters" in str(error):
            raise InvalidOption(
                f"ties of {name} is {text!r}, in which there is no parameter; to hold a value use "
                "fixed=."
            ) from None
        raise InvalidModel(f"ties of {name}: {error}") from None
    used = list(formula.__signature__.parameters)[1:]
    where = f"ties of {name}: {text!r}"
    sources = tuple(place(parameters, stand_ins.get(item, item), where) for item in used)
    return Tie(target, sources, text, formula)


def _sorted(names: tuple[str, ...], ties: dict[int, Tie]) -> tuple[Tie, ...]:
    """Each tie after those that it depends on."""
    ordered: list[Tie] = []
    done: set[int] = set()

    def visit(target: int, above: tuple[int, ...]) -> None:
        if target in above:
            circle = [*above[above.index(target) :], target]
            raise InvalidOption(
                f"ties go in a circle: {' depends on '.join(names[i] for i in circle)}; leave one "
                "of them free."
            )
        if target in done or target not in ties:
            return
        for source in ties[target].sources:
            visit(source, (*above, target))
        done.add(target)
        ordered.append(ties[target])

    for target in ties:
        visit(target, ())
    return tuple(ordered)
