"""Subjects: list, detail, editor, registrations and imports."""
