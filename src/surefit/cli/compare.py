"""`surefit compare`: several models, one file. Slow imports are made when they are needed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from surefit.cli.columns import ColumnOptions
from surefit.cli.drawing import DrawingOptions
from surefit.cli.main import ExitCode


def compare(
    file: str,
    /,
    *,
    columns: ColumnOptions,
    models: Annotated[
        list[str], Parameter(negative="", allow_leading_hyphen=True, metavar="SPEC,SPEC")
    ],
    out: Annotated[Path | None, Parameter(metavar="DIR", show_default=False)] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
    folds: Annotated[int | None, Parameter(show_default=False, metavar="N")] = None,
    seed: int = 0,
    minimizer: Annotated[str | None, Parameter(show_default=False, metavar="NAME")] = None,
    drawing: DrawingOptions | None = None,
) -> int:
    """Fit several models to the columns of a file and rank them.

    AICc decides the order; BIC, chi2 and its p-value, and the error on points left out stand
    beside it. Formulas, such as "a*exp(-x/tau)+c", are models too. The exit code is 0 if all
    ran to the end, and 2 for bad use or data.

    Args:
        file: CSV or other text table, NPY, NPZ, Parquet, or ROOT (file.root:tree).
        columns: Which columns to fit.
        models: Models as for surefit fit, with commas between them; may be repeated.
        out: Folder for compare.json, compare.png, compare.pdf, report.html.
        as_json: Print one JSON document and nothing else.
        folds: Cross-validate each model with so many folds.
        seed: Seed of the searches; the same seed gives the same result.
        minimizer: Minimizer for all models, as for surefit fit.
        drawing: How the figure looks.

    Returns:
        The exit code.
    """
    from surefit.cli.compare_files import conclude, files_for
    from surefit.cli.model_spec import parse_model, split_models
    from surefit.cli.outputs import prepare_folder, progress_on_terminal
    from surefit.cli.sample import read_sample
    from surefit.cli.settings import parse_minimizer
    from surefit.selection.compare import compare as compare_models

    described = [parse_model(text, columns.x) for item in models for text in split_models(item)]
    chosen = parse_minimizer(minimizer)
    sample = read_sample(file, columns)
    prepare_folder(out, files_for(sample))
    with progress_on_terminal() as report:
        data = (sample.x, sample.y, described, sample.yerr)
        result = compare_models(*data, folds=folds, minimizer=chosen, key=seed, progress=report)
    conclude(result, sample, drawing or DrawingOptions(), out, as_json=as_json)
    return ExitCode.done
