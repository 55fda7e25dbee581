"""Comments, versions and reviews of outputs."""
