"""Registering a subject in a provider's own subject library."""
