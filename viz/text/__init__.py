"""Pictures in characters for a terminal, and the table of a picture; read `drawing.py` first."""
