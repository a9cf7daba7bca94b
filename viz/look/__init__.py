"""The look of a snapshot: cards with text, frames, links.

Read `picture.py`, then `graph.py`.
"""
