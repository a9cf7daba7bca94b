"""The debugger: a shell that steps through a forward and a backward pass; read `shell.py` first."""
