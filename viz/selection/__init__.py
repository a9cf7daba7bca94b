"""The choice of what a picture shows of a graph: nodes, boxes for folded parts, stubs, frames.

Read `elements.py` first, then `nearest.py`, then `foldable.py` and `folding.py`, whose foldings of
a million nodes are arrays of numbers: `wiring.py`, `partition.py`.
"""
