"""`record()` and `detect_anomaly()`, and what they note and check; read `observers.py` first."""
