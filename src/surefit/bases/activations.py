"""The functions of one variable that adaptive bases and networks shift and stretch.

Each is written once for NumPy and JAX arrays, so that a prediction and a compiled fit agree, in a
form that cannot overflow and whose derivative in JAX is right wherever |z| is large. `where` picks
between branches that are *both* finite: JAX differentiates the branch that is not taken too.
"""

import dataclasses
import difflib
import math

import numpy as np

from surefit.exceptions import InvalidOption, InvalidType
from surefit.models.units import AbstractShape, Symmetry

# Beyond this |z|, exp(−z²/2) and z/(1 + exp(−z)) at negative z are zero in any arithmetic that is
# used here, and z² could otherwise overflow.
_FAR = 1e3


@dataclasses.dataclass(frozen=True)
class Logistic(AbstractShape):
    """1 / (1 + exp(−z)), between 0 and 1; the lesson's sigmoid.

    Example:
        >>> Logistic()(np.array([-1e4, 0.0, 1e4])).tolist()
        [0.0, 0.5, 1.0]
    """

    def __call__(self, z):
        xp = z.__array_namespace__()
        is_right = z >= 0
        small = xp.exp(xp.where(is_right, -z, z))  # at most 1
        return xp.where(is_right, 1.0, small) / (1.0 + small)

    @property
    def symmetry(self) -> Symmetry:
        """s(−z) = 1 − s(z)."""
        return Symmetry(sign=-1, constant=1.0)


@dataclasses.dataclass(frozen=True)
class Tanh(AbstractShape):
    """tanh(z), between −1 and 1; 2·logistic(2z) − 1."""

    def __call__(self, z):
        return z.__array_namespace__().tanh(z)

    @property
    def symmetry(self) -> Symmetry:
        """s(−z) = −s(z)."""
        return Symmetry(sign=-1)


@dataclasses.dataclass(frozen=True)
class Relu(AbstractShape):
    """max(z, 0), the rectified linear unit; its derivative at 0 is taken as 0."""

    def __call__(self, z):
        # Not maximum(z, 0), whose derivative in JAX at 0 is 1/2. NaN stays NaN.
        return z.__array_namespace__().where(z <= 0, 0.0, z)

    @property
    def symmetry(self) -> Symmetry:
        """s(k z) = k s(z) for k > 0."""
        return Symmetry(degree=1)


@dataclasses.dataclass(frozen=True)
class LeakyRelu(AbstractShape):
    """z for z > 0, else slope·z; its derivative at 0 is taken as the slope.

    Attributes:
        slope: Slope at negative z, not negative.
    """

    slope: float = 0.01

    def __post_init__(self):
        """Check the slope."""
        if not (math.isfinite(self.slope) and self.slope >= 0):
            raise InvalidOption(
                f"slope of LeakyRelu is {self.slope}; pass a finite number that is not negative."
            )

    def __call__(self, z):
        return z.__array_namespace__().where(z <= 0, self.slope * z, z)

    @property
    def symmetry(self) -> Symmetry:
        """s(k z) = k s(z) for k > 0."""
        return Symmetry(degree=1)


@dataclasses.dataclass(frozen=True)
class Swish(AbstractShape):
    """z / (1 + exp(−z)), a smooth rectifier, also called SiLU (Elfwing et al. 2018, eq. 5)."""

    def __call__(self, z):
        xp = z.__array_namespace__()
        return xp.maximum(z, -_FAR) * Logistic()(z)  # −inf · 0 is not a number

    @property
    def symmetry(self) -> Symmetry:
        """None: s(−z) = s(z) − z, which no constant can absorb."""
        return Symmetry()


@dataclasses.dataclass(frozen=True)
class Softplus(AbstractShape):
    """log(1 + exp(z)), the integral of the logistic function."""

    def __call__(self, z):
        xp = z.__array_namespace__()
        with np.errstate(invalid="ignore"):  # NaN stays NaN, but without a warning
            return xp.logaddexp(z, xp.zeros_like(z))

    @property
    def symmetry(self) -> Symmetry:
        """None: s(−z) = s(z) − z, which no constant can absorb."""
        return Symmetry()


@dataclasses.dataclass(frozen=True)
class Sine(AbstractShape):
    """sin(z), for periodic data (Sitzmann et al. 2020)."""

    def __call__(self, z):
        with np.errstate(invalid="ignore"):  # at infinite z it is NaN, but without a warning
            return z.__array_namespace__().sin(z)

    @property
    def symmetry(self) -> Symmetry:
        """s(−z) = −s(z) and s(z + π) = −s(z)."""
        return Symmetry(sign=-1, half_period=math.pi)


@dataclasses.dataclass(frozen=True)
class Step(AbstractShape):
    """0 for z < 0, 1 for z > 0, and 1/2 at 0: the limit of a steep logistic function.

    Its derivative is zero, so a fit cannot move it by following a slope.
    """

    def __call__(self, z):
        return 0.5 * (1.0 + z.__array_namespace__().sign(z))

    @property
    def symmetry(self) -> Symmetry:
        """s(−z) = 1 − s(z), and s(k z) = s(z) for k > 0."""
        return Symmetry(sign=-1, constant=1.0, degree=0)


@dataclasses.dataclass(frozen=True)
class Linear(AbstractShape):
    """z itself: no activation."""

    def __call__(self, z):
        return z

    @property
    def symmetry(self) -> Symmetry:
        """s(k z) = k s(z) for every k."""
        return Symmetry(sign=-1, degree=1)


@dataclasses.dataclass(frozen=True)
class Gaussian(AbstractShape):
    """exp(−z²/2), a bump of height 1 and standard deviation 1."""

    def __call__(self, z):
        z = z.__array_namespace__().clip(z, -_FAR, _FAR)
        return z.__array_namespace__().exp(-0.5 * z * z)

    @property
    def symmetry(self) -> Symmetry:
        """s(−z) = s(z)."""
        return Symmetry(sign=1)


ACTIVATIONS: dict[str, AbstractShape] = {
    "logistic": Logistic(),
    "tanh": Tanh(),
    "relu": Relu(),
    "leaky_relu": LeakyRelu(),
    "swish": Swish(),
    "softplus": Softplus(),
    "sine": Sine(),
    "step": Step(),
    "linear": Linear(),
    "gaussian": Gaussian(),
}


def as_activation(choice: AbstractShape | str, argument: str = "activation") -> AbstractShape:
    """The shape that a name stands for; a shape is returned as it is.

    Args:
        choice: A name in `ACTIVATIONS`, or a shape such as `LeakyRelu(slope=0.1)`.
        argument: What the user calls it, for the messages.

    Raises:
        InvalidOption: No activation has this name; the message lists or suggests names.
        InvalidType: It is neither a name nor a shape.

    Example:
        >>> as_activation("tanh")
        Tanh()
    """
    if isinstance(choice, AbstractShape):
        return choice
    if not isinstance(choice, str):
        raise InvalidType(
            f"{argument} is {choice!r}; pass one of the names {', '.join(ACTIVATIONS)}, or an "
            "object such as LeakyRelu(slope=0.1)."
        )
    if choice in ACTIVATIONS:
        return ACTIVATIONS[choice]
    close = difflib.get_close_matches(choice.lower(), ACTIVATIONS, n=1)
    hint = f'Did you mean "{close[0]}"? ' if close else ""
    raise InvalidOption(
        f'{argument} is "{choice}", which is not known. {hint}The names are '
        f"{', '.join(ACTIVATIONS)}."
    )


def activation_text(shape: AbstractShape) -> str:
    """What a user would type for a shape: its name in quotes, or its constructor.

    Example:
        >>> activation_text(Relu()), activation_text(LeakyRelu(slope=0.2))
        ('"relu"', 'LeakyRelu(slope=0.2)')
    """
    for name, known in ACTIVATIONS.items():
        if known == shape:
            return f'"{name}"'
    return repr(shape)
