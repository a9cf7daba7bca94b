"""Text for people: numbers and names in words, how wide text is, tables, and plain ASCII.

Start with `columns.py`: display width, cutting and wrapping.
"""
