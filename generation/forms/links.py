"""Addresses of pages for a mail."""

from generation.engine.mail_setup import link_to

__all__ = ["link_to"]
