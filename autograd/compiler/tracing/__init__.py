"""Tracing: a function recorded on tracers as a tape of scalars, and the tape differentiated.

Read `tape.py` first.
"""
