"""Keys, sessions, settings and the first account."""
