"""Makes what guests are given in place of a file, in a process of its own."""
