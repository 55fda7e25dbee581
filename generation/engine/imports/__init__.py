"""Bringing a provider's subjects into the team's library."""
