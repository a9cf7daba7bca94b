"""A layered layout of our own for very large pictures. Read `layering.py` first."""
