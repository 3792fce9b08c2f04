"""Show a result: text, HTML, plots, rounding, files; functions of plain records."""
