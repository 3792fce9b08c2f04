"""The report's chapters on fixed bases: Taylor, Fourier, the orthogonal polynomials."""

import numpy as np

from surefit.lesson.attempt import Attempt
from surefit.lesson.phrases import HEADER, against, number, quality, row, small
from surefit.lesson.run import Lesson
from surefit.lesson.sample import Array
from surefit.report.page import PageTable, Picture, Section
from surefit.report.style import Drawing
from surefit.report.wording import duration

ORTHOGONAL = ("chebyshev", "legendre", "jacobi", "laguerre", "hermite")


def fixed_bases(lesson: Lesson, figures: dict[str, Drawing]) -> list[Section]:
    """What sums of given functions can do."""
    return [
        _taylor(lesson, figures),
        _more_terms(lesson, figures),
        _fourier(lesson, figures),
        _orthogonal(lesson, figures),
    ]


def _taylor(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    attempt = lesson.attempts["taylor-15"]
    text = rf"""
Now forget the theory. A physicist's first thought is a Taylor series: almost any function is a sum
of powers, if you take enough of them.

$$f(x) = c_0 + c_1\,x + c_2\,x^2 + \ldots + c_{{14}}\,x^{{14}}$$

The powers are a *basis*: a fixed set of functions, and only the coefficients in front of them are
fitted. So the curve bends as much as you like, but it is still linear in its parameters, and linear
algebra finds the one minimum at once: {attempt.n_parameters} parameters,
{duration(attempt.seconds)}, {quality(attempt)}.

**Why does it wiggle?** Each power reaches over the whole range. To follow the wave in the middle
the series needs large, strongly curved terms there, and what these terms do elsewhere has to be
canceled by other terms, which can only be done roughly: wiggles run out to both ends, where the
true curve is quiet. And no polynomial has a corner. The jump near x = 0.58 is smeared over a
width that the highest degree can resolve, and it sends out ripples of its own.
"""
    caption = "15 terms of a Taylor series. The wave is met; the flat parts pay for it."
    return Section("Taylor series", text, (), (Picture(figures["taylor-15"], caption),))


def _more_terms(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    ours, theirs = made["taylor-100"], made["taylor-100-numpy"]
    at = np.array([1.01, 1.1])
    sizes = [small(abs(value)) for value in ours.predict(at)]
    text = rf"""
So take more terms. With {ours.n_parameters} of them $\chi^2$ falls to {number(ours.chi2)} for
{ours.ndof} degrees of freedom. Inside the data the curve now follows nearly everything, part of the
noise included: a hundred coefficients can do that.

There is a numerical lesson here as well. On [0, 1] the powers $x^{{40}}$, $x^{{41}}$ and $x^{{42}}$
look almost the same, so their coefficients become huge and nearly cancel. `numpy.polyfit` works
with the powers themselves in 16 digits, has to give up on combinations that it cannot tell apart,
and ends at {number(theirs.chi2)}. We solve the same least squares in polynomials that are
orthogonal on these very points, and lose nothing; only the coefficients in front of the powers
cannot be written down any more in 16 digits, and the program says so instead of printing them.

Now look outside of the data. At x = 1.01, a hair beyond the last point, the 100-term curve has a
size of {sizes[0]}, and at x = 1.1 of {sizes[1]}. A polynomial of degree 99 must run away like
$x^{{99}}$ as soon as no data hold it. A fit that is better inside can be worthless one step
outside; we say that it does not *generalize*.
"""
    inside = "100 terms inside the range of the data, solved in two ways."
    outside = (
        "The same curves from 0 to 2. In the gray region there are no data, and the polynomials "
        "leave the figure almost vertically. The dashed line is the formula that made the points, "
        "continued."
    )
    pictures = (Picture(figures["taylor-100"], inside), Picture(figures["taylor-outside"], outside))
    return Section("More terms, and the world outside", text, (), pictures)


def _fourier(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    ours, theirs = made["fourier"], made["fourier-trapezoid"]
    ends = ours.predict(np.array([0.0, 1.0]))
    text = rf"""
The physicist's second thought is a Fourier series, a constant with seven cosines and seven sines:

$$f(x) = a_0 + \sum_{{k=1}}^{{7}} a_k \cos(2\pi k x) + b_k \sin(2\pi k x)$$

These functions are orthogonal over one period, so that textbooks compute each coefficient by an
integral of its own. With points instead of a function one can estimate the integral by the
trapezoid rule, as the course does: $\chi^2$ = {number(theirs.chi2)}. But that does not *minimize*
anything. The points are not evenly spaced and the integral from the last point to the end of the
period is missing. Least squares, which takes the same 15 functions and asks for the smallest
$\chi^2$, gets {number(ours.chi2)}, {against(ours.chi2, theirs.chi2)} the trapezoid's.

Both are bad here, and for a reason that no formula for the coefficients can change: a Fourier
series is *periodic*. It must come back at x = 1 to where it began at x = 0
({_signed(ends[0])} and {_signed(ends[1])} above), but the data begin near
{_signed(lesson.sample.y[0])} and end near {_signed(lesson.sample.y[-1])}. To the series that is
one more jump, and at a jump it rings. Taylor runs away outside; Fourier repeats itself.
"""
    caption = "15 terms of a Fourier series, by least squares and by the trapezoid rule."
    return Section("Fourier series", text, (), (Picture(figures["fourier"], caption),))


def _orthogonal(lesson: Lesson, figures: dict[str, Drawing]) -> Section:
    made = lesson.attempts
    taylor = made["taylor-15"]
    grid = np.linspace(lesson.sample.x.min(), lesson.sample.x.max(), 2001)
    curves = [_from_coefficients(made[key], grid) for key in ("taylor-15", *ORTHOGONAL)]
    apart = float(np.ptp(curves, axis=0).max())
    chi2 = [made[key].chi2 for key in ORTHOGONAL]
    spread = max(abs(value / taylor.chi2 - 1) for value in chi2)
    text = rf"""
Perhaps we chose the wrong polynomials? Mathematics offers Chebyshev's, Legendre's, Jacobi's,
Laguerre's and Hermite's. They look very different, and each family is orthogonal under a weight of
its own.

Here is the surprise: with 15 terms each, **they all give the same curve as Taylor**. Each family's
first 15 members are polynomials of degree 0 to 14, and every polynomial of degree 14 is a sum of
them, in one way. They *span the same space*; the fit looks for the best curve in that space, and
there is only one. In this run the six curves, each summed from its own coefficients, differ by
{small(apart)} at most: rounding. The values of $\chi^2$ differ by {small(spread)}, as the program
solves all six in the same orthogonal polynomials and then converts.

What the choice of a basis does change is arithmetic. Coefficients of an orthogonal basis are nearly
independent of each other and stay of the size of the data, while Taylor's are huge and cancel. So
choose a good basis to compute well, but do not expect it to describe the data better.
"""
    table = PageTable(HEADER, tuple(row(made[key]) for key in ("taylor-15", *ORTHOGONAL)))
    look = "The first functions of six bases. Different building blocks, the same buildings."
    same = "What the five fits miss, curve less truth (gray: one standard deviation of a point)."
    pictures = (Picture(figures["bases"], look), Picture(figures["orthogonal"], same))
    return Section("Other polynomials, the same curve", text, (table,), pictures)


def _from_coefficients(attempt: Attempt, x: Array) -> Array:
    """The curve as the reported coefficients of the attempt's own basis give it."""
    assert attempt.fit is not None
    coefficients = np.array(list(attempt.values.values()))
    return np.asarray(attempt.fit.model.direct().evaluate(coefficients, x))[:, 0]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
