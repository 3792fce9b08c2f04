"""`surefit nist`: certified problems. What is slow to import is imported when needed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from surefit.cli.main import ExitCode

_FORMULA = Parameter(name="--formula", negative="", metavar="NAME=FORMULA", show_default=False)


def nist(
    *,
    data: Annotated[Path | None, Parameter(metavar="DIR", show_default=False)] = None,
    models: Annotated[Path | None, Parameter(metavar="FILE.py", show_default=False)] = None,
    formula: Annotated[tuple[str, ...], _FORMULA] = (),
    out: Annotated[Path | None, Parameter(metavar="DIR", show_default=False)] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
) -> int:
    """Fit problems whose answers NIST certifies: from its two starts, and from none.

    Prints to how many digits the worst parameter, the worst error and the residual sum of squares
    agree. Nine of NIST's nonlinear problems come with surefit. The exit code is 0 if all are
    certified (8 digits, 5 of the errors, where double precision leaves as many), 1 if one is
    missed, and 2 for bad use or files.

    Args:
        data: A folder of other *.dat files as NIST publishes them, or one such file.
        models: Python file whose functions bear the names of the problems. By default DIR/models.py
            if there is one, else the models are read from the headers of the files.
        formula: A model as a formula, such as "Misra1a=b1*(1-exp(-b2*x))"; may be repeated. For
            a single problem, its name can be left out.
        out: Folder for nist.json.
        as_json: Print one JSON document and nothing else.

    Returns:
        The exit code.
    """
    from surefit.certification.certify import certify
    from surefit.certification.problems import problems_in, statements_for
    from surefit.cli.nist_files import conclude, functions_for, named_formulas, progress
    from surefit.cli.outputs import prepare_folder

    problems = problems_in(data)
    formulas = named_formulas(formula, [problem.name for problem in problems])
    statements = statements_for(problems, functions_for(data, models), formulas)
    prepare_folder(out, ("nist.json",))
    with progress() as report:
        results = certify(problems, statements, report)
    conclude(results, out, as_json=as_json)
    passed = all(result.is_passed for result in results)
    return ExitCode.done if passed else ExitCode.not_trustworthy
