"""Serves Django under ASGI: bodies and answers travel without a thread of their own."""
