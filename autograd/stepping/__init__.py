"""A pass in single events: `stepper.py` moves through the log that `events.py` writes."""
