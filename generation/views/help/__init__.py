"""What every model takes."""
