"""The pages of who runs the studio: mostly read, behind a second step, never anything that pays."""
