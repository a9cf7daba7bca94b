"""The terminal of the shell: `input.py` reads commands, `screen.py` writes answers."""
