"""Contact with Python and the disk: source lines, files, the garbage collector.

Start with `source.py`, which knows the line of the user's code that is being run.
"""
