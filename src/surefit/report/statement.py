"""Small results in two views: a heading, a few quantities in a table, sentences below."""

import textwrap
from collections.abc import Sequence
from html import escape

from surefit.report.html import table_html, view
from surefit.report.text import WIDTH
from surefit.report.wording import plain

Quantity = tuple[str, str, str]
"""What it is, its value, and a remark or nothing."""


def statement_text(heading: str, quantities: Sequence[Quantity], sentences: Sequence[str]) -> str:
    """Write a small result in plain text of at most 80 columns.

    Args:
        heading: What it is.
        quantities: The numbers, in order.
        sentences: What is to be said of them.

    Example:
        >>> print(statement_text("Leave-one-out", [("-2 ln L", "101.2 ± 3", "")], ["Exact."]))
        Leave-one-out
        <BLANKLINE>
          -2 ln L  101.2 ± 3
        <BLANKLINE>
        Exact.
    """
    names = max((len(name) for name, _, _ in quantities), default=0)
    values = max((len(value) for _, value, _ in quantities), default=0)
    table = [
        f"  {name.ljust(names)}  {value.ljust(values)}  {remark}".rstrip()
        for name, value, remark in quantities
    ]
    said = [textwrap.fill(plain(sentence), WIDTH) for sentence in sentences if sentence]
    blocks = [[textwrap.fill(plain(heading), WIDTH)], table, said]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def statement_html(heading: str, quantities: Sequence[Quantity], sentences: Sequence[str]) -> str:
    """Write the same as a piece of HTML; everything is escaped.

    Args:
        heading: What it is.
        quantities: The numbers, in order.
        sentences: What is to be said of them.
    """
    rows = [[escape(cell).replace("-2 ln", "−2 ln") for cell in row] for row in quantities]
    said = [f"<p>{escape(plain(sentence))}</p>" for sentence in sentences if sentence]
    table = table_html(["", ">", ""], rows) if rows else ""
    return view([f"<p><b>{escape(plain(heading))}</b></p>", table, *said])
