"""Arrays of Values: how they are made, read and written, and the functions on them.

Start with `conversion.py`.
"""
