"""Running: a program computed by NumPy, or by any library of the Array API standard.

Read `run.py` first.
"""
