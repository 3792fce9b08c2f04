"""What may stand after `--model`: names of models, formulas, functions in a file."""

import dataclasses
import difflib
import importlib.util
import re
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from surefit.bases.fourier import Fourier
from surefit.bases.piecewise import Piecewise
from surefit.bases.polynomials import (
    Chebyshev,
    Hermite,
    Jacobi,
    Laguerre,
    Legendre,
    Polynomial,
)
from surefit.bases.sigmoids import Sigmoids
from surefit.exceptions import FileProblem, InvalidModel, SurefitError
from surefit.models.base import AbstractModel
from surefit.models.formulas.formula import formula_function
from surefit.models.function import Function, as_model
from surefit.models.linear import Constant, Line, Plane
from surefit.networks.dense import Dense


@dataclasses.dataclass(frozen=True)
class NamedModel:
    """A model that has a name on the command line.

    Attributes:
        build: Makes the model from the numbers and words between the colons.
        usage: How to write it.
    """

    build: Callable[..., AbstractModel]
    usage: str


MODELS = {
    "constant": NamedModel(Constant, "constant"),
    "line": NamedModel(Line, "line"),
    "plane": NamedModel(Plane, "plane"),
    "polynomial": NamedModel(Polynomial, "polynomial:DEGREE"),
    "chebyshev": NamedModel(Chebyshev, "chebyshev:DEGREE"),
    "legendre": NamedModel(Legendre, "legendre:DEGREE"),
    "jacobi": NamedModel(Jacobi, "jacobi:DEGREE,ALPHA,BETA"),
    "laguerre": NamedModel(Laguerre, "laguerre:DEGREE"),
    "hermite": NamedModel(Hermite, "hermite:DEGREE"),
    "fourier": NamedModel(Fourier, "fourier:HARMONICS[,PERIOD]"),
    "piecewise": NamedModel(Piecewise, "piecewise:BREAKS[,DEGREE]"),
    "sigmoids": NamedModel(Sigmoids, "sigmoids:N[:SHAPE]"),
    "dense": NamedModel(Dense, "dense:WIDTH[,WIDTH...][:ACTIVATION]"),
}
"""The models that the command line knows by name."""

_SHAPE_ARGUMENT = {"sigmoids": "shape", "dense": "activation"}
_NAMED = re.compile(r"\s*([A-Za-z_]+)\s*(?::([^:+]*))?(?::\s*([A-Za-z_]\w*)\s*)?")
_NUMBERS = re.compile(r"\s*[+-]?[\d.]+([eE][+-]?\d+)?\s*(:\s*\w+\s*)?")
_IN_FILE = re.compile(r"(.+\.py):([^\W\d]\w*)\s*")


def parse_model(text: str, inputs: Sequence[str] = ("x",)) -> AbstractModel:
    """Make a model from its description on the command line.

    It is one of

    - a name with its numbers: `line`, `polynomial:14`, `jacobi:5,0.5,0.5`, `sigmoids:5:tanh`,
      `dense:32,32,32:relu`;
    - a sum of these: `sigmoids:5+constant`;
    - a function or a model in a Python file: `peaks.py:two_peaks`. The file is run;
    - a formula: `a*exp(-x/tau) + c`. It is never executed, see `formula_function`.

    Args:
        text: The description.
        inputs: Names of the columns of x, which a formula may use.

    Returns:
        The model.

    Raises:
        InvalidModel: It is none of these, with the nearest name; or the file or formula is wrong.
        FileProblem: There is no such file.

    Example:
        >>> str(parse_model("sigmoids:5 + constant"))
        'Sigmoids(5) + Constant()'
        >>> parse_model("a*exp(-x/tau)").parameters().names
        ('a', 'tau')
    """
    text = text.strip()
    if not text:
        raise InvalidModel(f"The model is empty; write {_choices()}.")
    in_file = _IN_FILE.fullmatch(text)
    if in_file:
        return _model_in_file(Path(in_file[1]), in_file[2])
    parts = [_NAMED.fullmatch(part) for part in text.split("+")]
    if all(part and part[1].lower() in MODELS for part in parts):
        models = [_named_model(part[1].lower(), part[2], part[3]) for part in parts if part]
        return sum(models[1:], start=models[0])
    if ":" in text or (text.isidentifier() and text not in (*inputs, "x")):
        raise InvalidModel(_unknown(text))
    function = formula_function(text, inputs)
    misplaced = [name for name in Function(function).argument_names if name in MODELS]
    if misplaced and misplaced != ["constant"]:
        raise InvalidModel(
            f"{text!r} adds the model {misplaced[0]!r} to a formula; write all of it as a formula, "
            "or only names of models."
        )
    return Function(function)


def split_models(text: str) -> list[str]:
    """Cut a list of models at its commas, except at those that belong to a model.

    Those are the commas inside parentheses, and those before a number where the model before it
    takes numbers.

    Example:
        >>> split_models("line,jacobi:5,0.5,0.5,dense:32,32:relu,a*max(x,b),-a*x")
        ['line', 'jacobi:5,0.5,0.5', 'dense:32,32:relu', 'a*max(x,b)', '-a*x']
    """
    parts, depth, began = [], 0, 0
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[began:at])
            began = at + 1
    models: list[str] = []
    for part in [*parts, text[began:]]:
        takes_numbers = bool(models) and models[-1].split(":")[0].strip().lower() in MODELS
        if takes_numbers and ":" in models[-1] and _NUMBERS.fullmatch(part):
            models[-1] += f",{part}"
        else:
            models.append(part)
    return models


def _named_model(name: str, numbers: str | None, word: str | None) -> AbstractModel:
    usage = MODELS[name].usage
    keywords = {}
    if word is not None:
        if name not in _SHAPE_ARGUMENT:
            raise InvalidModel(f"{name} takes no {word!r}; write {usage}.")
        keywords[_SHAPE_ARGUMENT[name]] = word
    if name == "dense" and not numbers:
        raise InvalidModel(f"dense needs the width of a hidden layer; write {usage}.")
    arguments = [_number(item, usage) for item in (numbers or "").split(",") if item.strip()]
    try:
        return MODELS[name].build(*arguments, **keywords)
    except TypeError as error:
        if isinstance(error, SurefitError):
            raise
        given = f"{name}:{numbers}" if numbers else name
        raise InvalidModel(f"{given} has the wrong number of arguments; write {usage}.") from None


def _number(text: str, usage: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise InvalidModel(f"{text.strip()!r} is not a number; write {usage}.") from None


def _unknown(text: str) -> str:
    """Say that a name is unknown, and which is nearest."""
    for part in text.split("+"):
        name = part.split(":")[0].strip()
        if name.lower() in MODELS:
            if not _NAMED.fullmatch(part):
                return f"{part.strip()!r} cannot be read; write {MODELS[name.lower()].usage}."
            continue
        close = difflib.get_close_matches(name.lower(), MODELS, n=1, cutoff=0.5)
        if close:
            return f"There is no model {name!r}; did you mean {MODELS[close[0]].usage}?"
        return f"There is no model {name!r}; write {_choices()}."
    return f"{text!r} is no model; write {_choices()}."


def _choices() -> str:
    named = ", ".join(model.usage for model in MODELS.values())
    return f"one of {named}, a formula such as 'a*exp(-x/tau)', or file.py:function"


def _model_in_file(path: Path, name: str) -> AbstractModel:
    module = run_file(path)
    found = getattr(module, name, None)
    if found is None:
        own = [key for key, value in vars(module).items() if callable(value) and key[0] != "_"]
        close = difflib.get_close_matches(name, own, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; it has {', '.join(own) or 'none'}."
        raise InvalidModel(f"{path} has no function {name!r}{hint}")
    try:
        return as_model(found)
    except SurefitError as error:
        raise InvalidModel(f"{path}:{name} cannot be fitted: {error}") from None


def run_file(path: Path) -> ModuleType:
    """Run a Python file as a module; its own folder is searched for what it imports.

    Raises:
        FileProblem: There is no such file.
        InvalidModel: It raises; the message says at which line.
    """
    if not path.is_file():
        raise FileProblem(f"There is no file {path}; give the path of a Python file.")
    spec = importlib.util.spec_from_file_location(f"surefit_model_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise InvalidModel(f"{path} is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses in the file look their module up
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InvalidModel(_what_failed(path, error)) from error
    finally:
        sys.path.pop(0)
    return module


def _what_failed(path: Path, error: BaseException) -> str:
    """The kind of error, and the last line of the user's own file that led to it."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if _is(frame, path)]
    line: Any = own[-1].lineno if own else getattr(error, "lineno", None)
    where = f"{path}, line {line}" if line else str(path)
    message = getattr(error, "msg", None) or str(error)
    return f"{where}: {type(error).__name__}: {message}".rstrip(".: ") + "."


def _is(frame: traceback.FrameSummary, path: Path) -> bool:
    return Path(frame.filename).resolve() == path.resolve()
