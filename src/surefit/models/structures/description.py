"""A structure in words: a table of parameters, and what follows from it for a fit."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from html import escape

from surefit.models.structures.record import Role, Symmetries, Symmetry

WIDTH = 88
_HEAD = ("parameter", "enters", "interchangeable with", "sign")


def rows(
    names: Sequence[str], roles: Sequence[Role], symmetries: Symmetries
) -> list[tuple[str, ...]]:
    """One row of the table for each parameter: name, role, partners, sign."""
    return [
        (name, roles[i].value, _partners(names, symmetries, i), _sign(names, symmetries, i))
        for i, name in enumerate(names)
    ]


def text(title: str, body: Sequence[tuple[str, ...]], remarks: Sequence[str]) -> str:
    """Title, table and remarks as plain text, without a final line end."""
    table = [_HEAD, *body]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEAD))]
    used = [column for column in range(len(_HEAD)) if any(row[column] for row in body)]
    lines = ["  ".join(row[c].ljust(widths[c]) for c in used).rstrip() for row in table]
    lines.insert(1, "  ".join("─" * widths[column] for column in used))
    filled = [
        textwrap.fill(remark, WIDTH, initial_indent="- ", subsequent_indent="  ")
        for remark in remarks
    ]
    return "\n".join([title, "", *(f"  {line}" for line in lines), "", *filled])


def html(title: str, body: Sequence[tuple[str, ...]], remarks: Sequence[str]) -> str:
    """The same as one `<div>` for notebooks, everything escaped."""

    def cells(row: tuple[str, ...], tag: str) -> str:
        style = ' style="text-align:left;padding:.15em .8em"'
        return "".join(f"<{tag}{style}>{escape(cell)}</{tag}>" for cell in row)

    lines = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in body)
    items = "".join(f"<li>{escape(remark)}</li>" for remark in remarks)
    return (
        f'<div class="surefit-structure"><p><b>{escape(title)}</b></p>'
        f"<table><thead><tr>{cells(_HEAD, 'th')}</tr></thead><tbody>{lines}</tbody></table>"
        f"<ul>{items}</ul></div>"
    )


def notes(names: Sequence[str], roles: Sequence[Role], symmetries: Symmetries) -> list[str]:
    """What a reader may conclude, one sentence or two each."""
    found = [
        f"{role.value.capitalize()} ({listed(names[i] for i in which)}): {role.meaning}"
        for role in Role
        if (which := [i for i, other in enumerate(roles) if other is role])
        and role is not Role.smooth
    ]
    for family in symmetries.families:
        blocks = listed("(" + ", ".join(names[i] for i in block) + ")" for block in family)
        found.append(
            f"The blocks {blocks} may be permuted: the same curve, reported in one order only."
        )
    single = [flip for flip in symmetries.flips if flip.parameters == flip.flipped[:1]]
    if single:
        which = listed(names[flip.flipped[0]] for flip in single)
        found.append(f"The curve does not depend on the sign of {which}: reported positive.")
    found += [
        f"The same curve: {_change(names, flip)}."
        for flip in symmetries.flips
        if flip not in single
    ]
    found += [f"* The same curve: {_change(names, mixed)}." for mixed in symmetries.mixed]
    found += [
        f"{names[i]} has the period {_number(period)}: it is reported between "
        f"-{_number(period / 2)} and {_number(period / 2)}."
        for i, period in symmetries.periods
    ]
    return found


def _partners(names: Sequence[str], symmetries: Symmetries, i: int) -> str:
    """The corresponding parameters of the other blocks."""
    partners = []
    for family in symmetries.families:
        place = next((block.index(i) for block in family if i in block), None)
        if place is not None:
            partners += [names[block[place]] for block in family if i not in block]
    for symmetry in symmetries.mixed:
        for pair in symmetry.swapped:
            if i in pair:
                partners.append(f"{names[pair[0] if i == pair[1] else pair[1]]}*")
    shown = ", ".join(partners[:4])
    return shown + (f", … ({len(partners)})" if len(partners) > 4 else "")


def _sign(names: Sequence[str], symmetries: Symmetries, i: int) -> str:
    """Whether a sign is a matter of convention, and with which others it changes."""
    said = []
    for flip in symmetries.flips:
        if i not in flip.flipped:
            continue
        others = [names[j] for j in flip.flipped if j != i]
        shifted = [names[j] for j, _ in flip.shifted]
        said.append(
            " ".join(["with", ", ".join(others + shifted)]) if others + shifted else "either"
        )
    for k, period in symmetries.periods:
        if k == i:
            said.append(f"period {_number(period)}")
    return "; ".join(said)


def _change(names: Sequence[str], symmetry: Symmetry) -> str:
    said = [f"{names[i]} ↔ {names[j]}" for i, j in symmetry.swapped]
    said += [f"{names[i]} → -{names[i]}" for i in symmetry.flipped]
    said += [f"{names[i]} → {names[i]} + {names[j]}" for i, j in symmetry.added]
    said += [f"{names[i]} → {names[i]} + {_number(amount)}" for i, amount in symmetry.shifted]
    return ", ".join(said)


def listed(items: Iterable[str]) -> str:
    """Words with commas; many are cut short."""
    words = list(items)
    shown = ", ".join(words[:8])
    return shown + (f", … ({len(words)} in all)" if len(words) > 8 else "")


def _number(value: float) -> str:
    """A number, as a fraction of π where it is one."""
    for divisor in (1, 2, 4):
        for times in (1, 2):
            if math.isclose(value, times * math.pi / divisor, rel_tol=1e-12):
                return f"{times if times > 1 else ''}π{f'/{divisor}' if divisor > 1 else ''}"
    return f"{value:g}"
