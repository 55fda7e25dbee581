"""The root address and health checks."""
