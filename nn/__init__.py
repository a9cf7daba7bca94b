"""Small networks of Values."""
