"""A model as a plain document, and back, through a list of the classes that may be named.

A model is a frozen dataclass, so its document is its class's name and its fields, in turn:
`{"type": "Sigmoids", "fields": {"n": 5, "shape": {"type": "Logistic", "fields": {}}, …}}`.
Tuples become lists; a list always comes back as a tuple, since fields are hashable. Reading looks
a name up among the classes the caller lists and nowhere else: no import, no code from the file.
"""

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from surefit.exceptions import FileProblem, InvalidModel
from surefit.models.base import AbstractModel

_MAX_DEPTH = 30  # of models in models
_KEYS = {"type", "fields"}


def model_document(
    model: AbstractModel, *, stand_in: Callable[[Any], Any] = lambda part: part
) -> dict[str, Any]:
    """Describe a model by plain dictionaries, lists, strings and numbers.

    Args:
        model: A model made of frozen dataclasses, at any depth.
        stand_in: Called on the model and on each part that is a dataclass; what it returns is
            written instead. With it a Python function, which no file can hold, is replaced by what
            a file can keep of it. The default leaves every part as it is.

    Returns:
        A document that `model_from_document` reads.

    Raises:
        InvalidModel: A field holds something that is neither plain nor a dataclass.

    Example:
        >>> from surefit.models.linear import Constant
        >>> model_document(Constant())
        {'type': 'Constant', 'fields': {'n_outputs': 1}}
    """
    document = _document(model, "model", 0, stand_in)
    if not isinstance(document, dict):
        raise InvalidModel(f"Cannot describe {type(model).__name__} as a model; pass a model.")
    return document


def model_from_document(document: Any, classes: Mapping[str, type]) -> AbstractModel:
    """Make a model from its document; safe on documents from anywhere.

    Args:
        document: What `model_document` made.
        classes: The classes that a document may name, by name: models and all they are made of.

    Returns:
        A model equal to the one described.

    Raises:
        FileProblem: A class is not among `classes`, or fields are unknown, missing, or of the
            wrong kind; the message says where.

    Example:
        >>> from surefit.models.linear import Constant
        >>> str(model_from_document({"type": "Constant", "fields": {}}, {"Constant": Constant}))
        'Constant()'
    """
    model = _value(document, classes, "model", 0)
    if not isinstance(model, AbstractModel):
        raise FileProblem(f"The file describes a {type(model).__name__} where a model should be.")
    return model


def _document(item: Any, where: str, depth: int, stand_in: Callable[[Any], Any]) -> Any:
    if depth > _MAX_DEPTH:
        raise InvalidModel(f"{where} is nested more than {_MAX_DEPTH} levels deep; flatten it.")
    if item is None or isinstance(item, bool):
        return item
    if isinstance(item, Fraction):
        fields = {"numerator": item.numerator, "denominator": item.denominator}
        return {"type": "Fraction", "fields": fields}
    for kind in (int, float, str):
        if isinstance(item, kind):
            return kind(item)
    if isinstance(item, tuple):
        return [_document(v, f"{where}[{i}]", depth + 1, stand_in) for i, v in enumerate(item)]
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        item = stand_in(item)
        fields = {
            field.name: _document(
                getattr(item, field.name), f"{where}.{field.name}", depth + 1, stand_in
            )
            for field in dataclasses.fields(item)
            if field.init
        }
        return {"type": type(item).__name__, "fields": fields}
    raise InvalidModel(
        f"{where} is a {type(item).__name__}, which a file cannot hold; use a model of surefit's "
        "own, or keep the fit in memory."
    )


def _value(document: Any, classes: Mapping[str, type], where: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise FileProblem(f"{where} is nested more than {_MAX_DEPTH} levels deep.")
    if isinstance(document, list):
        entries = enumerate(document)
        return tuple(_value(entry, classes, f"{where}[{i}]", depth + 1) for i, entry in entries)
    if not isinstance(document, dict):
        return document
    if document.keys() != _KEYS or not isinstance(document["fields"], dict):
        raise FileProblem(f"{where} should have a type and fields, but has {_listed(document)}.")
    name, fields = document["type"], document["fields"]
    known = {**classes, "Fraction": Fraction}
    if not isinstance(name, str) or name not in known:
        raise FileProblem(
            f"{where} is of the type {str(name)[:60]!r}, which this surefit does not know; it was "
            "saved by a later version, or is not a file of surefit's. Update surefit."
        )
    values = {
        str(key): _value(entry, classes, f"{where}.{key}", depth + 1)
        for key, entry in fields.items()
    }
    return _made(known[name], values, where)


def _made(cls: type, values: dict[str, Any], where: str) -> Any:
    """Call a class with fields by name, once they are known to suit it."""
    hints = {"numerator": int, "denominator": int} if cls is Fraction else _field_hints(cls)
    unknown = values.keys() - hints.keys()
    if unknown:
        raise FileProblem(
            f"{where}, a {cls.__name__}, has the unknown field {_listed(unknown)}; it has "
            f"{_listed(hints)}."
        )
    for name, value in values.items():
        if not _suits(value, hints[name]):
            raise FileProblem(f"{where}.{name} is {_shown(value)}, which does not suit it.")
    # A class may take one field as its positional arguments: Dense(8, 7).
    positional = [
        parameter.name
        for parameter in inspect.signature(cls).parameters.values()
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL
    ]
    arguments = [entry for name in positional for entry in values.pop(name, ())]
    try:
        return cls(*arguments, **values)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise FileProblem(f"{where} makes no {cls.__name__}: {error}") from error


def _field_hints(cls: type) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls) if field.init}


def _suits(value: Any, hint: Any) -> bool:
    """Whether a value is what a field's annotation says, as far as it is a plain one."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hint is None or hint is type(None):
        return value is None
    if origin in (typing.Union, types.UnionType):
        return any(_suits(value, choice) for choice in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(inner) == 2 and inner[1] is Ellipsis:
            return all(_suits(entry, inner[0]) for entry in value)
        return len(value) == len(inner) and all(map(_suits, value, inner))
    if not isinstance(hint, type):
        return True  # shape strings and the like are checked inside
    if isinstance(value, bool) and hint in (int, float):
        return False
    return isinstance(value, (int, float) if hint is float else hint)


def _listed(names: Any) -> str:
    return ", ".join(str(name)[:40] for name in sorted(names, key=str)[:8]) or "nothing"


def _shown(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
