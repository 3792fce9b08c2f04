"""Translate a formula's syntax tree into steps; whatever is not on the list is refused."""

import ast
import difflib
import keyword
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, NoReturn

import numpy as np

from surefit.exceptions import InvalidModel
from surefit.models.formulas.functions import CALLABLE, CONSTANTS, FUNCTIONS
from surefit.models.formulas.text import fail, parse_tree, too_long

MOST_STEPS = 20_000  # a comparison a < b < c has b twice, so that nested ones can explode
LARGEST_WHOLE_POWER = 1000  # beyond, a power is computed in floating point like any other

_BINARY: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.BitAnd: "logical_and",
    ast.BitOr: "logical_or",
}
_UNARY: dict[type, str] = {ast.USub: "negative", ast.Not: "logical_not", ast.Invert: "logical_not"}
_COMPARED: dict[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_REFUSED: dict[type, str] = {
    ast.BitXor: "^ is not a power; write ** instead",
    ast.FloorDiv: "write floor(a/b) instead of a//b",
    ast.MatMult: "@ is not allowed; write * to multiply",
    ast.Lambda: "lambda is a word of Python; choose another name, such as lam",
    ast.Subscript: "indices are not allowed; write x0, x1, ... for the columns of x",
    ast.Attribute: "a dot is only allowed as in np.exp(x) or np.pi",
    ast.Tuple: "a comma is only allowed between the arguments of a function",
    ast.NamedExpr: "nothing can be assigned in a formula",
}
_NOT_ALLOWED = "only arithmetic, comparisons and functions are allowed here"
_LIBRARIES = frozenset({"np", "numpy", "math", "scipy", "special", "scipy.special", "jnp"})


class Step(NamedTuple):
    """One step of a stack machine.

    Attributes:
        kind: Push a number, a parameter, or an input; or apply a function.
        value: The number, the position of the parameter or input, or the function's name.
        n_arguments: How many values the function takes from the stack.
    """

    kind: Literal["number", "parameter", "input", "function"]
    value: Any
    n_arguments: int = 0


def parse_steps(text: str, inputs: tuple[str, ...]) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Translate a formula.

    Args:
        text: The formula, on one line.
        inputs: Names of the columns of x.

    Returns:
        The steps, and the parameters' names in the order in which they occur first.

    Raises:
        InvalidModel: It is no formula, or calls what is not on the list.

    Example:
        >>> steps, names = parse_steps("a*x", ("x",))
        >>> [step.kind for step in steps], names
        (['parameter', 'input', 'function'], ('a',))
    """
    return _Translator(text, inputs).translate()


class _Translator:
    """Walks one formula's tree; `position` in what follows counts characters of the text."""

    def __init__(self, text: str, inputs: tuple[str, ...]) -> None:
        self.text = text
        self.inputs = _input_names(inputs)
        self.is_single_input = len(inputs) == 1
        self.names: tuple[str, ...] = ()

    def translate(self) -> tuple[tuple[Step, ...], tuple[str, ...]]:
        tree = parse_tree(self.text)
        # Names that are called, or have a dot after them, are functions and libraries.
        called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        called |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        free = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Name)
            and id(node) not in called
            and node.id not in self.inputs
            and node.id not in CONSTANTS
        ]
        free.sort(key=lambda node: (node.lineno, node.col_offset))
        self.names = tuple(dict.fromkeys(node.id for node in free))
        try:
            steps = self._steps(tree)
        except RecursionError:
            raise too_long("is nested too deeply") from None
        self._check_names(tree, free)
        return tuple(steps), self.names

    def _steps(self, node: ast.AST) -> list[Step]:
        translate = self._translations.get(type(node))
        if translate is None:
            self._fail(node, _REFUSED.get(type(node), _NOT_ALLOWED))
        steps = translate(self, node)
        if len(steps) > MOST_STEPS:
            raise too_long(f"has more than {MOST_STEPS} steps")
        if len(steps) > 1 and all(step.kind in ("number", "function") for step in steps):
            return [self._folded(steps, node)]
        return steps

    def _binary(self, node: ast.BinOp) -> list[Step]:
        if type(node.op) not in _BINARY:
            self._fail(node, _REFUSED.get(type(node.op), _NOT_ALLOWED))
        right = self._steps(node.right)
        if isinstance(node.op, ast.Pow):
            right = _whole_power(right)
        return [*self._steps(node.left), *right, _apply(_BINARY[type(node.op)], 2)]

    def _unary(self, node: ast.UnaryOp) -> list[Step]:
        inner = self._steps(node.operand)
        plus = isinstance(node.op, ast.UAdd)
        return inner if plus else [*inner, _apply(_UNARY[type(node.op)], 1)]

    def _logic(self, node: ast.BoolOp) -> list[Step]:
        joint = "logical_and" if isinstance(node.op, ast.And) else "logical_or"
        return self._joined([self._steps(value) for value in node.values], joint)

    def _choice(self, node: ast.IfExp) -> list[Step]:
        branches = (node.test, node.body, node.orelse)
        return [*(step for part in branches for step in self._steps(part)), _apply("where", 3)]

    def _constant(self, node: ast.Attribute) -> list[Step]:
        shown = ast.unparse(node)
        if ast.unparse(node.value) not in _LIBRARIES:
            self._fail(node, _REFUSED[ast.Attribute])
        if node.attr not in CONSTANTS:
            self._fail(node, f"{shown} is not a number; only np.pi and np.e are")
        return [Step("number", CONSTANTS[node.attr])]

    def _number(self, node: ast.Constant) -> list[Step]:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._fail(node, f"{ast.unparse(node)} is not a real number")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if math.isinf(number):
            self._fail(node, "this number is too large")
        return [Step("number", number)]

    def _name(self, node: ast.Name) -> list[Step]:
        if node.id in self.inputs:
            return [Step("input", self.inputs[node.id])]
        if node.id in CONSTANTS:
            return [Step("number", CONSTANTS[node.id])]
        return [Step("parameter", self.names.index(node.id))]

    def _joined(self, parts: Iterable[list[Step]], joint: str) -> list[Step]:
        steps: list[Step] = []
        for at, part in enumerate(parts):
            steps += [*part, *([_apply(joint, 2)] if at else [])]
        return steps

    def _comparison(self, node: ast.Compare) -> list[Step]:
        sides = [self._steps(side) for side in (node.left, *node.comparators)]
        pairs = []
        for at, operation in enumerate(node.ops):
            if type(operation) not in _COMPARED:
                self._fail(node, "only < <= > >= == != compare")
            pairs.append([*sides[at], *sides[at + 1], _apply(_COMPARED[type(operation)], 2)])
        return self._joined(pairs, "logical_and")

    def _call(self, node: ast.Call) -> list[Step]:
        shown = ast.unparse(node.func)
        library, _, name = shown.rpartition(".")
        if not name.isidentifier() or (library and library not in _LIBRARIES):
            self._fail(node, "only functions can be called; write * to multiply")
        if name not in CALLABLE:
            close = difflib.get_close_matches(name, CALLABLE, n=2)
            hint = f"did you mean {' or '.join(close)}?" if close else "write * to multiply"
            self._fail(node, f"{name} is not one of the functions; {hint}")
        function = CALLABLE[name]
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            self._fail(node, f"give {name} plain arguments, without names or stars")
        n, few, most = len(node.args), function.fewest, function.most
        if not few <= n <= most:
            wanted = f"{few}" if few == most else f"{few} to {most}"
            self._fail(node, f"{name} takes {wanted} argument(s), not {n}")
        parts = [self._steps(argument) for argument in node.args]
        if function is CALLABLE["power"]:
            parts[1] = _whole_power(parts[1])
        return [*(step for part in parts for step in part), _apply(name, n)]

    def _folded(self, steps: list[Step], node: ast.AST) -> Step:
        """Compute what has no variable in it, once."""
        stack: list[Any] = []
        for step in steps:
            if step.kind == "number":
                stack.append(np.float64(step.value))
                continue
            arguments = stack[len(stack) - step.n_arguments :]
            del stack[len(stack) - step.n_arguments :]
            with np.errstate(all="ignore"):
                stack.append(np.float64(FUNCTIONS[step.value].apply(*arguments)))
        number = float(stack.pop())
        if not math.isfinite(number):
            self._fail(node, f"this is {number}, not a finite number")
        return Step("number", number)

    def _check_names(self, tree: ast.expr, free: Sequence[ast.Name]) -> None:
        euler = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "e"]
        if euler and "e" not in self.inputs and "d" in self.names:
            # Someone who counts parameters a, b, c, d, e does not mean Euler's number.
            self._fail(euler[0], "e is Euler's number; rename the parameter, or write exp(1)")
        for node in free:
            if not self.is_single_input and node.id == "x":
                names = ", ".join(self.inputs)
                self._fail(node, f"x has several columns; write one of {names}")
        if not self.names:
            raise InvalidModel(f"The formula {self.text!r} has no parameters to fit.")

    def _fail(self, place: ast.AST | int, reason: str) -> NoReturn:
        fail(self.text, place, reason)

    _translations: ClassVar[dict[type, Callable[["_Translator", Any], list[Step]]]] = {
        ast.Constant: _number,
        ast.Name: _name,
        ast.BinOp: _binary,
        ast.UnaryOp: _unary,
        ast.BoolOp: _logic,
        ast.Compare: _comparison,
        ast.IfExp: _choice,
        ast.Call: _call,
        ast.Attribute: _constant,
    }


def _apply(name: str, n_arguments: int) -> Step:
    return Step("function", name, n_arguments)


def _whole_power(steps: list[Step]) -> list[Step]:
    """x**2 with a whole 2, which is exact and differentiable at negative x."""
    if len(steps) == 1 and steps[0].kind == "number":
        value = steps[0].value
        if value == int(value) and abs(value) <= LARGEST_WHOLE_POWER:
            return [Step("number", int(value))]
    return steps


def _input_names(inputs: tuple[str, ...]) -> dict[str, int]:
    """All names by which a formula may call the columns of x."""
    names: dict[str, int] = {}
    for position, column in enumerate(inputs):
        name = unicodedata.normalize("NFKC", column)  # as Python does with names
        if name.isidentifier() and not keyword.iskeyword(name):
            names.setdefault(name, position)
    if len(inputs) == 1:
        names.setdefault("x", 0)
    else:
        for position in range(len(inputs)):
            names.setdefault(f"x{position}", position)
    return names
