"""The grid of outputs, the viewer, trash and downloads."""
