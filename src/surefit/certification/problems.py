"""Which problems to certify: the nine that come with surefit, or a folder of the user's."""

import importlib.resources
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from surefit.certification.statements import Statement, checked, formula_statement, statement_of
from surefit.certification.strd import CertifiedProblem, read_problem, read_problems
from surefit.exceptions import InvalidModel, InvalidOption


def shipped_problems() -> list[CertifiedProblem]:
    """The nine problems that come with surefit, in alphabetical order.

    Example:
        >>> [problem.name for problem in shipped_problems()][:3]
        ['Chwirut2', 'DanWood', 'Hahn1']
    """
    folder = importlib.resources.files("surefit.certification") / "nist"
    with importlib.resources.as_file(folder) as path:
        return read_problems(Path(path))


def problems_in(folder: Path | None) -> list[CertifiedProblem]:
    """The problems of a folder or of a single file; the shipped ones if it is None.

    Raises:
        FileProblem: There are none, or one cannot be read.
    """
    if folder is None:
        return shipped_problems()
    return [read_problem(folder)] if folder.is_file() else read_problems(folder)


def statements_for(
    problems: list[CertifiedProblem],
    functions: Mapping[str, Callable[..., Any]],
    formulas: Mapping[str, str],
) -> list[Statement]:
    """The model of each problem: a formula given, else a Python function, else the file's own.

    Args:
        problems: The problems.
        functions: Python functions by problem; `NAME_response` transforms the response.
        formulas: Formulas by problem, such as `b1*(1-exp(-b2*x))` or `log(y) = b1 - b2*x`.

    Returns:
        The models, in the order of the problems.

    Raises:
        InvalidOption: A formula names no problem.
        InvalidModel: A model cannot be read, or has other parameters than are certified.
    """
    names = [problem.name for problem in problems]
    for name in formulas:
        if name not in names:
            raise InvalidOption(
                f"There is no problem {name!r} to give a formula for; there are {', '.join(names)}."
            )
    return [_statement(problem, functions, formulas) for problem in problems]


def _statement(problem, functions, formulas) -> Statement:
    name = problem.name
    if name in formulas:
        return formula_statement(formulas[name], problem)
    if name in functions:
        return checked(Statement(functions[name], functions.get(f"{name}_response")), problem)
    try:
        return statement_of(problem)
    except InvalidModel as error:
        raise InvalidModel(f"The model of {name} is not understood. {error}") from None
