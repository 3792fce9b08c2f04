"""From the text of a formula to a syntax tree, with messages that show where something is wrong."""

import ast
import keyword
import re
import warnings
from collections.abc import Sequence
from typing import NoReturn

from surefit.exceptions import InvalidModel

# A formula is written by hand. The limits keep a hostile one from exhausting time or memory.
MOST_CHARACTERS = 4000
MOST_LEVELS = 200  # a sum of 200 terms is 200 levels deep

_SHOWN_BEFORE, _SHOWN = 60, 100  # characters of a long formula in a message


def parse_tree(text: str) -> ast.expr:
    """Parse a formula; what its nodes may be is not checked here.

    Raises:
        InvalidModel: It is empty, too long, too deep, or not an expression.
    """
    if not text:
        raise InvalidModel("The formula is empty; write one such as 'a*exp(-x/tau) + c'.")
    if len(text) > MOST_CHARACTERS:
        raise too_long(f"has {len(text)} characters, more than {MOST_CHARACTERS}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid decimal literal" and the like
            tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        _fail_syntax(text, error)
    except (ValueError, MemoryError, RecursionError):
        raise InvalidModel("The formula is nested too deeply, or not text at all.") from None
    level: Sequence[ast.AST] = [tree]
    for _ in range(MOST_LEVELS):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise too_long(f"is nested more than {MOST_LEVELS} levels deep")


def too_long(how: str) -> InvalidModel:
    """The error for a formula beyond the limits."""
    return InvalidModel(
        f"The formula {how}; put it in a Python function and give file.py:function."
    )


def fail(text: str, place: ast.AST | int, reason: str) -> NoReturn:
    """Raise an error that shows the formula with a mark under a place.

    Args:
        text: The formula, on one line.
        place: A node of its tree, or a position in characters.
        reason: What is wrong there and what to write instead.

    Raises:
        InvalidModel: Always.
    """
    if isinstance(place, int):
        position = place
    else:  # columns of syntax trees count bytes
        offset = getattr(place, "col_offset", 0)
        position = len(text.encode()[:offset].decode(errors="ignore"))
    start = max(0, position - _SHOWN_BEFORE)
    dots = "..." if start else ""
    shown = dots + text[start : start + _SHOWN]
    caret = " " * (len(dots) + position - start) + "^"
    stop = "" if reason.endswith("?") else "."
    raise InvalidModel(f"In the formula, {reason}{stop}\n    {shown}\n    {caret}")


def _fail_syntax(text: str, error: SyntaxError) -> NoReturn:
    """Say what people usually mean by what Python cannot parse."""
    assigned = re.match(r"[^=<>!(]*(?<![<>!=])=(?!=)", text)
    if assigned:
        fail(text, assigned.end() - 1, "give only what is right of the = sign")
    product = re.search(r"(?<![\w.])\d+\.?\d*(?=[^\W\d_])(?![eE][+-]?\d)", text)
    if product:
        fail(text, product.end(), f"write the multiplication sign: {product[0]}*...")
    allowed = {"and", "or", "not", "if", "else"}
    words = list(re.finditer(r"\w+", text))
    for word in words:
        if keyword.iskeyword(word[0]) and word[0] not in allowed:
            fail(text, word.start(), f"{word[0]} is a word of Python; choose another name")
    side_by_side = re.search(r"(?<=[\w)])\s+(?=[\w(])", text)
    if side_by_side and not any(word[0] in allowed for word in words):
        fail(text, side_by_side.end(), "an operator such as * is missing here")
    position = min(max((error.offset or 1) - 1, 0), len(text))
    fail(text, position, f"this is not a formula ({error.msg})")
