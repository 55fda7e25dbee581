"""What a file says of where it comes from: read from it, and written into a copy of it.

Containers are edited as bytes: what is decoded from a copy is what is decoded from its original.
Nothing of a file is decoded here, no XML is parsed, and nothing is read that has no bound.
"""
