"""Functions as physicists write them, each with the structure it must be found to have."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special


@dataclasses.dataclass(frozen=True)
class Problem:
    """A function and what is true of it.

    Attributes:
        function: The function.
        x: Where it is tried.
        roles: One letter for each parameter: linear, smooth, kink, broken, step or idle.
        families: Interchangeable blocks, "A1 t1 | A2 t2".
        flips: Sets of parameters whose signs change together, with shifted ones as "phi+", and
            those to which another is added as "d^".
        periods: Parameter → period.
        mixed: Number of swaps that need a sign or a shift.
        n: Length of its one array of parameters, if it takes one.
        is_pointwise: Whether each prediction depends on its own x only.
    """

    function: Callable[..., Any]
    x: np.ndarray
    roles: str
    families: tuple[str, ...] = ()
    flips: tuple[str, ...] = ()
    periods: dict[str, float] = dataclasses.field(default_factory=dict)
    mixed: int = 0
    n: int | None = None
    is_pointwise: bool = True

    def __str__(self) -> str:
        return self.function.__name__


RNG = np.random.default_rng(0)
T = np.sort(RNG.uniform(0.1, 6, 200))
GRID = np.linspace(0, 10, 101)


# NIST StRD, the nine formulas of the files that come with surefit.
def chwirut2(x, b1, b2, b3):
    return np.exp(-b1 * x) / (b2 + b3 * x)


def danwood(x, b1, b2):
    return b1 * x**b2


def hahn1(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def kirby2(x, b1, b2, b3, b4, b5):
    return (b1 + b2 * x + b3 * x**2) / (1 + b4 * x + b5 * x**2)


def lanczos3(x, b1, b2, b3, b4, b5, b6):
    return b1 * np.exp(-b2 * x) + b3 * np.exp(-b4 * x) + b5 * np.exp(-b6 * x)


def mgh09(x, b1, b2, b3, b4):
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def mgh17(x, b1, b2, b3, b4, b5):
    return b1 + b2 * np.exp(-x * b4) + b3 * np.exp(-x * b5)


def misra1a(x, b1, b2):
    return b1 * (1 - np.exp(-b2 * x))


def thurber(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


NIST = [
    Problem(chwirut2, np.linspace(0.5, 6, 54), "sss"),
    Problem(danwood, np.linspace(1.3, 1.6, 6), "ls"),
    Problem(hahn1, np.linspace(14, 851, 236), "llllsss"),
    Problem(kirby2, np.linspace(9.65, 350, 151), "lllss"),
    Problem(lanczos3, np.linspace(0, 1.15, 24), "lslsls", ("b1 b2 | b3 b4 | b5 b6",)),
    Problem(mgh09, np.geomspace(0.0625, 4, 11), "lsss"),
    Problem(mgh17, np.linspace(0, 320, 33), "lllss", ("b2 b4 | b3 b5",)),
    Problem(misra1a, np.linspace(77, 760, 14), "ls"),
    Problem(thurber, np.linspace(-3.07, 2.21, 37), "llllsss"),
]


# Sums of equal terms.
def two_decays(t, A1, t1, A2, t2):
    return A1 * np.exp(-t / t1) + A2 * np.exp(-t / t2)


def two_rates_over_constant(t, A1, A2, r1, r2, c):
    return A1 * np.exp(-r1 * t) + A2 * np.exp(-r2 * t) + c


def three_decays(t, A1, t1, A2, t2, A3, t3):
    return A1 * np.exp(-t / t1) + A2 * np.exp(-t / t2) + A3 * np.exp(-t / t3)


def four_rates(t, a, b, c, d, k1, k2, k3, k4):
    return a * np.exp(-k1 * t) + b * np.exp(-k2 * t) + c * np.exp(-k3 * t) + d * np.exp(-k4 * t)


def peaks(n: int, shape: Callable[[Any], Any], order: str = "blocks") -> Callable[..., Any]:
    """n peaks over a parabola; parameters in blocks, or all heights first."""

    def sum_of_peaks(x, p):
        c = p[3 * n :]
        total = c[0] + c[1] * x + c[2] * x**2
        for k in range(n):
            A, m, w = p[3 * k : 3 * k + 3] if order == "blocks" else p[k : 3 * n : n]
            total = total + A * shape((x - m) / w)
        return total

    sum_of_peaks.__name__ = f"{n}_{shape.__name__}_{order}"
    return sum_of_peaks


def gauss(u):
    return np.exp(-0.5 * u**2)


def lorentz(u):
    return 1 / (1 + u**2)


def peaks_problem(n, shape, x, order="blocks"):
    names = [f"p[{i}]" for i in range(3 * n)]
    blocks = [names[3 * k : 3 * k + 3] if order == "blocks" else names[k::n] for k in range(n)]
    family = (" | ".join(" ".join(block) for block in blocks),) if n > 1 else ()
    roles = "lss" * n if order == "blocks" else "l" * n + "s" * (2 * n)
    widths = tuple(block[2] for block in blocks)
    return Problem(peaks(n, shape, order), x, roles + "lll", family, widths, n=3 * n + 3)


def two_kinds(x, g1, m1, s1, L1, p1, w1, g2, m2, s2, L2, p2, w2):
    return (
        g1 * gauss((x - m1) / s1)
        + g2 * gauss((x - m2) / s2)
        + L1 * lorentz((x - p1) / w1)
        + L2 * lorentz((x - p2) / w2)
    )


def common_width(x, A1, A2, A3, m1, m2, m3, w, c):
    return A1 * gauss((x - m1) / w) + A2 * gauss((x - m2) / w) + A3 * gauss((x - m3) / w) + c


def twenty(x, p):
    total = p[18] + p[19] * x
    for k in range(6):
        total = total + p[3 * k] * gauss((x - p[3 * k + 1]) / p[3 * k + 2])
    return total


def two_sines(t, a1, w1, f1, a2, w2, f2):
    return a1 * np.sin(w1 * t + f1) + a2 * np.sin(w2 * t + f2)


TWENTY = " | ".join(" ".join(f"p[{3 * k + i}]" for i in range(3)) for k in range(6))
SUMS = [
    Problem(two_decays, T, "lsls", ("A1 t1 | A2 t2",)),
    Problem(two_rates_over_constant, T, "llssl", ("A1 r1 | A2 r2",)),
    Problem(three_decays, T, "lslsls", ("A1 t1 | A2 t2 | A3 t3",)),
    Problem(four_rates, T, "llllssss", ("a k1 | b k2 | c k3 | d k4",)),
    *(peaks_problem(n, gauss, GRID) for n in range(1, 7)),
    *(peaks_problem(n, lorentz, GRID, "heights first") for n in range(1, 7)),
    peaks_problem(3, gauss, np.linspace(1e14, 1.2e14, 150)),
    peaks_problem(2, lorentz, np.linspace(-3e-9, 5e-9, 150)),
    Problem(
        two_kinds,
        GRID,
        "lss" * 4,
        ("g1 m1 s1 | g2 m2 s2", "L1 p1 w1 | L2 p2 w2"),
        ("s1", "w1", "s2", "w2"),
    ),
    Problem(common_width, GRID, "lllssssl", ("A1 m1 | A2 m2 | A3 m3",), ("w",)),
    Problem(
        twenty, GRID, "lss" * 6 + "ll", (TWENTY,), tuple(f"p[{3 * k + 2}]" for k in range(6)), n=20
    ),
    Problem(
        two_sines,
        T,
        "lsslss",
        ("a1 w1 f1 | a2 w2 f2",),
        ("a1 w1 f1", "a2 w2 f2", "a1 f1+", "a2 f2+"),
        {"f1": 2 * np.pi, "f2": 2 * np.pi},
    ),
]


# One term each.
def smooth_six(x, a, m, s, c, d, e):
    return a * np.exp(-0.5 * ((x - m) / s) ** 2) + c + d * x + e * x**2


def sine(t, a, w, phi):
    return a * np.sin(w * t + phi)


def cosine_in_turns(t, a, f, phase, c):
    return a * np.cos(2 * np.pi * (f * t + phase)) + c


def sine_in_degrees(t, a, w, phi):
    return a * np.sin(np.deg2rad(w * t + phi))


def sine_and_cosine(t, a, b, w):
    return a * np.sin(w * t) + b * np.cos(w * t)


def damped(t, a, tau, w, phi, c):
    return a * np.exp(-t / tau) * np.cos(w * t + phi) + c


def logistic(x, top, rate, middle):
    return top / (1 + np.exp(-rate * (x - middle)))


def logistic_over_constant(x, top, rate, middle, bottom):
    return bottom + top / (1 + np.exp(-rate * (x - middle)))


def dose_response(dose, low, high, half, slope):
    return high + (low - high) / (1 + (dose / half) ** slope)


def gompertz(x, a, b, c):
    return a * np.exp(-b * np.exp(-c * x))


def michaelis(s, vmax, km):
    return vmax * s / (km + s)


def hill(s, vmax, k, n):
    return vmax * s**n / (k**n + s**n)


def power_law(x, a, b, c):
    return a * x**b + c


def shifted_power(x, a, x0, b):
    return a * (x + x0) ** b


def planck(frequency, amplitude, temperature):
    h, k = 6.62607015e-34, 1.380649e-23
    return amplitude * frequency**3 / np.expm1(h * frequency / (k * temperature))


def planck_wavelength(wavelength, amplitude, temperature):
    h, c, k = 6.62607015e-34, 299792458.0, 1.380649e-23
    spectrum = 2 * h * c**2 / wavelength**5
    return amplitude * spectrum / np.expm1(h * c / (wavelength * k * temperature))


def planck_free(nu, c1, c2):
    return c1 * nu**3 / (np.exp(c2 * nu) - 1)


def breit_wigner(E, height, mass, width, b0, b1):
    return height * width**2 / ((E**2 - mass**2) ** 2 + mass**2 * width**2) + b0 + b1 * E


def tossed(t, y0, t0, mu, tf):
    return y0 - np.log(np.cosh((t - t0) / tf)) / mu


def rational(x, p0, p1, q1, q2):
    return (p0 + p1 * x) / (1 + q1 * x + q2 * x**2)


def gauss_2d(x, a, x0, y0, sx, sy, angle, c):
    u = np.cos(angle) * (x[:, 0] - x0) + np.sin(angle) * (x[:, 1] - y0)
    v = -np.sin(angle) * (x[:, 0] - x0) + np.cos(angle) * (x[:, 1] - y0)
    return a * np.exp(-0.5 * ((u / sx) ** 2 + (v / sy) ** 2)) + c


def bateman(t, n, k1, k2):
    return n * (np.exp(-k1 * t) - np.exp(-k2 * t))


def product(x, a, b, c):
    return a * b * x + c


def with_idle(x, a, b, unused):
    return a + b * x + 0 * unused


def error_function(x, a, m, s):
    return a * scipy.special.erf((x - m) / s)


def sorted_inside(x, a, b, height):
    low, high = np.minimum(a, b), np.maximum(a, b)
    return height * (np.tanh(x - low) - np.tanh(x - high))


def convolved(x, height, center, width):
    truth = height * np.exp(-0.5 * ((x - center) / 0.7) ** 2)
    grid = (x - x.mean()) / width
    kernel = np.exp(-(grid**2))
    return np.convolve(truth, kernel / kernel.sum(), mode="same")


def running_sum(x, a, rate):
    return a * np.cumsum(np.exp(-rate * x))


SINGLE = [
    Problem(sine, T, "lss", (), ("a w phi", "a phi+"), {"phi": 2 * np.pi}),
    Problem(sine, np.arange(168.0), "lss", (), ("a w phi", "a phi+"), {"phi": 2 * np.pi}),
    Problem(cosine_in_turns, T, "lssl", (), ("f phase", "a phase+"), {"phase": 1.0}),
    Problem(sine_in_degrees, T, "lss", (), ("a w phi", "a phi+"), {"phi": 360.0}),
    Problem(sine_and_cosine, T, "lls", (), ("a w",)),
    Problem(damped, T, "lsssl", (), ("w phi", "a phi+"), {"phi": 2 * np.pi}),
    Problem(logistic, GRID, "lss"),
    Problem(logistic_over_constant, GRID, "lssl", (), ("top rate bottom^",)),
    Problem(dose_response, T, "llss", mixed=1),
    Problem(gompertz, GRID, "lss"),
    Problem(michaelis, T, "ls"),
    Problem(hill, T, "lss"),
    Problem(hill, T * 1e-9, "lss"),
    Problem(power_law, T, "lsl"),
    Problem(shifted_power, T, "lss"),
    Problem(planck, np.linspace(1e13, 1e15, 300), "ls"),
    Problem(planck_wavelength, np.linspace(2e-7, 3e-6, 300), "ls"),
    Problem(planck_free, np.linspace(1e13, 1e15, 300), "ls"),
    Problem(breit_wigner, np.linspace(80, 100, 100), "lssll", (), ("mass", "width")),
    Problem(tossed, GRID, "lsss", (), ("tf",)),
    Problem(rational, GRID, "llss"),
    Problem(
        gauss_2d,
        RNG.normal(0, 2, (300, 2)),
        "lsssssl",
        (),
        ("sx", "sy"),
        {"angle": np.pi},
        mixed=1,
    ),
    Problem(bateman, T, "lss", mixed=1),
    Problem(product, T, "lsl", ("a | b",), ("a b",)),
    Problem(with_idle, T, "lli"),
    Problem(error_function, GRID, "lss", (), ("a s",)),
    Problem(sorted_inside, GRID, "kkl", ("a | b",)),
    Problem(convolved, np.linspace(0, 10, 200), "lss", (), ("width",), is_pointwise=False),
    Problem(running_sum, GRID, "ls", is_pointwise=False),
]


# With steps and kinks.
def lesson_ansatz(x, A, B, C, D, E, F):
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)


def edge(x, t, low, high):
    return np.where(x < t, low, high)


def window(x, low, high, level, other):
    return np.where((x > low) & (x < high), level, other)


def ramp_from(x, t, a, b):
    return np.where(x < t, a * (x - t), b)


def kinked_line(x, t, a, b, c):
    return np.where(x < t, a + b * (x - t), a + c * (x - t))


def hinge(x, a, b, c, t):
    return a + b * x + c * np.maximum(x - t, 0)


def three_levels(x, t1, t2, a, b, c):
    return np.piecewise(x, [x < t1, (x >= t1) & (x < t2), x >= t2], [a, b, c])


def piecewise_functions(x, t, a, b):
    return np.piecewise(x, [x < t, x >= t], [lambda u: a * u, lambda u: b * u**2])


def selected(x, t1, t2, a, b, c):
    return np.select([x < t1, x < t2], [a + 0 * x, b * x], c + 0 * x)


def heavisides(x, t1, t2, a, b):
    return a * np.heaviside(x - t1, 0.5) + b * np.heaviside(x - t2, 0.5)


def two_masks(x, t1, a1, t2, a2):
    return a1 * (x > t1) + a2 * (x > t2)


def signed(x, t, a, b):
    return a * np.sign(x - t) + b


def floored(x, width, a, c):
    return a * np.floor(x / width) + c


def switched_decay(t, t0, a, tau, c):
    return c + a * np.exp(-(t - t0) / tau) * (t > t0)


def soft_start(t, t0, a, c):
    return c + a * np.where(t > t0, np.abs(t - t0), 0.0) ** 2


def clipped(x, a, b, top):
    return np.clip(a + b * x, -1e30, top)


def between_limits(x, a, b, low, high):
    return np.clip(a + b * x, low, high)


def sawtooth(x, a, period, c):
    return a * (x % period) + c


def absolute(x, a, center):
    return a * np.abs(x - center)


UNIT = np.sort(RNG.uniform(0, 1, 300))
BROKEN = [
    Problem(lesson_ansatz, UNIT, "ppslll", (), ()),
    Problem(edge, UNIT, "pll"),
    Problem(edge, UNIT * 1e-9, "pll"),
    Problem(edge, 1e14 * (1 + UNIT), "pll"),
    Problem(window, UNIT, "ppll"),
    Problem(ramp_from, UNIT, "bll"),
    Problem(kinked_line, UNIT, "klll"),
    Problem(hinge, UNIT, "lllk"),
    Problem(three_levels, UNIT, "pplll"),
    Problem(piecewise_functions, UNIT, "pll"),
    Problem(selected, UNIT, "pplll"),
    Problem(heavisides, UNIT, "ppll", ("t1 a | t2 b",)),
    Problem(two_masks, UNIT, "plpl", ("t1 a1 | t2 a2",)),
    Problem(signed, UNIT, "pll"),
    Problem(floored, GRID, "pll"),
    Problem(switched_decay, T, "blsl"),
    Problem(soft_start, T, "sll"),
    Problem(clipped, UNIT, "kkk"),
    Problem(between_limits, UNIT, "kkkk"),
    Problem(between_limits, GRID, "kkkk"),
    Problem(sawtooth, GRID, "lbl"),
    Problem(absolute, UNIT, "lk"),
]

PROBLEMS = [*NIST, *SUMS, *SINGLE, *BROKEN]
