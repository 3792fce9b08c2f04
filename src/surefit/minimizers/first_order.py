"""First-order descent through optax: Adam, AdamW, stochastic gradients with momentum."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import optax

from surefit.minimizers.base import AbstractMinimizer, Budget, Minima, Report
from surefit.minimizers.epochs import AbstractRule, AbstractSchedule
from surefit.minimizers.options import check_count, check_kind, check_number, constructor
from surefit.minimizers.training import Plan, refusal, train
from surefit.problem.base import AbstractProblem


@dataclasses.dataclass(frozen=True)
class ConstantRate(AbstractSchedule):
    """The same learning rate throughout: the end keeps jittering by about that much."""

    def factor(self, fraction):
        """One."""
        return 1.0 + 0.0 * fraction

    @property
    def decays(self) -> bool:
        """False."""
        return False


@dataclasses.dataclass(frozen=True)
class CosineDecay(AbstractSchedule):
    """The learning rate falls along half a cosine (Loshchilov and Hutter 2017).

    Attributes:
        final: What is left of it at the end, as a fraction.
    """

    final: float = 0.0

    def __post_init__(self) -> None:
        """Check the options."""
        check_number("final", self.final, below=1.0, exclusive=False)

    def factor(self, fraction):
        """From 1 to `final`."""
        cosine = (1 + jnp.cos(jnp.pi * jnp.clip(fraction, 0.0, 1.0))) / 2
        return self.final + (1 - self.final) * cosine

    @property
    def decays(self) -> bool:
        """True."""
        return True


@dataclasses.dataclass(frozen=True)
class _AdamRule(AbstractRule):
    first_decay: float
    second_decay: float
    weight_decay: float

    def transform(self) -> optax.GradientTransformation:
        parts = [optax.scale_by_adam(self.first_decay, self.second_decay)]
        if self.weight_decay:
            parts.append(optax.add_decayed_weights(self.weight_decay))
        return optax.chain(*parts, optax.scale(-1.0))


@dataclasses.dataclass(frozen=True)
class _MomentumRule(AbstractRule):
    momentum: float
    nesterov: bool

    def transform(self) -> optax.GradientTransformation:
        return optax.chain(optax.trace(self.momentum, self.nesterov), optax.scale(-1.0))


@dataclasses.dataclass(frozen=True)
class Adam(AbstractMinimizer):
    """Adam (Kingma and Ba 2015) on shuffled mini-batches, many starts at once.

    It comes down from far away where second-order methods get stuck, costs little memory, and
    does any number of points and parameters; it rarely ends at a minimum, and the status says
    so. Follow it by another, `Polished(Adam(), LBFGS())`, wherever errors are wanted.

    The learning rate applies to scaled variables: one unit of a parameter moves the prediction
    at the start by about the size of the residuals there, or is its own size, if the model is
    not linear in it. So the default suits parameters of any size.

    Attributes:
        learning_rate: Step of each scaled variable, about, at the beginning.
        epochs: Passes through the data; by default the budget's steps. The budget is the limit.
        batch_size: Points in one step; by default 128 or an eighth of the points, whichever is
            less, and all points where −2 ln L is not a sum over them (correlated errors).
        schedule: `CosineDecay()` or `ConstantRate()`.
        first_decay: Decay of the mean gradient, β₁.
        second_decay: Decay of its mean square, β₂.
        patience: Epochs over which −2 ln L has to fall by a tenth of its value per point. If it
            does not, a training at a constant rate ends, and one with a rate that decays goes on
            with the second half of the decay.
        seed: Seed of the shuffles.

    Raises:
        InvalidOption: An option is out of range.

    Example:
        >>> str(Adam(learning_rate=0.1, schedule=ConstantRate()))
        'Adam(learning_rate=0.1, schedule=ConstantRate())'
    """

    learning_rate: float = 0.03
    epochs: int | None = None
    batch_size: int | None = None
    schedule: AbstractSchedule = CosineDecay()
    first_decay: float = 0.9
    second_decay: float = 0.999
    patience: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the options."""
        _check(self)
        check_number("first_decay", self.first_decay, below=1.0, exclusive=False)
        check_number("second_decay", self.second_decay, below=1.0, exclusive=False)

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Train from each point; `steps` of the result counts epochs."""
        rule = _AdamRule(self.first_decay, self.second_decay, 0.0)
        return train(problem, points, _plan(self, rule), budget, report)

    def refusal(self, problem: AbstractProblem) -> str | None:
        """Refuses mini-batches of points with correlated errors, and projected problems."""
        return refusal(problem, self.batch_size)

    @property
    def needs_start(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        """The constructor."""
        return constructor(self)


@dataclasses.dataclass(frozen=True)
class AdamW(AbstractMinimizer):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019).

    Each step also shrinks the parameters towards zero, by the learning rate times `weight_decay`.
    That is a regularization: it ends where −2 ln L and the decay balance, not at a minimum of
    −2 ln L, and the status says so. Polishing undoes it.

    Attributes:
        weight_decay: Fraction by which a step at learning rate one shrinks a parameter.
        learning_rate: As in `Adam`, and so are the others.
        epochs: See `Adam`.
        batch_size: See `Adam`.
        schedule: See `Adam`.
        first_decay: See `Adam`.
        second_decay: See `Adam`.
        patience: See `Adam`.
        seed: See `Adam`.

    Raises:
        InvalidOption: An option is out of range.

    Example:
        >>> str(AdamW(weight_decay=0.1))
        'AdamW(weight_decay=0.1)'
    """

    weight_decay: float = 0.01
    learning_rate: float = 0.03
    epochs: int | None = None
    batch_size: int | None = None
    schedule: AbstractSchedule = CosineDecay()
    first_decay: float = 0.9
    second_decay: float = 0.999
    patience: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the options."""
        _check(self)
        check_number("weight_decay", self.weight_decay, exclusive=False)
        check_number("first_decay", self.first_decay, below=1.0, exclusive=False)
        check_number("second_decay", self.second_decay, below=1.0, exclusive=False)

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Train from each point; `steps` of the result counts epochs."""
        rule = _AdamRule(self.first_decay, self.second_decay, self.weight_decay)
        return train(problem, points, _plan(self, rule), budget, report)

    def refusal(self, problem: AbstractProblem) -> str | None:
        """Refuses mini-batches of points with correlated errors, and projected problems."""
        return refusal(problem, self.batch_size)

    @property
    def needs_start(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        """The constructor."""
        return constructor(self)


@dataclasses.dataclass(frozen=True)
class MomentumSGD(AbstractMinimizer):
    """Stochastic gradient descent with momentum (Polyak 1964; Nesterov 1983).

    The plainest of the family, for comparison and teaching; prefer `Adam`. Variables are scaled
    as for `Adam`, and the learning rate is in units of the inverse of the largest curvature at
    the start, so that steps below 2 (1 + momentum) are stable there.

    Attributes:
        momentum: Fraction of the last step that is added to the next one.
        nesterov: Whether the gradient is that of the point to which the momentum leads.
        learning_rate: Step per gradient.
        epochs: See `Adam`.
        batch_size: See `Adam`.
        schedule: See `Adam`.
        patience: See `Adam`.
        seed: See `Adam`.

    Raises:
        InvalidOption: An option is out of range.

    Example:
        >>> str(MomentumSGD(momentum=0.5))
        'MomentumSGD(momentum=0.5)'
    """

    momentum: float = 0.9
    nesterov: bool = True
    learning_rate: float = 0.1
    epochs: int | None = None
    batch_size: int | None = None
    schedule: AbstractSchedule = CosineDecay()
    patience: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the options."""
        _check(self)
        check_number("momentum", self.momentum, below=1.0, exclusive=False)
        check_kind("nesterov", self.nesterov, bool, "True or False")

    def minimize(
        self, problem: AbstractProblem, points: np.ndarray, *, budget: Budget, report: Report
    ) -> Minima:
        """Train from each point; `steps` of the result counts epochs."""
        rule = _MomentumRule(self.momentum, self.nesterov)
        return train(problem, points, _plan(self, rule), budget, report)

    def refusal(self, problem: AbstractProblem) -> str | None:
        """Refuses mini-batches of points with correlated errors, and projected problems."""
        return refusal(problem, self.batch_size)

    @property
    def needs_start(self) -> bool:
        """True."""
        return True

    def __str__(self) -> str:
        """The constructor."""
        return constructor(self)


def _check(options: Adam | AdamW | MomentumSGD) -> None:
    """Check the options that all of them share."""
    check_number("learning_rate", options.learning_rate)
    if options.epochs is not None:
        check_count("epochs", options.epochs)
    if options.batch_size is not None:
        check_count("batch_size", options.batch_size)
    check_kind("schedule", options.schedule, AbstractSchedule, "CosineDecay() or ConstantRate()")
    check_count("patience", options.patience)
    check_count("seed", options.seed, at_least=0, most=2**32 - 1)


def _plan(options: Adam | AdamW | MomentumSGD, rule: AbstractRule) -> Plan:
    return Plan(
        type(options).__name__,
        rule,
        options.schedule,
        options.learning_rate,
        options.epochs,
        options.batch_size,
        options.patience,
        options.seed,
    )
