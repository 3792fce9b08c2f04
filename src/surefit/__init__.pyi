"""The public names and their types; `tests/test_import.py` compares them with `__init__.py`."""

from surefit.exceptions import ConstantInput as ConstantInput
from surefit.exceptions import DataError as DataError
from surefit.exceptions import FileProblem as FileProblem
from surefit.exceptions import IllConditioned as IllConditioned
from surefit.exceptions import InvalidBounds as InvalidBounds
from surefit.exceptions import InvalidErrors as InvalidErrors
from surefit.exceptions import InvalidModel as InvalidModel
from surefit.exceptions import InvalidOption as InvalidOption
from surefit.exceptions import InvalidType as InvalidType
from surefit.exceptions import MissingDependency as MissingDependency
from surefit.exceptions import ModelFailed as ModelFailed
from surefit.exceptions import NotAvailable as NotAvailable
from surefit.exceptions import NotFinite as NotFinite
from surefit.exceptions import ShapeMismatch as ShapeMismatch
from surefit.exceptions import SurefitError as SurefitError
from surefit.exceptions import TooFewPoints as TooFewPoints
from surefit.exceptions import UnknownColumn as UnknownColumn
from surefit.exceptions import UnknownParameter as UnknownParameter
from surefit.exceptions import UnsuitableMinimizer as UnsuitableMinimizer

__version__: str
