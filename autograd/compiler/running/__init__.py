"""Running: a program computed by NumPy, by any library of the Array API standard, or by JAX.

Read `run.py` first.
"""
