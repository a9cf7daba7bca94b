"""Contact with Python and the disk: source lines, files, the garbage collector; see `source.py`."""
