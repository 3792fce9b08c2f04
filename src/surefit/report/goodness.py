"""Goodness of fit as a record that prints, shows in a notebook, and plots itself."""

import dataclasses
import math
import textwrap
from collections.abc import Iterator
from html import escape

from surefit.minimizers.base import Report
from surefit.report.fit_summary import fit_summary
from surefit.report.goodness_wording import decisive_points, expectation, findings, found
from surefit.report.html import table_html, view
from surefit.report.rounding import significant
from surefit.report.summary import FitSummary
from surefit.report.text import WIDTH
from surefit.report.wording import count_of, plain, probability, quality, shortened
from surefit.uncertainty.fit_record import FitRecord
from surefit.uncertainty.goodness.assess import assess
from surefit.uncertainty.goodness.assessment import Along, Assessment, Check
from surefit.uncertainty.goodness.influence import Influence
from surefit.uncertainty.goodness.refitted import refitted_pulls


@dataclasses.dataclass(frozen=True, eq=False)
class Goodness:
    """What the residuals of a fit say of the model and of the errors; print it, plot it.

    Every probability is of toys of the same fit: pulls drawn as they would be if model and
    errors were right, after the fit has taken up its share of them (as many as `n_toys`, drawn
    without refitting, which is exact for linear models and holds to first order for others).
    That a search had many shapes to choose from, as for grown sigmoids, is not in them: then
    pulls look somewhat too narrow. `fit.check_goodness(cold=True)` refits its toys.

    Attributes:
        summary: The fit that is judged.
        assessment: All statistics.
        findings: What speaks against the fit, in sentences; empty if nothing does.
        remarks: Further remarks, such as points that decide the fit.
    """

    summary: FitSummary
    assessment: Assessment
    findings: tuple[str, ...]
    remarks: tuple[str, ...]

    @property
    def chi2(self) -> float:
        """χ² at the minimum; NaN if no errors were given."""
        return self.summary.chi2

    @property
    def ndof(self) -> float:
        """Degrees of freedom."""
        return self.summary.ndof

    @property
    def pvalue(self) -> float:
        """Probability of a χ² at least as large; NaN if no errors were given."""
        return self.summary.pvalue

    @property
    def n_toys(self) -> int:
        """Number of toys behind every probability."""
        return self.assessment.n_toys

    @property
    def width(self) -> Check:
        """Width of the pulls; NaN if no errors were given."""
        return self.assessment.width

    @property
    def largest(self) -> Check:
        """The largest pull, all points looked at."""
        return self.assessment.largest

    @property
    def kolmogorov_smirnov(self) -> Check:
        """Distance of the pulls' distribution from a normal one."""
        return self.assessment.kolmogorov_smirnov

    @property
    def anderson_darling(self) -> Check:
        """The same with weight on the tails."""
        return self.assessment.anderson_darling

    @property
    def along(self) -> tuple[Along, ...]:
        """Tests of the pulls along each input, in turn."""
        return self.assessment.along

    @property
    def runs(self) -> Check:
        """Number of runs of one sign along the first input."""
        return self.along[0].runs

    @property
    def von_neumann(self) -> Check:
        """Mean squared difference of neighbors along the first input over the mean square."""
        return self.along[0].von_neumann

    @property
    def lag_correlation(self) -> Check:
        """Correlation of neighbors along the first input."""
        return self.along[0].lag_correlation

    @property
    def influence(self) -> Influence:
        """Leverage, Cook's distance and studentized residual of every point."""
        return self.assessment.influence

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against the fit: that does not prove the model right."""
        return not self.findings

    def __str__(self) -> str:
        return goodness_text(self)

    def __repr__(self) -> str:
        return goodness_text(self)

    def _repr_html_(self) -> str:
        return goodness_html(self)

    def plot(self, *, x_label: str = "x"):
        """Draw pulls against x, their histogram, their autocorrelation, and the leverage.

        Args:
            x_label: Label of the horizontal axis; mathematics between dollar signs.

        Returns:
            A matplotlib figure; `figure.savefig("goodness.pdf")` writes it.
        """
        # matplotlib takes longer to import than most fits take.
        from surefit.report.goodness_figure import goodness_figure

        return goodness_figure(self.assessment, x_label=x_label)


def goodness_of_refits(
    fit: FitRecord, toys: int, cold: bool, key: int, progress: Report | None
) -> Goodness:
    """See `Fit.check_goodness`."""
    assessment = assess(fit, refitted_pulls(fit, toys, cold=cold, key=key, report=progress))
    how = "by a search from no start" if cold else "downhill from this fit"
    remark = f"{assessment.n_toys} toys were drawn from the curve and refitted {how}."
    remarks = (*decisive_points(assessment), remark)
    return Goodness(fit_summary(fit), assessment, findings(assessment), remarks)


def goodness_of(fit: FitRecord) -> Goodness:
    """Judge a fit by its residuals.

    Args:
        fit: The fit.

    Raises:
        NotAvailable: The residuals say nothing: as many parameters as points, an exact fit, or no
            covariance.

    Example:
        >>> import numpy as np, surefit as sf
        >>> x = np.linspace(0, 1, 200)
        >>> y = 1 + x + np.random.default_rng(1).normal(0, 0.1, 200)
        >>> sf.fit(x, y, sf.Line(), yerr=0.1).goodness.is_good
        True
    """
    assessment = assess(fit)
    return Goodness(fit_summary(fit), assessment, findings(assessment), decisive_points(assessment))


def goodness_text(goodness: Goodness) -> str:
    """Describe the goodness of a fit in plain text of at most 80 columns.

    Args:
        goodness: The record.
    """
    lines = [*textwrap.wrap(_head(goodness), WIDTH), verdict(goodness), ""]
    for sentence in (*goodness.findings, *goodness.remarks):
        lines += textwrap.wrap(
            plain(sentence), WIDTH, initial_indent="  * ", subsequent_indent="    "
        )
    lines += [""] if goodness.findings or goodness.remarks else []
    lines += textwrap.wrap(
        quality(goodness.summary), WIDTH, initial_indent="  ", subsequent_indent="  "
    )
    rows = list(_rows(goodness))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines.append("")
    for name, value, expected, chance in rows:
        cells = (name.ljust(widths[0]), value.rjust(widths[1]), expected.rjust(widths[2]))
        lines.append("  " + "  ".join((*cells, chance)))
    lines.append("")
    for note in _notes(goodness):
        lines += textwrap.wrap(note, WIDTH, initial_indent="  ", subsequent_indent="  ")
    return "\n".join(line.rstrip() for line in lines)


def goodness_html(goodness: Goodness) -> str:
    """Describe the goodness of a fit as a piece of HTML that can stand anywhere in a page.

    Args:
        goodness: The record.
    """
    header, *rows = _rows(goodness)
    kind = "surefit-verdict" if goodness.is_good else "surefit-warn"
    sentences = [escape(plain(text)) for text in (*goodness.findings, *goodness.remarks)]
    listed = "".join(f"<li>{text}</li>" for text in sentences)
    cells = [[escape(cell) for cell in row] for row in rows]
    return view(
        [
            f"<p><b>{escape(_head(goodness))}</b></p>",
            f'<p class="{kind}">{escape(verdict(goodness))}</p>',
            f"<ul>{listed}</ul>" if listed else "",
            f"<p>{escape(quality(goodness.summary)).replace('chi2', 'χ<sup>2</sup>')}</p>",
            table_html([header[0], *(f">{cell}" for cell in header[1:])], cells),
            *(f'<p class="surefit-quiet">{escape(note)}</p>' for note in _notes(goodness)),
        ]
    )


def verdict(goodness: Goodness) -> str:
    """Say in a sentence whether model and errors describe the data.

    Args:
        goodness: The record.
    """
    if goodness.is_good:
        return "Nothing in the residuals speaks against model or errors."
    return "The residuals speak against this fit."


def _head(goodness: Goodness) -> str:
    model = shortened(goodness.summary.model, 200)
    return f"Goodness of fit of {model}: {count_of(goodness.summary.n_points, 'point')}"


def _rows(goodness: Goodness) -> Iterator[tuple[str, str, str, str]]:
    """The table: what, found, expected, p."""
    yield ("", "found", "expected", "p")
    yield from _checked("width of the pulls", goodness.width)
    yield from _checked("largest pull", goodness.largest)
    yield from _checked("Kolmogorov-Smirnov distance", goodness.kolmogorov_smirnov)
    yield from _checked("Anderson-Darling A2", goodness.anderson_darling)
    for along in goodness.along:
        of = f", x[:, {along.input}]" if len(goodness.along) > 1 else ""
        yield from _checked(f"runs of one sign{of}", along.runs)
        yield from _checked(f"von Neumann ratio{of}", along.von_neumann)
        yield from _checked(f"correlation of neighbors{of}", along.lag_correlation)
        yield from _checked(f"shift of a stretch{of}", along.shift)
        yield from _checked(f"width of a stretch{of}", along.width)


def _checked(name: str, check: Check) -> Iterator[tuple[str, str, str, str]]:
    if not math.isnan(check.pvalue):
        yield (name, found(check), expectation(check), probability(check.pvalue))


def _notes(goodness: Goodness) -> list[str]:
    least = probability(1 / (goodness.n_toys + 1))
    notes = [
        f"Each p is from {goodness.n_toys} toys of this fit, fitted as the data were, and never "
        f"below {least}; for a stretch, all places and lengths are looked at."
    ]
    if math.isnan(goodness.width.pvalue):
        notes.append(
            "No errors on y were given, so nothing can be said of their size; a model that is "
            "wrong in the same way everywhere cannot be told from larger errors."
        )
    named = [
        f"{point.index} ({significant(point.cook, 2)})" for point in goodness.influence.most[:3]
    ]
    if named:
        notes.append(f"Most influential points (Cook's distance): {', '.join(named)}.")
    return notes
