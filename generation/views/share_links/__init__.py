"""Collections: the list, one of them, its order, and what goes into it."""
