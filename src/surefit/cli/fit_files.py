"""What `surefit fit` writes and prints."""

import dataclasses
from pathlib import Path
from typing import Any

from surefit.cli.drawing import DrawingOptions
from surefit.cli.main import ExitCode
from surefit.cli.outputs import code, footer, heading, print_result, tell
from surefit.cli.sample import Sample
from surefit.minimizers.base import Status
from surefit.report.coverage import Coverage
from surefit.report.files import write_atomically
from surefit.report.html import fit_html
from surefit.report.page import Picture, Section, page
from surefit.report.plots import fit_figure, parity_curve
from surefit.report.style import save_figure
from surefit.report.terminal import fit_rich
from surefit.report.text import fit_text
from surefit.result import Fit

FILES = ("fit.json", "fit.png", "fit.pdf", "report.html")
"""What `--out` writes."""


def conclude(
    result: Fit,
    sample: Sample,
    drawing: DrawingOptions,
    out: Path | None,
    *,
    as_json: bool,
    coverage: Coverage | None = None,
) -> int:
    """Write the files of a fit, print it, and say by an exit code whether to trust it.

    Args:
        result: The fit.
        sample: Its data, with notes that the report shows.
        drawing: How the figure looks.
        out: The folder to write in, or None.
        as_json: Whether to print a JSON document.
        coverage: What toys say of the errors, or None.

    Returns:
        The exit code.
    """
    result = dataclasses.replace(result, notes=(*result.notes, *sample.notes))
    if out is not None:
        write_fit(result, sample, drawing, out)
        tell(f"Wrote {', '.join(FILES)} in {out}.")
    summary = result.summary()
    document = fit_document(result, sample, out)
    if coverage is not None:
        document["coverage"] = coverage.document()
    print_result(fit_text(summary), fit_rich(summary), document, as_json=as_json)
    if coverage is not None and not as_json:
        print(f"\n{coverage}")
    if result.status is Status.interrupted:
        return ExitCode.interrupted
    return ExitCode.done if result.valid else ExitCode.not_trustworthy


def write_fit(result: Fit, sample: Sample, drawing: DrawingOptions, out: Path) -> None:
    """Write the files of `surefit fit`.

    Args:
        result: The fit.
        sample: Its data.
        drawing: How the figure looks.
        out: The folder, which exists.

    Raises:
        FileProblem: A file cannot be written.
        InvalidOption: A logarithmic axis does not suit the data.
    """
    result.save(out / "fit.json")
    figure = _figure(result, sample, drawing)
    save_figure(figure, out / "fit.png")
    save_figure(figure, out / "fit.pdf")
    caption = f"{code(str(result.model))} and the data; below, the pulls (y − f(x)) / σ."
    picture = Picture(figure, caption)
    sections = [Section(pictures=(picture,), html=fit_html(result.summary()))]
    if len(result.evidence.counts) > 0:
        waterfall = Picture(
            result.plot_search(),
            "Where each independent start of the search ended; open circles were found only by "
            "the second search.",
        )
        sections.append(Section("The search", pictures=(waterfall,)))
    title = heading(f"{sample.y_label} against {sample.x_label}")
    write_atomically(out / "report.html", page(title, sections, footer=footer(sample.source)))


def _figure(result: Fit, sample: Sample, drawing: DrawingOptions) -> Any:
    """The curve over the data or, for several inputs, measured against predicted y."""
    if len(sample.inputs) == 1:
        return result.plot(**drawing.for_figure(sample.x_label, sample.y_label))
    sigma = result.data.noise.sigma[:, 0] * result.error_scale
    predicted = result.predict(sample.x)
    curve = parity_curve(str(result.model), sample.y, sigma, predicted)
    options = drawing.for_figure(f"predicted {sample.y_label}", f"measured {sample.y_label}")
    return fit_figure(curve, **options)


def fit_document(result: Fit, sample: Sample, out: Path | None) -> dict[str, Any]:
    """What `surefit fit --json` prints.

    Args:
        result: The fit.
        sample: Its data.
        out: The folder of the files written, or None.

    Returns:
        A document for `json_text`.
    """
    summary = result.summary()
    return {
        "model": summary.model,
        "valid": summary.is_valid,
        "status": result.status.name,
        "advice": summary.advice,
        "parameters": {
            row.name: {"value": row.value, "error": row.error, "note": row.note}
            for row in summary.rows
        },
        "free": list(result.names),
        "covariance": result.covariance,
        "chi2": summary.chi2,
        "ndof": summary.ndof,
        "pvalue": summary.pvalue,
        "rss": summary.rss,
        "n_points": summary.n_points,
        "n_dropped": summary.n_dropped + sample.n_dropped,
        "errors_estimated": summary.errors_estimated,
        "method": summary.method,
        "evidence": list(summary.evidence),
        "notes": list(summary.notes),
        "seconds": summary.seconds,
        "file": sample.source,
        "written": [] if out is None else [str(out / name) for name in FILES],
    }
