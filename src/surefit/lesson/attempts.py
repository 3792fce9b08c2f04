"""The lesson's attempts, each with one call of `fit` and no starting values."""

import dataclasses

import numpy as np

from surefit.bases.fourier import Fourier
from surefit.bases.polynomials import Chebyshev, Hermite, Jacobi, Laguerre, Legendre, Polynomial
from surefit.bases.sigmoids import Sigmoids
from surefit.fitting import fit
from surefit.lesson.attempt import Attempt, attempt_of_fit
from surefit.lesson.sample import Sample, ansatz, parabola, toss
from surefit.models.linear import Line
from surefit.networks.conversion import to_sigmoids
from surefit.networks.dense import Dense

N_TERMS = 15  # of each of the lesson's bases
N_MANY_TERMS = 100
N_HARMONICS = 7
N_UNITS = 5

EXACT = "closed form"
SEARCHED = "no starting values"


def line(sample: Sample) -> Attempt:
    """A straight line."""
    return _attempt(sample, "line", "straight line", Line(), EXACT)


def theory(sample: Sample) -> Attempt:
    """The theory-driven ansatz, whose edges are steps."""
    return _attempt(sample, "ansatz", "ansatz", ansatz, SEARCHED)


def tossed(sample: Sample) -> Attempt:
    """The tossed object with the right theory."""
    return _attempt(sample, "toss", "falling in air", toss, SEARCHED)


def tossed_without_air(sample: Sample) -> Attempt:
    """The tossed object with the wrong theory."""
    return _attempt(sample, "toss-parabola", "falling without air", parabola, SEARCHED)


def taylor(sample: Sample) -> Attempt:
    """15 powers of x."""
    model = Polynomial(N_TERMS - 1)
    return _attempt(sample, "taylor-15", f"Taylor, {N_TERMS} terms", model, EXACT)


def long_taylor(sample: Sample) -> Attempt:
    """100 powers of x."""
    model = Polynomial(N_MANY_TERMS - 1)
    attempt = _attempt(sample, "taylor-100", f"Taylor, {N_MANY_TERMS} terms", model, EXACT)
    # Coefficients in powers of x cannot be written with the digits of a float; the curve can.
    return dataclasses.replace(attempt, values={})


def fourier(sample: Sample) -> Attempt:
    """A constant, 7 cosines and 7 sines, by least squares."""
    title = f"Fourier, 1 + {N_HARMONICS} + {N_HARMONICS} terms"
    return _attempt(sample, "fourier", title, Fourier(N_HARMONICS, period=1.0), EXACT)


def orthogonal(sample: Sample) -> tuple[Attempt, ...]:
    """The classical orthogonal polynomials, 15 terms of each."""
    degree = N_TERMS - 1
    models = {
        "Chebyshev": Chebyshev(degree),
        "Legendre": Legendre(degree),
        "Jacobi": Jacobi(degree, 1.0, 1.0),
        "Laguerre": Laguerre(degree),
        "Hermite": Hermite(degree),
    }
    return tuple(
        _attempt(sample, name.lower(), f"{name}, {N_TERMS} terms", model, EXACT)
        for name, model in models.items()
    )


def sigmoids(sample: Sample) -> Attempt:
    """Five adaptive sigmoids."""
    return _attempt(sample, "sigmoids", f"{N_UNITS} sigmoids", Sigmoids(N_UNITS), SEARCHED)


def network(sample: Sample) -> Attempt:
    """The same as a network with one hidden layer."""
    title = f"hidden layer of {N_UNITS}"
    return _attempt(sample, "network", title, Dense(N_UNITS), SEARCHED)


@dataclasses.dataclass(frozen=True)
class Conversion:
    """A fitted network, written as a sum of sigmoids.

    Attributes:
        slopes: Weight of each hidden unit, 1/width up to its sign.
        intercepts: Bias of each hidden unit, −center/width up to its sign.
        output_weights: Weight of each unit in the output.
        output_bias: The constant.
        coefficients: The sigmoids' coefficients.
        centers: Their centers.
        widths: Their widths.
        constant: The sum's constant.
        largest_difference: Between the two forms, over the sample's points.
    """

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    output_weights: tuple[float, ...]
    output_bias: float
    coefficients: tuple[float, ...]
    centers: tuple[float, ...]
    widths: tuple[float, ...]
    constant: float
    largest_difference: float


def converted(attempt: Attempt, sample: Sample) -> Conversion:
    """Write the fitted network as sigmoids and compare the two.

    Args:
        attempt: What `network` returned.
        sample: The points at which the two forms are compared.
    """
    result = attempt.fit
    assert result is not None
    assert isinstance(result.model, Dense)
    # Reported values belong to the direct form, whatever form the fit worked with.
    dense, reported = result.model.direct(), np.array(list(result.values.values()))
    model, values = to_sigmoids(dense, reported)
    named = model.parameters().split(values)
    curve = np.asarray(model.evaluate(values, sample.x))[:, 0]
    difference = np.abs(curve - attempt.predict(sample.x)).max()
    arrays = result.parameters
    return Conversion(
        slopes=tuple(map(float, arrays["hidden.weight"].ravel())),
        intercepts=tuple(map(float, arrays["hidden.bias"])),
        output_weights=tuple(map(float, arrays["output.weight"].ravel())),
        output_bias=float(arrays["output.bias"][0]),
        coefficients=tuple(map(float, named["sigmoids.coefficient"])),
        centers=tuple(map(float, named["sigmoids.center"])),
        widths=tuple(map(float, named["sigmoids.width"])),
        constant=float(values[-1]),
        largest_difference=float(difference),
    )


def _attempt(sample: Sample, key: str, title: str, model: object, method: str) -> Attempt:
    result = fit(sample.x, sample.y, model, sample.yerr)
    return attempt_of_fit(key, title, result, method)
