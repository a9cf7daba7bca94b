"""The state of a debugging session, from its names to its breakpoints; read `session.py` first."""
