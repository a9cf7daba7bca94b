"""The snapshot of a graph, plain data that every format is made of.

Read `snapshot.py`, then `take.py`.
"""
