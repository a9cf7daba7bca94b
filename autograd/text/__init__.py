"""Text for people: numbers, names, tables, plain ASCII; start with the widths in `columns.py`."""
