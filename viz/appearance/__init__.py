"""The appearance of pictures: options, colours, the source of numbers, text made harmless.

Read `options.py` first.
"""
