"""The difference of two graphs and its picture; read `diff.py` first."""
