"""The choice of what a picture shows of a graph: nodes, boxes for folded parts, stubs, frames.

Read `elements.py` first, then `nearest.py` and `folding.py`.
"""
