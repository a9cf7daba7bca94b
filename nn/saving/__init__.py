"""Models and runs on disk; see `models.py`."""
