"""What `surefit compare` writes and prints."""

from pathlib import Path
from typing import Any

from surefit.cli.drawing import DrawingOptions
from surefit.cli.outputs import code, footer, heading, print_result, tell
from surefit.cli.sample import Sample
from surefit.report.comparison import comparison_html, comparison_rich, comparison_text
from surefit.report.files import write_atomically, write_json
from surefit.report.html import fit_html
from surefit.report.page import Picture, Section, page
from surefit.report.score_table import Score
from surefit.report.style import save_figure
from surefit.selection.compare import Comparison


def conclude(
    result: Comparison, sample: Sample, drawing: DrawingOptions, out: Path | None, *, as_json: bool
) -> None:
    """Write the files of a comparison and print it.

    Args:
        result: The comparison.
        sample: Its data, with notes that are told.
        drawing: How the figure looks.
        out: The folder to write in, or None.
        as_json: Whether to print a JSON document.
    """
    document = comparison_document(result, sample)
    if out is not None:
        write_json(out / "compare.json", document)
        write_comparison(result, sample, drawing, out)
        tell(f"Wrote {', '.join(files_for(sample))} in {out}.")
    for note in sample.notes:
        tell(note)
    rows, verdict = result.rows, result.verdict
    view = comparison_rich(rows, verdict)
    print_result(comparison_text(rows, verdict), view, document, as_json=as_json)


def files_for(sample: Sample) -> tuple[str, ...]:
    """What `--out` writes; there are no figures where there are several inputs."""
    figures = ("compare.png", "compare.pdf") if len(sample.inputs) == 1 else ()
    return ("compare.json", *figures, "report.html")


def write_comparison(
    result: Comparison, sample: Sample, drawing: DrawingOptions, out: Path
) -> None:
    """Write the figures and the report of `surefit compare`.

    Args:
        result: The comparison.
        sample: Its data.
        drawing: How the figure looks.
        out: The folder, which exists.

    Raises:
        FileProblem: A file cannot be written.
        InvalidOption: A logarithmic axis does not suit the data.
    """
    pictures = ()
    if len(sample.inputs) == 1:
        figure = result.plot(**drawing.for_figure(sample.x_label, sample.y_label))
        save_figure(figure, out / "compare.png")
        save_figure(figure, out / "compare.pdf")
        pictures = (Picture(figure, "All models and the data; below, the pulls of each."),)
    first = Section(pictures=pictures, html=comparison_html(result.rows, result.verdict))
    pairs = zip(result.labels, result.fits, strict=True)
    others = [Section(code(label), html=fit_html(one.summary())) for label, one in pairs]
    title = heading(f"Models of {sample.y_label} against {sample.x_label}")
    content = page(title, [first, *others], footer=footer(sample.source))
    write_atomically(out / "report.html", content)


def comparison_document(result: Comparison, sample: Sample) -> dict[str, Any]:
    """What `surefit compare --json` prints and compare.json holds.

    Args:
        result: The comparison.
        sample: Its data.

    Returns:
        A document for `json_text`.
    """
    return {
        "verdict": result.verdict,
        "best": result.rows[0].label,
        "models": [
            {
                "model": row.label,
                "valid": row.is_valid,
                "chi2": row.chi2,
                "ndof": row.ndof,
                "pvalue": row.pvalue,
                "aicc": row.aicc,
                "bic": row.bic,
                "weight": row.weight,
                "left_out": _score(row.left_out),
                "cross_validation": _score(row.validated),
                "n_parameters": row.n_parameters,
                "seconds": row.seconds,
                "note": row.note,
                "parameters": _parameters(result, row.label),
            }
            for row in result.rows
        ],
        "n_points": len(sample.y),
        "n_dropped": sample.n_dropped,
        "notes": list(sample.notes),
        "file": sample.source,
    }


def _score(score: Score) -> dict[str, float]:
    return {
        "value": score.value,
        "error": score.error,
        "difference": score.gap,
        "difference_error": score.gap_error,
    }


def _parameters(result: Comparison, label: str) -> dict[str, dict[str, float]]:
    for own, one in zip(result.labels, result.fits, strict=True):
        if own == label:
            return {
                name: {"value": value, "error": one.errors[name]}
                for name, value in one.values.items()
            }
    return {}
