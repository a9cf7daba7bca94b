"""Rendering: the layout engine, its SVG, and the other formats. Read `engine.py` first."""
