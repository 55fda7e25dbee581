"""Flows over rows: start, submit, poll, store, reconcile, sweep. The row is the truth."""
