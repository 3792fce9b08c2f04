"""Quantities derived from a fit's parameters, printed with the digits that their errors support."""

import dataclasses
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Protocol

import numpy as np

from surefit.data.checked import Data
from surefit.exceptions import NotAvailable
from surefit.models.base import AbstractModel
from surefit.report.rounding import rounded
from surefit.uncertainty.bands import prediction_jacobian
from surefit.uncertainty.derived import propagate, undetermined
from surefit.uncertainty.reported import Reported


class WithParameters(Protocol):
    """What a fit must offer for quantities to be derived from it."""

    @property
    def model(self) -> AbstractModel: ...

    @property
    def data(self) -> Data: ...

    @property
    def working(self) -> np.ndarray: ...

    @property
    def remarks(self) -> Mapping[str, str]: ...


@dataclasses.dataclass(frozen=True, eq=False)
class Derived:
    """One or several quantities with their errors; print it.

    Attributes:
        value: In the shape that the function returned: a float, or an array.
        error: One standard deviation of each, in the same shape; NaN for the reason in `notes`.
        covariance: Covariance of the flattened values, shape (k, k).
        notes: Remarks, in sentences.
    """

    value: float | np.ndarray
    error: float | np.ndarray
    covariance: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def correlation(self) -> np.ndarray:
        """Correlation of the flattened values, shape (k, k)."""
        errors = np.sqrt(np.diag(self.covariance))
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.covariance / np.outer(errors, errors)

    def __str__(self) -> str:
        pairs = zip(np.ravel(self.value), np.ravel(self.error), strict=True)
        lines = [rounded(float(value), float(error)).text() for value, error in pairs]
        if np.ndim(self.value):
            indices = np.ndindex(np.shape(self.value))
            labels = [f"[{','.join(map(str, index))}]" for index in indices]
            lines = [f"{label}  {line}" for label, line in zip(labels, lines, strict=True)]
        return "\n".join([*lines, *(f"({note})" for note in self.notes)])

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return "<br>".join(escape(line) for line in str(self).splitlines())


def derived_of(fit: WithParameters, reported: Reported, function: Callable[[Any], Any]) -> Derived:
    """A function of a fit's parameters, with errors by the delta method.

    To first order, the covariance of g(θ) is G C Gᵀ with G = ∂g/∂θ (Rao 1973, *Linear Statistical
    Inference*, section 6a.2). Where g is strongly curved within the errors this is not enough.

    Args:
        fit: The fit.
        reported: Its parameters in the form in which they are reported, errors scaled.
        function: Takes the parameters by attribute, returns a number, a tuple or an array.

    Returns:
        Values, errors and covariance.

    Raises:
        NotAvailable: The fit could not convert its parameters to those reported.

    Example:
        >>> import surefit as sf
        >>> fit = sf.fit([0, 1, 2, 3], [1.1, 2.9, 5.2, 6.8], sf.Line(), yerr=0.2)
        >>> print(fit.derived(lambda p: -p.intercept / p.slope))
        -0.56 ± 0.11
    """
    if reported.refusal:
        raise NotAvailable(reported.refusal)
    found = propagate(function, reported.parameters, reported.values)
    covariance = found.jacobian @ reported.covariance @ found.jacobian.T
    notes = [] if found.is_exact else ["The function could not be traced; derivatives are numeric."]
    reasons = _unknown(fit, reported, found.jacobian)
    for row, reason in reasons.items():
        covariance[row, :] = covariance[:, row] = np.nan
        where = f"[{row}]: " if found.values.ndim else ""
        notes.append(f"{where}no error, as it depends on {reason}.")
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0)).reshape(found.values.shape)
    if not found.values.ndim:
        return Derived(float(found.values), float(errors), covariance, tuple(notes))
    return Derived(found.values, errors, covariance, tuple(notes))


def _unknown(fit: WithParameters, reported: Reported, jacobian: np.ndarray) -> dict[int, str]:
    """Why quantities have no error, by index."""
    names, reasons = reported.parameters.names, {}
    for column, name in enumerate(names):
        remark = fit.remarks.get(name, "")
        if remark.startswith(("at its", "step", "no covariance")):
            for row in np.flatnonzero(jacobian[:, column]):
                reasons.setdefault(int(row), f"{name} ({remark})")
    if "not determined" in fit.remarks.values():
        for row in np.flatnonzero(_undetermined(fit, names, jacobian)):
            reasons.setdefault(int(row), "a combination that the data do not determine")
    return reasons


def _undetermined(fit: WithParameters, names: tuple[str, ...], jacobian: np.ndarray) -> np.ndarray:
    """Mask of the quantities that the data leave free, shape (k,)."""
    tangent = np.asarray(prediction_jacobian(fit.model, fit.working, fit.data.x))
    tangent = tangent / fit.data.noise.sigma[:, :, None]
    tangent = tangent.reshape(-1, tangent.shape[2])
    conversion = fit.model.conversion()
    if conversion is not None:
        return undetermined(jacobian @ conversion.matrix, tangent)
    # What is fixed, tied or at a limit is not free, whatever the data say.
    searched = [fit.remarks.get(name, "") in ("", "not determined") for name in names]
    return undetermined(jacobian[:, searched], tangent[:, searched])
