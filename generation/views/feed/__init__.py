"""The feed of batches and tasks, and how it is kept up to date."""
