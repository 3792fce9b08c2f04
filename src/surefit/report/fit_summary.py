"""From a fit to the plain record that its views show."""

from surefit.report.summary import FitSummary, ParameterRow
from surefit.report.wording import count_of
from surefit.uncertainty.fit_record import FitRecord


def fit_summary(fit: FitRecord) -> FitSummary:
    """Everything that the text and HTML views of a fit show.

    Args:
        fit: A `Fit`.
    """
    refusal = fit.reported.refusal
    rows = [
        ParameterRow(name, value, fit.errors[name], fit.remarks.get(name, ""))
        for name, value in ({} if refusal else fit.values).items()
    ]
    return FitSummary(
        model=str(fit.model),
        rows=tuple(rows),
        n_points=fit.data.n_points,
        n_dropped=fit.data.n_dropped,
        chi2=fit.chi2,
        ndof=fit.ndof,
        pvalue=fit.pvalue,
        rss=fit.rss,
        errors_estimated=fit.estimates_errors,
        is_valid=fit.valid,
        status=fit.status.name.replace("_", " "),
        advice=fit.status.advice,
        method=fit.method,
        evidence=fit.evidence.explanation,
        notes=(*_measured(fit), *_penalized(fit), *fit.notes, *((refusal,) if refusal else ())),
        seconds=fit.seconds,
        n_withheld=len(fit.values) - len(rows),
        is_of_counts=fit.loss.is_of_counts,
    )


def _measured(fit: FitRecord) -> tuple[str, ...]:
    """How much of χ² comes from Gaussian constraints."""
    n, part = len(fit.constraints.gaussian), fit.constraint_chi2
    if n == 0:
        return ()
    return (
        f"Gaussian constraints ({count_of(n, 'number')}) count as data: they make up {part:.4g} of "
        f"the {fit.deviance:.4g} in -2 ln L, the points {fit.deviance - part:.4g}.",
    )


def _penalized(fit: FitRecord) -> tuple[str, ...]:
    """What a penalty holds back, and what errors mean under it."""
    if fit.penalty is None:
        return ()
    return (
        f"With the penalty {fit.penalty} the fit spends {fit.effective_parameters:.3g} of "
        f"{count_of(len(fit.names), 'parameter')}. Errors and band take it for what was known "
        "before: they hold for the curve on average over x, not where it bends most "
        "(Nychka 1988), and not for single parameters.",
    )
