"""Functions as physicists write them, in plain NumPy, with parameters to try them at.

Imports are of every style people use, on purpose.
"""

import functools
import math
from math import exp as exp_of_number

import numpy as np
import scipy.signal
import scipy.special
import scipy.stats
from numpy import exp, pi, sin, sqrt
from numpy.polynomial import chebyshev
from scipy.interpolate import CubicSpline, UnivariateSpline
from scipy.special import erf, expit
from scipy.stats import norm

X = np.linspace(0.02, 1.98, 41)
X2 = np.stack([X, np.cos(7 * X)], axis=1)
KERNEL = np.exp(-0.5 * np.linspace(-2, 2, 9) ** 2)
SPEED = 2.5
TEMPLATE = CubicSpline(np.linspace(-1, 3, 30), np.sin(3 * np.linspace(-1, 3, 30)))
SMOOTH = UnivariateSpline(X, np.cos(4 * X), s=0)
KNOTS = [0.0, 0.7, 1.3, 2.0]


def ansatz(x, A, B, C, D, E, F):
    return np.where(abs(x - A) < B, np.sin(C * x), D + E * x + F * x**2)


def sigmoid_sum(x, parameters):
    out = np.zeros_like(x)
    for c, alpha, beta in parameters.reshape(-1, 3):
        out += c / (1 + np.exp((x - alpha) / beta))
    return out


def sigmoid_sum_from_length(x, parameters):
    out = np.zeros(len(x))
    for c, alpha, beta in parameters.reshape(-1, 3):
        out += c / (1 + np.exp((x - alpha) / beta))
    return out


def peaks_by_index(x, p):
    total = 0
    for i in range(len(p) // 3):
        total = total + p[3 * i] * np.exp(-((x - p[3 * i + 1]) ** 2) / p[3 * i + 2] ** 2)
    return total


def gaussian_on_line(x, height, mean, width, offset, slope):
    return height * np.exp(-0.5 * ((x - mean) / width) ** 2) + offset + slope * x


def normalized_gaussian(x, n, mu, sigma):
    return n / (np.sqrt(2 * np.pi) * sigma) * np.exp(-((x - mu) ** 2) / (2 * sigma**2))


def with_names_imported(x, a, b, c):
    return a * exp(-b * x) * sin(2 * pi * x * c) / sqrt(1 + b**2)


def lorentzian(x, a, x0, gamma):
    return a * gamma**2 / ((x - x0) ** 2 + gamma**2)


def breit_wigner(x, m, g, s, b0, b1):
    return s * m * g / ((x**2 - m**2) ** 2 + m**2 * g**2) + b0 + b1 * x


def voigt(x, a, x0, s, g):
    return a * scipy.special.voigt_profile(x - x0, s, g)


def damped_oscillation(t, a, tau, w, phi):
    return a * np.exp(-t / tau) * np.cos(w * t + phi)


def planck(nu, a, T):
    return a * nu**3 / np.expm1(nu / T)


def power_law(x, a, n, c):
    return a * x**n + c


def power_of_parameter(x, a, b):
    return a ** (x * b) + 2**a


def mgh_rational(x, b1, b2, b3, b4):
    return b1 * (x**2 + x * b2) / (x**2 + x * b3 + b4)


def rational(x, b1, b2, b3, b4, b5, b6, b7):
    return (b1 + b2 * x + b3 * x**2 + b4 * x**3) / (1 + b5 * x + b6 * x**2 + b7 * x**3)


def misra(x, b1, b2):
    return b1 * (1 - (1 + b2 * x / 2) ** (-2))


def rat42(x, b1, b2, b3):
    return b1 / (1 + np.exp(b2 - b3 * x))


def bennett(x, b1, b2, b3):
    return b1 * (b2 + x) ** (-1 / b3)


def enso(x, b1, b2, b3, b4):
    return b1 + b2 * np.cos(2 * pi * x / 12) + b3 * np.sin(2 * pi * x / b4)


def roszman(x, b1, b2, b3, b4):
    return b1 - b2 * x - np.arctan(b3 / (x - b4)) / np.pi


def gompertz(x, a, b, c):
    return a * np.exp(-b * np.exp(-c * x))


def michaelis_menten(s, vmax, km):
    return vmax * s / (km + s)


def hill(s, vmax, k, n):
    return vmax * s**n / (k**n + s**n)


def tossed(t, y0, t0, tf, mu):
    return y0 - np.log(np.cosh((t - t0) / tf)) / mu


def exponentials(x, a, b, c, d):
    return a * np.exp(-b * x) + c * np.exp(-d * x)


def turn_on(x, a, mid, width):
    return 0.5 * a * (1 + erf((x - mid) / (np.sqrt(2) * width)))


def logistic(x, a, b, c):
    return a * expit((x - b) / c)


def gamma_function(x, a, b):
    return a * scipy.special.gamma(x + b) + scipy.special.gammaln(x * b)


def airy_disk(x, a, w):
    z = w * x
    return a * (2 * scipy.special.j1(z) / z) ** 2


def bessel_of_order(x, a, w):
    return a * scipy.special.jv(3, w * x) + scipy.special.iv(1, x) * scipy.special.k0(w * x)


def poisson(x, rate, scale):
    return scale * rate**x * np.exp(-rate) / scipy.special.factorial(x)


def normal_density(x, n, mu, s):
    return n * norm.pdf(x, mu, s) + scipy.stats.norm(mu, s).cdf(x)


def crystal_ball(x, beta, m, n, loc, scale):
    z = (x - loc) / scale
    A = (m / abs(beta)) ** m * np.exp(-(beta**2) / 2)
    B = m / abs(beta) - abs(beta)
    with np.errstate(all="ignore"):
        tail = A * (B - z) ** (-m)
    return n * np.where(z > -beta, np.exp(-(z**2) / 2), tail)


def decay_after(t, a, t0, tau):
    return np.where(t > t0, a * np.exp(-(t - t0) / tau), 0)


def square_root_above(x, a, t):
    return np.where(x > t, a * np.sqrt(x - t), 0.0)


def log_above(x, a, t):
    return np.where(x > t, a * np.log(x / t) + np.log(x - t + 1e-3), 0.0)


def sinc_by_hand(x, a, w):
    z = w * (x - X[20])
    with np.errstate(all="ignore"):
        return np.where(z == 0, a, a * np.sin(z) / z)


def sinc(x, a, w, c):
    return a * np.sinc(w * (x - c)) ** 2


def piecewise_lines(x, x0, y0, k1, k2):
    return np.piecewise(
        x, [x < x0], [lambda x: k1 * x + y0 - k1 * x0, lambda x: k2 * x + y0 - k2 * x0]
    )


def piecewise_three(x, a, b, c):
    return np.piecewise(x, [x < a, (x >= a) & (x < b)], [0, lambda v: c * (v - a), c * (b - a)])


def selected(x, a, b, c):
    return np.select([x < a, x < b], [c * x, c * a + 0 * x], default=c * a * np.exp(b - x))


def steps(x, a, b, c):
    return b * np.heaviside(x - a, 0.5) + c * np.sign(x - a) * x


def boolean_product(x, a, b, c):
    return (x < a) * b + (x >= a) * c * x


def masked_assignment(x, a, b, c):
    out = np.zeros(len(x))
    out[x < a] = b
    out[x >= a] = c
    return out * x


def masked_both_sides(x, a, b):
    y = np.empty_like(x)
    low = x < b
    y[low] = a * x[low] ** 2
    y[~low] = a * b**2 * np.exp(-(x[~low] - b))
    return y


def masked_mean(x, a, b):
    near = np.abs(x - b) < 0.5
    return a * x - x[near].mean() + b * x[near].sum()


def clipped(x, a, b):
    return np.clip(a * x, 0.2, b) + np.maximum(x - b, 0) + np.minimum(0.3, a * x)


def hinge(x, a, b, c):
    return a + b * x + c * np.maximum(0, x - 0.777) ** 2 + max(a, b) + min(a, 0)


def quantized(x, a, b):
    return a * np.floor(b * x) + np.round(b * x, 1) + a * (x % 0.3)


def saturated(x, a, b):
    return np.divide(a, x - b, out=np.zeros_like(x), where=x > b + 0.01)


def interpolated(x, a, b, c, d):
    return np.interp(x, KNOTS, [a, b, c, d])


def interpolated_at(x, a, s):
    return a * np.interp(x - s, X, np.sin(3 * X))


def template(x, a, shift, b):
    return a * TEMPLATE(x - shift) + b * SMOOTH(x)


def convolved(x, a, m, s):
    return np.convolve(a * np.exp(-0.5 * ((x - m) / s) ** 2), KERNEL / KERNEL.sum(), mode="same")


def convolved_by_scipy(x, a, m, s):
    return scipy.signal.fftconvolve(a * np.exp(-(((x - m) / s) ** 2)), KERNEL, mode="same")


def cumulated(x, a, b):
    return np.cumsum(a * np.exp(-b * x)) * (x[1] - x[0])


def trapezoidal(x, a, b):
    t = np.linspace(0, 1, 30)
    return a * np.trapezoid(np.exp(-b * np.outer(x, t) ** 2), t, axis=1)


def centered(x, a, b):
    return a + b * (x - x.mean()) / x.std()


def polynomial(x, a, b, c):
    return np.polyval([a, b, c], x) + np.polyval(np.array([c, b]), x)


def chebyshev_sum(x, a, b, c):
    return chebyshev.chebval(x, [a, b, c]) + np.polynomial.polynomial.polyval(x, (a, b))


def fourier(x, p):
    n = len(p) // 2
    k = np.arange(1, n + 1)
    return np.cos(np.outer(x, k)) @ p[:n] + np.sin(np.outer(x, k)) @ p[n:]


def stacked(x, a, b, c):
    terms = np.stack([np.ones_like(x), x, x**2])
    return np.array([a, b, c]) @ terms + np.sum([a * x, b * x], axis=0)


def einsum(x, a, b):
    return np.einsum("n,k->nk", x, np.array([a, b])).sum(axis=-1)


def determinant(x, a, b):
    m = np.array([[a, b], [b, 2.0]])
    return x * np.linalg.det(m) + np.linalg.solve(m, np.array([1.0, a]))[0]


def radius(x, a, b):
    return np.sqrt((x - a) ** 2 + b**2) + np.hypot(x - a, b) + np.linalg.norm([a, b])


def complex_response(w, a, w0, q):
    return np.abs(a / (1 + 1j * q * (w / w0 - w0 / w)))


def phase(w, w0, q):
    return np.angle(1 / (1 + 1j * q * (w / w0 - w0 / w))) + np.arctan2(w, q)


def math_on_parameters(x, a, b):
    return math.exp(-a) * x + exp_of_number(b) * math.sqrt(a) + math.pi + math.log(b, 2)


def plain_float(x, a, b):
    return float(a) * x + b


def float_as_type(x, a, b):
    x = np.asarray(x, dtype=float)
    return a * x.astype(float) + (b if isinstance(b, float) else 1e9) * isinstance(x, np.ndarray)


def scalar_left(x, a, b):
    return np.float64(2) * a * x + KERNEL[3] / b - (1 - a) + 3 // (1 + abs(b))


def summed_generator(x, a, b):
    return sum(a**k * np.sin(k * b * x) / math.factorial(k) for k in range(1, 5))


def in_place(x, a, b):
    y = a * x
    y -= b
    y *= 2
    y /= 1 + b**2
    y **= 2
    return y


def filled_column_by_column(x, a, b):
    design = np.empty((len(x), 3))
    design[:, 0] = 1
    design[:, 1] = a * x
    design[:, 2] = np.exp(-b * x)
    return design.sum(axis=1)


def loop_over_points(x, a, b):
    out = np.zeros(x.shape)
    out[0] = a
    for i in range(1, len(x)):
        out[i] = out[i - 1] + b * (x[i] - x[i - 1]) * out[i - 1]
    return out


def list_of_points(x, a, b):
    return np.array([a * math.exp(-b * t) for t in x])


def globals_and_closures(x, a, b):
    def wave(t):
        return np.sin(SPEED * t)

    return a * wave(x) + gaussian_on_line(x, a, b, 0.3, 0, 0)


def constant(x, a):
    return a


def method_calls(x, a, b):
    return (x * a).clip(0.1, 1.1).cumsum() / x.size + (x.reshape(-1, 1) * b).ravel()


def two_outputs(x, a, b):
    return np.column_stack([a * x, np.exp(-b * x)])


def where_of_constants(x, a, b):
    weights = np.ones(x.shape)
    weights[::2] = 2.0
    return np.logaddexp(a * x, b) * weights + np.tanh(a * x) + np.log1p(x) + np.cbrt(x)


def accumulated(x, a, b):
    return np.add.accumulate(a * x) + np.prod([a, b]) + np.diff(a * x, prepend=0)


@np.vectorize
def vectorized(x, a, b):
    return a * math.sin(b * x)


@functools.lru_cache
def rate_of(temperature):
    return math.exp(-1 / temperature)


def cached_helper(x, a, t):
    return a * np.exp(-rate_of(t) * x)


class Detector:
    """A callable object and its method, with a state."""

    def __init__(self, resolution):
        self.resolution = resolution

    def __call__(self, x, a, mean):
        return a * math.exp(0.1) * np.exp(-(((x - mean) / self.resolution) ** 2))

    def response(self, x, a, mean):
        return self(x, a, mean) + 1


def gaussian_2d(x, a, x0, y0, sx, sy, theta):
    u = (x[:, 0] - x0) * np.cos(theta) + (x[:, 1] - y0) * np.sin(theta)
    v = -(x[:, 0] - x0) * np.sin(theta) + (x[:, 1] - y0) * np.cos(theta)
    return a * np.exp(-0.5 * ((u / sx) ** 2 + (v / sy) ** 2))


def last_axis(x, a, b):
    return a * x[..., 0] * np.exp(-b * x[..., 1] ** 2)


def unpacked_columns(x, a, b):
    u, v = x.T
    return np.where(u > v, a * u, b * v)


def plane(x, a, b, c):
    return x @ np.array([a, b]) + c + np.linalg.norm(x, axis=1)


def network(x, p):
    w, b, v = p[:6].reshape(2, 3), p[6:9], p[9:12]
    return np.tanh(x @ w + b).dot(v)


ONE_DIMENSIONAL = [
    (ansatz, [0.9, 0.41, 5.0, 0.3, -0.7, 0.2]),
    (gaussian_on_line, [2.0, 0.9, 0.2, 0.1, -0.4]),
    (normalized_gaussian, [2.0, 0.9, 0.2]),
    (with_names_imported, [1.2, 0.4, 1.7]),
    (lorentzian, [1.5, 1.1, 0.2]),
    (breit_wigner, [1.1, 0.2, 0.7, 0.1, 0.3]),
    (voigt, [1.3, 0.8, 0.1, 0.2]),
    (damped_oscillation, [1.3, 0.8, 9.0, 0.2]),
    (planck, [1.3, 0.4]),
    (power_law, [1.3, -0.8, 0.3]),
    (power_of_parameter, [1.3, 0.8]),
    (mgh_rational, [0.19, 0.2, 0.12, 0.14]),
    (rational, [1.2, 1.4, 0.5, 0.7, 0.9, 0.3, 0.4]),
    (misra, [2.4, 0.55]),
    (rat42, [7.0, 2.5, 1.8]),
    (bennett, [-2.5, 4.6, 0.9]),
    (enso, [1.0, 0.3, 0.5, 0.7]),
    (roszman, [0.2, -0.1, 1.2, -0.8]),
    (gompertz, [1.5, 3.0, 2.0]),
    (michaelis_menten, [2.0, 0.5]),
    (hill, [2.0, 0.5, 2.6]),
    (tossed, [3.0, 0.9, 0.5, 0.7]),
    (exponentials, [1.5, 0.8, -0.4, 3.0]),
    (turn_on, [1.5, 0.8, 0.3]),
    (logistic, [1.5, 0.8, 0.3]),
    (gamma_function, [1.5, 0.8]),
    (airy_disk, [1.5, 8.0]),
    (bessel_of_order, [1.5, 8.0]),
    (poisson, [1.5, 8.0]),
    (normal_density, [1.5, 0.8, 0.3]),
    (crystal_ball, [0.8, 2.5, 1.3, 1.2, 0.2]),
    (decay_after, [1.5, 0.81, 0.3]),
    (square_root_above, [1.5, 0.81]),
    (log_above, [1.5, 0.81]),
    (sinc_by_hand, [1.5, 8.1]),
    (sinc, [1.5, 8.1, 1.0]),
    (piecewise_lines, [0.81, 0.5, 1.0, -2.0]),
    (piecewise_three, [0.41, 1.21, 2.0]),
    (selected, [0.41, 1.21, 2.0]),
    (steps, [0.41, 1.21, 2.0]),
    (boolean_product, [0.41, 1.21, 2.0]),
    (masked_assignment, [0.41, 1.21, 2.0]),
    (masked_both_sides, [1.21, 0.61]),
    (masked_mean, [1.21, 0.61]),
    (clipped, [0.71, 0.93]),
    (hinge, [0.41, 1.21, 2.0]),
    (quantized, [0.41, 3.21]),
    (saturated, [0.41, 0.61]),
    (interpolated, [0.4, 1.2, -0.5, 0.3]),
    (interpolated_at, [0.4, 0.013]),
    (template, [1.3, 0.11, 0.4]),
    (convolved, [1.3, 0.9, 0.2]),
    (convolved_by_scipy, [1.3, 0.9, 0.2]),
    (cumulated, [1.3, 0.9]),
    (trapezoidal, [1.3, 0.9]),
    (centered, [1.3, 0.9]),
    (polynomial, [1.3, 0.9, -0.4]),
    (chebyshev_sum, [1.3, 0.9, -0.4]),
    (stacked, [1.3, 0.9, -0.4]),
    (einsum, [1.3, 0.9]),
    (determinant, [1.3, 0.9]),
    (radius, [1.31, 0.9]),
    (complex_response, [1.3, 0.9, 4.0]),
    (phase, [0.91, 4.0]),
    (math_on_parameters, [1.3, 0.9]),
    (plain_float, [1.3, 0.9]),
    (float_as_type, [1.3, 0.9]),
    (scalar_left, [1.3, 0.9]),
    (summed_generator, [1.3, 0.9]),
    (in_place, [1.3, 0.9]),
    (filled_column_by_column, [1.3, 0.9]),
    (globals_and_closures, [1.3, 0.9]),
    (constant, [1.3]),
    (method_calls, [0.71, 0.9]),
    (two_outputs, [1.3, 0.9]),
    (where_of_constants, [1.3, 0.9]),
    (accumulated, [1.3, 0.9]),
    (vectorized, [1.3, 0.9]),
    (cached_helper, [1.3, 0.9]),
    (Detector(0.3), [1.3, 0.9]),
    (Detector(0.3).response, [1.3, 0.9]),
    (functools.partial(lorentzian, gamma=0.3), [1.3, 0.9]),
    (lambda x, a, b: a * np.sqrt(np.abs(x - b)) + np.log(x) * a, [1.3, 0.877]),
]
PACKED = [
    (sigmoid_sum, [1.5, 0.5, -0.1, -0.7, 1.2, 0.2]),
    (sigmoid_sum_from_length, [1.5, 0.5, -0.1, -0.7, 1.2, 0.2]),
    (peaks_by_index, [1.5, 0.5, 0.1, -0.7, 1.2, 0.2]),
    (fourier, [1.5, 0.5, 0.1, -0.7, 1.2, 0.2]),
]
TWO_DIMENSIONAL = [
    (gaussian_2d, [1.5, 0.9, 0.1, 0.5, 0.4, 0.6]),
    (last_axis, [1.5, 0.9]),
    (unpacked_columns, [1.5, 0.9]),
    (plane, [1.5, 0.9, 0.3]),
]
PACKED_TWO_DIMENSIONAL = [(network, (0.3 * np.arange(12) - 1.1).tolist())]
CASES = [
    *[(function, X, values, False) for function, values in ONE_DIMENSIONAL],
    # Unrolled, so short.
    (loop_over_points, X[:9], [1.3, 0.9], False),
    (list_of_points, X[:9], [1.3, 0.9], False),
    *[(function, X, values, True) for function, values in PACKED],
    *[(function, X2, values, False) for function, values in TWO_DIMENSIONAL],
    *[(function, X2, values, True) for function, values in PACKED_TWO_DIMENSIONAL],
]
