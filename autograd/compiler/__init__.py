"""The compiler: scalar code recorded once, run as array code.

Read `pipeline.py` first: it leads from a recording to a program, one pass after the other.
"""
