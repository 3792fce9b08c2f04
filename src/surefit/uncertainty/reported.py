"""The parameters as the user reads them: converted, with their errors."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from surefit.annotations import Float
from surefit.models.base import AbstractModel
from surefit.models.parameters import Parameters
from surefit.uncertainty.covariance import factor_of

# A conversion to named coefficients that costs more digits than this leaves too few to print.
MOST_DIGITS_LOST = 12.0


@dataclasses.dataclass(frozen=True, eq=False)
class Reported:
    """Parameters in the form in which they are reported.

    Attributes:
        parameters: Their names and shapes.
        values: Shape (r,).
        errors: One standard deviation of each, shape (r,).
        covariance: Shape (r, r).
        free: Mask of those that were free, shape (r,).
        refusal: Why values are NaN, in a sentence, or empty.
    """

    parameters: Parameters
    values: np.ndarray
    errors: np.ndarray
    covariance: np.ndarray
    free: np.ndarray
    refusal: str = ""

    @property
    def free_names(self) -> tuple[str, ...]:
        """Names of the free ones."""
        pairs = zip(self.parameters.names, self.free, strict=True)
        return tuple(name for name, is_free in pairs if is_free)

    @property
    def free_covariance(self) -> np.ndarray:
        """Covariance of the free ones."""
        return self.covariance[np.ix_(self.free, self.free)]

    def named_values(self) -> dict[str, float]:
        """Values by name."""
        return dict(zip(self.parameters.names, map(float, self.values), strict=True))

    def named_errors(self, remarks: Mapping[str, str]) -> dict[str, float]:
        """One standard deviation by name; NaN where a remark says why there is none.

        Args:
            remarks: Remarks by name.
        """
        named = dict(zip(self.parameters.names, map(float, self.errors), strict=True))
        for (name, error), is_free in zip(list(named.items()), self.free, strict=True):
            # What is tied to nothing that has an error has none either.
            has_none = is_free or (error == 0 and remarks.get(name, "").startswith("tied"))
            if name in remarks and has_none:
                named[name] = float("nan")
        return named


def reported_of(
    model: AbstractModel,
    working: Float[np.ndarray, " p"],
    covariance: Float[np.ndarray, "p p"],
    free: np.ndarray,
) -> Reported:
    """Convert working parameters to reported ones.

    Args:
        model: The resolved model.
        working: Values the fit worked with.
        covariance: Their covariance.
        free: Mask of the free ones.

    Returns:
        The reported parameters. Where the conversion would lose more than 12 digits it is
        refused: values and errors are NaN, and the curve, which does not need it, stands.
    """
    conversion = model.conversion()
    if conversion is None:
        errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        return Reported(model.parameters(), working, errors, covariance, free)
    r = conversion.parameters.size
    all_free = np.ones(r, dtype=bool)
    if not conversion.digits_lost <= MOST_DIGITS_LOST:
        unknown = np.full(r, np.nan)
        refusal = (
            f"Writing the curve with these coefficients would lose {conversion.digits_lost:.3g} "
            f"of 16 digits, so they are not given; the curve itself is not affected. Use a lower "
            "degree or a basis that suits the data, such as Chebyshev."
        )
        square = np.full((r, r), np.nan)
        return Reported(conversion.parameters, unknown, unknown, square, all_free, refusal)
    # Through a factor of the covariance, as products of very large and very small coefficients
    # would overflow or lose their digits.
    factor = conversion.matrix @ factor_of(covariance)
    errors = np.linalg.norm(factor, axis=1)
    return Reported(
        conversion.parameters, conversion.reported(working), errors, factor @ factor.T, all_free
    )
