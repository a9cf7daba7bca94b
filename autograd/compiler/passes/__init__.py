"""Passes over a tape: simplified, sums of products gathered, scheduled in groups.

Read `sums.py` first.
"""
