"""How fast surefit is, beside the tools that a physicist would otherwise use, in one run.

`python -m benchmarks` measures everything and writes `benchmarks.json` and `benchmarks.md`.
Only ratios carry over to other machines: each pair is timed in turns, A B A B, so that a drift of
the machine cancels, and process CPU time is given beside wall time.
"""
