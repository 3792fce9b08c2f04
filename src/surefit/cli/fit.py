"""`surefit fit`: one model, one file. What is slow to import is imported when it is needed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from surefit.cli.columns import ColumnOptions
from surefit.cli.drawing import DrawingOptions

_MODEL = (
    "line, constant, plane, polynomial:14, chebyshev:14, legendre:5, jacobi:5,0.5,0.5, "
    "laguerre:5, hermite:5, fourier:7, sigmoids:5, dense:5, dense:32,32:relu; a sum such as "
    'sigmoids:5+constant; a formula such as "a*exp(-x/tau)+c"; or file.py:function.'
)
_OUT = "Folder for fit.json, fit.png, fit.pdf and report.html; it is created if needed."
_START = "Value to try first, name=value; may be repeated."
_BOUNDS = "Limits of a parameter, name=low:high; either side may be empty; may be repeated."
_FIX = "Value at which to hold a parameter, name=value; may be repeated."
_TIES = 'Parameter that is a formula of others, such as "s2=2*s1"; may be repeated.'
_ORDER = "Parameters that do not decrease, such as m1,m2,m3; may be repeated."
_CONSTRAINT = "Parameter measured elsewhere, name=mean:sigma; counts as data; may be repeated."
_TOYS = (
    "Draw N toys from the fit and count how often errors and band cover the truth; at least 100."
)
_PENALTY = (
    "ridge or roughness keeps a model of more freedom than the data need tame, with the strength "
    "that the data ask for; or ridge=0.1 with a given one."
)
_MINIMIZER = (
    "closed-form, levenberg-marquardt, lbfgs, migrad, simplex, adam, adamw or sgd. By default it "
    "is chosen by the structure of the problem."
)


def _many(explanation: str, form: str, alias: str | None = None) -> Parameter:
    return Parameter(alias=alias, negative="", show_default=False, help=explanation, metavar=form)


def fit(
    file: str,
    /,
    *,
    columns: ColumnOptions,
    model: Annotated[str, Parameter(allow_leading_hyphen=True, metavar="SPEC", help=_MODEL)],
    out: Annotated[Path | None, Parameter(metavar="DIR", show_default=False, help=_OUT)] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
    seed: int = 0,
    start: Annotated[list[str] | None, _many(_START, "NAME=VALUE")] = None,
    bounds: Annotated[list[str] | None, _many(_BOUNDS, "NAME=LOW:HIGH")] = None,
    fix: Annotated[list[str] | None, _many(_FIX, "NAME=VALUE", "--fixed")] = None,
    ties: Annotated[list[str] | None, _many(_TIES, "NAME=FORMULA")] = None,
    order: Annotated[list[str] | None, _many(_ORDER, "NAME,NAME...")] = None,
    constraint: Annotated[list[str] | None, _many(_CONSTRAINT, "NAME=MEAN:SIGMA")] = None,
    penalty: Annotated[
        str | None, Parameter(show_default=False, metavar="NAME[=STRENGTH]", help=_PENALTY)
    ] = None,
    minimizer: Annotated[
        str | None, Parameter(show_default=False, metavar="NAME", help=_MINIMIZER)
    ] = None,
    toys: Annotated[int, Parameter(metavar="N", show_default=False, help=_TOYS)] = 0,
    drawing: DrawingOptions | None = None,
) -> int:
    """Fit one model to the columns of a file. No starting values are needed.

    The exit code is 0 if the minimum can be trusted, 1 if not, 2 for bad use or data.

    Args:
        file: CSV or other text table, NPY, NPZ, Parquet, or ROOT (file.root:tree).
        columns: Which columns to fit.
        model: What to fit, see `parse_model`.
        out: Folder for the files, or None.
        as_json: Print one JSON document and nothing else.
        seed: Seed of the search; the same seed gives the same result.
        start: Values to try first.
        bounds: Limits of parameters.
        fix: Values at which to hold parameters.
        ties: Parameters that are formulas of others.
        order: Parameters that do not decrease.
        constraint: Parameters measured elsewhere.
        penalty: What keeps the curve tame.
        minimizer: How to go downhill.
        toys: Toys to check the coverage of errors and band with; 0 for none.
        drawing: How the figure looks.

    Returns:
        The exit code.
    """
    from surefit.cli.fit_files import FILES, conclude
    from surefit.cli.model_spec import parse_model
    from surefit.cli.outputs import prepare_folder, progress_on_terminal
    from surefit.cli.sample import read_sample
    from surefit.cli.settings import (
        parse_bounds,
        parse_constraints,
        parse_minimizer,
        parse_order,
        parse_penalty,
        parse_ties,
        parse_values,
    )
    from surefit.fitting import fit as fit_model

    settings = {
        "minimizer": parse_minimizer(minimizer),
        "penalty": parse_penalty(penalty),
        "start": parse_values(start or (), "--start") or None,
        "bounds": parse_bounds(bounds or ()) or None,
        "fixed": parse_values(fix or (), "--fix") or None,
        "ties": parse_ties(ties or ()) or None,
        "order": parse_order(order or ()) or None,
        "constraints": parse_constraints(constraint or ()) or None,
    }
    description = parse_model(model, columns.x)
    sample = read_sample(file, columns)
    prepare_folder(out, FILES)
    with progress_on_terminal() as report:
        data = (sample.x, sample.y, description, sample.yerr)
        result = fit_model(*data, key=seed, progress=report, **settings)
        coverage = result.check_coverage(toys, key=seed, progress=report) if toys else None
    drawing = drawing or DrawingOptions()
    return conclude(result, sample, drawing, out, as_json=as_json, coverage=coverage)
