"""surefit: fit anything from a straight line to a neural network with one call.

This module lists the public names and does nothing else. A name's module is imported on first use,
so `import surefit` costs milliseconds although JAX and matplotlib take a second.
"""

import importlib

__version__ = "0.1.0.dev0"

# Module -> the public names in it; `__init__.pyi` says the same to type checkers.
_NAMES = {
    "bases.fourier": "Fourier trapezoid_coefficients",
    "bases.piecewise": "Piecewise",
    "bases.polynomials": "Chebyshev Hermite Jacobi Laguerre Legendre Polynomial",
    "bases.sigmoids": "Sigmoids",
    "data.splits": "RandomFolds Split StratifiedFolds split",
    "data.noise": "Asymmetric",
    "exceptions": (
        "ConstantInput DataError FileProblem IllConditioned InvalidBounds "
        "InvalidErrors InvalidModel InvalidOption InvalidType MissingDependency "
        "ModelFailed NotAvailable NotFinite ShapeMismatch SurefitError "
        "TooFewPoints UnknownColumn UnknownParameter UnsuitableMinimizer"
    ),
    "fitting": "fit",
    "histograms": "fit_histogram",
    "loading": "load",
    "losses.asymmetric": "VariableSigma VariableVariance",
    "losses.least_squares": "LeastSquares",
    "losses.penalties": "Ridge Roughness",
    "losses.poisson": "Poisson ScaledPoisson",
    "losses.robust": "Cauchy Huber SoftL1",
    "many.fits": "Fits",
    "many.fitting": "fit_many",
    "minimizers.base": "Budget Status",
    "minimizers.closed_form": "ClosedForm",
    "minimizers.first_order": "Adam AdamW MomentumSGD",
    "minimizers.levenberg_marquardt": "LevenbergMarquardt",
    "minimizers.minuit": "Minuit",
    "minimizers.polished": "Polished",
    "minimizers.quasi_newton": "LBFGS",
    "models.function": "Function",
    "models.linear": "Constant Line Plane",
    "models.readings.bins": "BinIntegrals Cumulative",
    "models.readings.x_errors": "EffectiveVariance ErrorsInVariables",
    "models.structure": "structure",
    "models.structures.whole": "Structure",
    "networks.conversion": "to_dense to_sigmoids",
    "networks.dense": "Dense",
    "networks.equivalence": "equivalent",
    "report.bands": "Band",
    "report.bootstrap": "Bootstrap bootstrap",
    "report.conformal": "Conformal",
    "report.coverage": "Coverage",
    "report.derived": "Derived",
    "report.ensemble": "Ensemble",
    "report.goodness": "Goodness",
    "report.intervals": "Contour Profile",
    "report.leave_one_out": "LeaveOneOut",
    "result": "Fit",
    "selection.bayes_factor": "BayesFactor bayes_factor",
    "selection.compare": "Comparison compare",
    "selection.complexity_curve": "ComplexityCurve complexity_curve",
    "selection.cross_validation": "CrossValidation cross_validate",
    "selection.explain": "Explanation explain",
    "selection.learning_curve": "LearningCurve learning_curve",
    "selection.likelihood_ratio": "LikelihoodRatio likelihood_ratio",
    "selection.priors": "NormalPrior UniformPrior",
    "selection.refits": "Cold Warm",
    "uncertainty.conformal": "CVPlus SplitConformal",
    "uncertainty.profiles": "Interval",
    "uncertainty.resampling": "Cases Parametric Residuals",
}

_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted([*_MODULES, "__version__"])  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    """Import the module of a public name, once: afterwards it is an ordinary attribute."""
    if name not in _MODULES:
        raise AttributeError(f"module 'surefit' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"surefit.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, whether or not their modules are loaded yet."""
    return __all__
