"""The DOT text of a picture, with the look of its nodes, boxes and arrows.

Read `document.py` first; it calls the other modules.
"""
