"""Every error a user of surefit can meet.

::

    SurefitError
    ├── DataError (ValueError)              the data cannot be fitted as they are
    │   ├── ShapeMismatch                   x, y, yerr or a model's output do not fit together
    │   ├── NotFinite                       NaN or infinity where a number is needed
    │   ├── TooFewPoints                    fewer points than the model has free parameters
    │   ├── ConstantInput                   every x is the same, but the model needs it to vary
    │   ├── InvalidErrors                   zero, negative, or not positive definite
    │   └── FileProblem                     a file is missing, broken or of an unknown kind
    │       └── UnknownColumn               a column name is not in the file
    ├── InvalidType (TypeError)             strings, objects, or the wrong kind of argument
    ├── InvalidOption (ValueError)          an argument's value is outside what is allowed
    │   ├── UnknownParameter                a name is not a parameter of the model
    │   ├── InvalidBounds                   contradictory, inverted, or start outside
    │   └── InvalidModel                    a model description or formula cannot be used
    ├── ModelFailed (ValueError)            the user's function raised, or gave no finite value
    ├── IllConditioned (ValueError)         numbers would be lost to rounding
    ├── UnsuitableMinimizer (ValueError)    this minimizer cannot do this problem; says which can
    ├── NotAvailable (ValueError)           this fit does not carry what was asked for
    └── MissingDependency (ImportError)     an optional package is needed; says how to install it
"""


class SurefitError(Exception):
    """Base of every error that surefit raises on purpose."""


class DataError(SurefitError, ValueError):
    """The data cannot be fitted as they are."""


class ShapeMismatch(DataError):
    """Arrays do not fit together."""


class NotFinite(DataError):
    """NaN or infinity where a finite number is needed."""


class TooFewPoints(DataError):
    """There are fewer points than the model has free parameters."""


class ConstantInput(DataError):
    """Every x is the same, but the model needs it to vary."""


class InvalidErrors(DataError):
    """Errors on y that are zero, negative, or not a covariance."""


class FileProblem(DataError):
    """A file is missing, broken, or of an unknown kind."""


class UnknownColumn(FileProblem):
    """A column name is not in the file."""


class InvalidType(SurefitError, TypeError):
    """An argument is of a kind that cannot be used."""


class InvalidOption(SurefitError, ValueError):
    """An argument's value is outside what is allowed."""


class UnknownParameter(InvalidOption):
    """A name is not a parameter of the model."""


class InvalidBounds(InvalidOption):
    """Bounds that contradict each other, or a start outside them."""


class InvalidModel(InvalidOption):
    """A model description or a formula that cannot be used."""


class ModelFailed(SurefitError, ValueError):
    """The model function raised an error, or gave no finite value."""


class IllConditioned(SurefitError, ValueError):
    """The answer would be lost to rounding."""


class UnsuitableMinimizer(SurefitError, ValueError):
    """A minimizer cannot do this problem."""


class NotAvailable(SurefitError, ValueError):
    """This fit does not carry what was asked for."""


class MissingDependency(SurefitError, ImportError):
    """An optional package is needed for this."""
