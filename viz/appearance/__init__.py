"""The options and the colours of pictures."""
