"""What is only made for points at an exact x."""

from surefit.exceptions import NotAvailable
from surefit.uncertainty.fit_record import FitRecord


def check_plain(fit: FitRecord, what: str, *, may_err: bool = False) -> None:
    """Refuse histograms, asymmetric errors and, unless they may be, errors on x.

    Args:
        fit: A `Fit`.
        what: What was asked for.
        may_err: Whether errors on x do not matter for it.

    Raises:
        NotAvailable: The fit is one of those.
    """
    reading = fit.data.reading
    if fit.data.noise.sides is not None:
        raise NotAvailable(f"{what} is not made for asymmetric errors yet.")
    if not (reading.is_plain or (may_err and reading.is_error)):
        kind = "errors on x" if reading.is_error else "histograms"
        raise NotAvailable(
            f"{what} is made for points at an exact x, not for fits with {kind} yet."
        )
