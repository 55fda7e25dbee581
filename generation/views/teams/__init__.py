"""Teams: choosing one, its members and settings."""
