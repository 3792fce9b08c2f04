"""`surefit explain`: the smallest model of a file. Slow imports are made when they are needed."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from surefit.cli.columns import ColumnOptions
from surefit.cli.drawing import DrawingOptions
from surefit.cli.main import ExitCode


def explain(
    file: str,
    /,
    *,
    columns: ColumnOptions,
    models: Annotated[
        list[str] | None,
        Parameter(negative="", allow_leading_hyphen=True, metavar="SPEC,SPEC", show_default=False),
    ] = None,
    period: Annotated[float | None, Parameter(show_default=False)] = None,
    out: Annotated[Path | None, Parameter(metavar="DIR", show_default=False)] = None,
    as_json: Annotated[bool, Parameter(name="--json", negative="", show_default=False)] = False,
    seed: int = 0,
    drawing: DrawingOptions | None = None,
) -> int:
    """Climb from a constant to a neural network, to the smallest model that explains the data.

    A model is enough if nothing larger is significantly better; the first that is enough is
    chosen. A larger model than the one behind the data is chosen in 5 % of cases at most. The exit
    code is 0 if the climb ran to its end, and 2 for bad use or data.

    Args:
        file: CSV or other text table, NPY, NPZ, Parquet, or ROOT (file.root:tree).
        columns: Which columns to explain.
        models: Your own models as further rungs, as for surefit fit, with commas between them.
        period: Of the Fourier series, in the unit of x; the range of x if not given.
        out: Folder for explain.json, ladder.png, ladder.pdf, fits.png, fits.pdf, report.html.
        as_json: Print one JSON document and nothing else.
        seed: Seed; the same seed gives the same answer.
        drawing: How the figure of the fits looks.

    Returns:
        The exit code.
    """
    from surefit.cli.explain_files import conclude, files_for
    from surefit.cli.model_spec import parse_model, split_models
    from surefit.cli.outputs import prepare_folder, progress_on_terminal
    from surefit.cli.sample import read_sample
    from surefit.selection.explain import explain as explain_data

    own = [parse_model(text, columns.x) for item in models or () for text in split_models(item)]
    sample = read_sample(file, columns)
    prepare_folder(out, files_for(sample))
    with progress_on_terminal() as report:
        result = explain_data(
            *(sample.x, sample.y, sample.yerr),
            models=own,
            period=period,
            key=seed,
            progress=report,
        )
    conclude(result, sample, drawing or DrawingOptions(), out, as_json=as_json)
    return ExitCode.done
