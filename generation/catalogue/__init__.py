"""What can be asked of whom: modes, models, limits, defaults and prices. Pure tables and rules."""
