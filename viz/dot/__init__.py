"""The DOT text of a picture; read `document.py` first."""
