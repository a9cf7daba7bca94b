"""The engines of `fit`; see `engine.py`."""
