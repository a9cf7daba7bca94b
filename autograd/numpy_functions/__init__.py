"""NumPy's functions on Values and arrays of them: NumPy's own answer, or a TypeError.

A ufunc with a row in the table is that row. Where NumPy's answer has no floats in it (an order, a
mask, a count), it is that of the numbers alone. All else is NumPy's own code, run on the Values:
it records by their operators and methods. Unless it is known to be right, what it gives is held
against what it gives for the numbers, and refused where they differ.

Start with `functions.py` and `ufuncs.py`, which NumPy calls.
"""
