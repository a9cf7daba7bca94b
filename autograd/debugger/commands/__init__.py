"""The commands of the shell, by kind; read `table.py` first, which lists all of them."""
