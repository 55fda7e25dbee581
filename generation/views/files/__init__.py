"""Serving stored files, receiving uploads, and input zones."""
