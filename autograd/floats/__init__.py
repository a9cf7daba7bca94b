"""Arithmetic on numbers alone, without a graph: one float at a time in `ieee.py`, or on arrays."""
