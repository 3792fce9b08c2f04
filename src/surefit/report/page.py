"""A self-contained web page: figures inside, nothing loaded from elsewhere, good on paper too."""

import base64
import dataclasses
import re
from collections.abc import Sequence
from html import escape

from matplotlib.figure import Figure

from surefit.report.formula import formula_svg
from surefit.report.html import table_html
from surefit.report.style import rendered

_MAX_SVG = 400_000  # bytes; a figure of a thousand error bars is smaller, and sharper, as PNG
_PAGE_PIXELS_PER_INCH = 150

_STYLE = """
:root{color-scheme:light dark;--ink:#1c1c1e;--paper:#fff;--quiet:#5c5f66;--rule:#d5d7db;
  --code:#f2f3f5;--link:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e6e6e8;--paper:#17181b;--quiet:#a3a6ad;
  --rule:#3a3c42;--code:#24262b;--link:#7cb7f2}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1.2rem 4rem;max-width:52rem;background:var(--paper);
  color:var(--ink);font:17px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
  "DejaVu Sans",Arial,sans-serif;overflow-wrap:break-word}
h1{font-size:1.9rem;line-height:1.2;margin:.6em 0 .5em}
h2{font-size:1.35rem;line-height:1.3;margin:2.2em 0 .5em;padding-top:.6em;
  border-top:1px solid var(--rule)}
a{color:var(--link)}
nav{font-size:.95rem;margin:1em 0}
nav ol{margin:0;padding-left:1.4em;columns:2 18rem}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;
  font-size:.88em;background:var(--code);border-radius:4px}
code{padding:.1em .3em}
pre{padding:.8em 1em;overflow-x:auto;line-height:1.45}
pre code{padding:0;background:none;font-size:1em}
figure{margin:1.6em 0;break-inside:avoid}
figure img{display:block;width:100%;height:auto;margin:0 auto;background:#fff;border-radius:6px;
  padding:6px}
figcaption{color:var(--quiet);font-size:.92rem;margin-top:.5em}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:1em 0}
th,td{padding:.3em .8em;text-align:left;vertical-align:baseline}
thead th{border-bottom:2px solid var(--rule)}
tbody tr{border-bottom:1px solid var(--rule)}
.surefit-number{text-align:right}
.display{display:block;text-align:center;margin:1em 0;font-size:1.15em;overflow-x:auto}
footer{margin-top:4em;color:var(--quiet);font-size:.85rem}
@media print{:root{--ink:#000;--paper:#fff;--quiet:#444;--rule:#bbb;--code:#f2f3f5;--link:#000}
  body{max-width:none;padding:0;font-size:10.5pt}h2{break-after:avoid}nav{display:none}
  table,pre{break-inside:avoid}.wide,pre{overflow:visible}pre{white-space:pre-wrap}}
"""


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """A figure on a page.

    Attributes:
        figure: A matplotlib figure.
        caption: What it shows, in the language of `Section.text`.
        description: What a reader who cannot see it should know; the default is the caption.
    """

    figure: Figure
    caption: str
    description: str = ""


@dataclasses.dataclass(frozen=True)
class PageTable:
    """A table on a page.

    Attributes:
        header: One heading for each column; a leading `>` aligns the column to the right.
        rows: Rows of as many cells, in the language of `Section.text`.
        caption: What it shows, or empty.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Section:
    r"""A part of a page: heading, text, tables, pictures and ready HTML, shown in that order.

    The text is paragraphs between empty lines. `**bold**`, `*emphasis*`, `` `code` ``,
    `[a link](https://…)` and formulas between dollar signs, `$\chi^2$`, work inside a line. A
    paragraph whose lines begin with `- ` is a list, one between lines of three backquotes is code,
    one between double dollar signs is a formula of its own. All else is shown as it stands.

    Attributes:
        title: Heading, or empty for none.
        text: Paragraphs.
        tables: Tables below the text.
        pictures: Figures below the tables.
        html: HTML that is put in as it is, below all: `fit_html(summary)`. It is not escaped.
    """

    title: str = ""
    text: str = ""
    tables: tuple[PageTable, ...] = ()
    pictures: tuple[Picture, ...] = ()
    html: str = ""


def page(title: str, sections: Sequence[Section], *, footer: str = "Made by surefit.") -> str:
    """Make one self-contained HTML page.

    Args:
        title: Heading and window title.
        sections: What the page holds.
        footer: The last line, in the language of `Section.text`.

    Returns:
        The page: figures are embedded, nothing is loaded from anywhere, no script runs. It adapts
        to dark windows, small screens and paper, and is the same each time.

    Raises:
        InvalidOption: A formula cannot be drawn.

    Example:
        >>> page("A fit", [Section("Result", "All is *well*.")]).count("<em>well</em>")
        1
    """
    titled = [(number, part) for number, part in enumerate(sections, start=1) if part.title]
    links = "".join(f'<li><a href="#part-{n}">{inline(part.title)}</a></li>' for n, part in titled)
    contents = f'<nav aria-label="Contents"><ol>{links}</ol></nav>' if len(titled) > 2 else ""
    body = "\n".join(_section(number, part) for number, part in enumerate(sections, start=1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>{inline(title)}</h1></header>
{contents}
<main>
{body}
</main>
<footer>{inline(footer)}</footer>
</body>
</html>
"""


def embedded(figure: Figure) -> str:
    """Turn a figure into an address that holds it: SVG, or PNG where that is much smaller.

    Args:
        figure: Any matplotlib figure.

    Returns:
        A `data:` address for the `src` of an image.
    """
    content, kind = rendered(figure, "svg"), "svg+xml"
    if len(content) > _MAX_SVG:
        kind = "png"
        content = rendered(figure, "png", pixels_per_inch=_PAGE_PIXELS_PER_INCH)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


_INLINE = re.compile(
    r"`(?P<code>[^`]+)`"
    r"|\$(?P<math>[^$\s](?:[^$]*[^$\s])?)\$"
    r"|\*\*(?P<bold>[^*]+)\*\*"
    r"|(?<!\w)\*(?P<emphasis>[^*\s](?:[^*]*[^*\s])?)\*(?!\w)"  # a*b*c is a product
    r"|\[(?P<text>[^\]]+)\]\((?P<address>https?://[^\s)]+|#[\w-]+)\)"
)


def inline(text: str) -> str:
    """Turn one line of text with marks into HTML; everything that is no mark is escaped.

    Args:
        text: A line in the language of `Section.text`.

    Example:
        >>> inline("**5 < 6** in `a < b`")
        '<b>5 &lt; 6</b> in <code>a &lt; b</code>'
    """
    pieces, end = [], 0
    for match in _INLINE.finditer(text):
        pieces.append(escape(text[end : match.start()]))
        pieces.append(_marked(match))
        end = match.end()
    return "".join([*pieces, escape(text[end:])])


def _marked(match: re.Match[str]) -> str:
    found = match.groupdict()
    if found["code"] is not None:
        return f"<code>{escape(found['code'])}</code>"
    if found["math"] is not None:
        return formula_svg(found["math"])
    if found["bold"] is not None:
        return f"<b>{inline(found['bold'])}</b>"
    if found["emphasis"] is not None:
        return f"<em>{inline(found['emphasis'])}</em>"
    return f'<a href="{escape(found["address"])}">{inline(found["text"])}</a>'


def _section(number: int, part: Section) -> str:
    pieces = [f'<section id="part-{number}">']
    if part.title:
        pieces.append(f"<h2>{inline(part.title)}</h2>")
    pieces.append(_paragraphs(part.text))
    for table in part.tables:
        marks = [">" if cell.startswith(">") else "" for cell in table.header]
        names = [inline(cell.removeprefix(">")) for cell in table.header]
        header = [mark + name for mark, name in zip(marks, names, strict=True)]
        rows = [[inline(cell) for cell in row] for row in table.rows]
        caption = f"<figcaption>{inline(table.caption)}</figcaption>" if table.caption else ""
        pieces.append(
            f'<figure><div class="wide">{table_html(header, rows)}</div>{caption}</figure>'
        )
    for picture in part.pictures:
        description = escape(picture.description or picture.caption)
        image = f'<img alt="{description}" src="{embedded(picture.figure)}">'
        caption = f"<figcaption>{inline(picture.caption)}</figcaption>"
        pieces.append(f"<figure>{image}{caption}</figure>")
    return "\n".join(filter(None, [*pieces, part.html, "</section>"]))


_BLOCK = re.compile(r"^```\w*\n(?P<code>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def _paragraphs(text: str) -> str:
    pieces, end = [], 0
    for match in _BLOCK.finditer(text):
        pieces += [_paragraph(block) for block in _blocks(text[end : match.start()])]
        pieces.append(f"<pre><code>{escape(match['code'].rstrip())}</code></pre>")
        end = match.end()
    pieces += [_paragraph(block) for block in _blocks(text[end:])]
    return "\n".join(pieces)


def _blocks(text: str) -> list[str]:
    return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]


def _paragraph(block: str) -> str:
    if block.startswith("$$") and block.endswith("$$") and len(block) > 4:
        return f'<div class="display">{formula_svg(" ".join(block[2:-2].split()))}</div>'
    if block.startswith("- "):
        items = re.split(r"\n- ", block.removeprefix("- "))
        return "<ul>" + "".join(f"<li>{inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{inline(block)}</p>"
