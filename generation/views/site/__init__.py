"""One task: its page, its actions and provider callbacks."""
