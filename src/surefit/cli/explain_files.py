"""What `surefit explain` writes and prints."""

import dataclasses
from pathlib import Path
from typing import Any

from surefit.cli.drawing import DrawingOptions
from surefit.cli.outputs import code, footer, heading, print_result, tell
from surefit.cli.sample import Sample
from surefit.report.files import write_atomically, write_json
from surefit.report.html import fit_html
from surefit.report.ladder import ladder_html, ladder_rich, ladder_text
from surefit.report.page import Picture, Section, page
from surefit.report.style import save_figure
from surefit.selection.explain import Explanation

_LADDER = (
    "The ladder: what each model leaves of the data (above), and whether anything larger is "
    "significantly better (below). Filled marks are enough; the ring is around the smallest."
)


def conclude(
    result: Explanation, sample: Sample, drawing: DrawingOptions, out: Path | None, *, as_json: bool
) -> None:
    """Write the files of an explanation and print it.

    Args:
        result: The explanation.
        sample: Its data, with notes that are told.
        drawing: How the figure of the fits looks.
        out: The folder to write in, or None.
        as_json: Whether to print a JSON document.
    """
    document = explanation_document(result, sample)
    if out is not None:
        write_json(out / "explain.json", document)
        _write(result, sample, drawing, out)
        tell(f"Wrote {', '.join(files_for(sample))} in {out}.")
    for note in sample.notes:
        tell(note)
    said = (result.rows, result.verdict, result.notes)
    print_result(ladder_text(*said), ladder_rich(*said), document, as_json=as_json)


def files_for(sample: Sample) -> tuple[str, ...]:
    """What `--out` writes; there are no curves where there are several inputs."""
    fits = ("fits.png", "fits.pdf") if len(sample.inputs) == 1 else ()
    return ("explain.json", "ladder.png", "ladder.pdf", *fits, "report.html")


def _write(result: Explanation, sample: Sample, drawing: DrawingOptions, out: Path) -> None:
    figure = result.plot(title=drawing.title)
    pictures = [Picture(figure, _LADDER)]
    figures = {"ladder": figure}
    if len(sample.inputs) == 1:
        figures["fits"] = result.plot_fits(**drawing.for_figure(sample.x_label, sample.y_label))
        pictures.append(Picture(figures["fits"], "The telling rungs; below, the pulls of each."))
    for name, drawn in figures.items():
        save_figure(drawn, out / f"{name}.png")
        save_figure(drawn, out / f"{name}.pdf")
    first = Section(
        pictures=tuple(pictures), html=ladder_html(result.rows, result.verdict, result.notes)
    )
    pairs = zip(result.labels, result.fits, strict=True)
    others = [Section(code(label), html=fit_html(one.summary())) for label, one in pairs]
    title = heading(f"What explains {sample.y_label} against {sample.x_label}")
    content = page(title, [first, *others], footer=footer(sample.source))
    write_atomically(out / "report.html", content)


def explanation_document(result: Explanation, sample: Sample) -> dict[str, Any]:
    """What `surefit explain --json` prints and explain.json holds.

    Args:
        result: The explanation.
        sample: Its data.

    Returns:
        A document for `json_text`.
    """
    best = result.best
    return {
        "verdict": result.verdict,
        "best": str(best.model),
        "is_explained": result.is_explained,
        "valid": best.valid,
        "parameters": {
            name: {"value": value, "error": best.errors[name]}
            for name, value in best.values.items()
        },
        "rungs": [dataclasses.asdict(row) for row in result.rows],
        "failures": dict(result.failures),
        "n_points": len(sample.y),
        "n_dropped": sample.n_dropped,
        "notes": list(sample.notes),
        "file": sample.source,
    }
