"""What people paste into a key field."""

KEY = "vda_9f8e7d6c5b4a3210"

WRAPPED = [
    KEY,
    f"  {KEY}\r\n",
    f'"{KEY}"',
    f"'{KEY}'",
    f"`{KEY}`",
    f"\u201c{KEY}\u201d",
    f"Bearer {KEY}",
    f"token  {KEY}",
    f"Authorization: Token {KEY}",
    f'"Authorization: Bearer {KEY}"',
    f'Bearer "{KEY}"',
]

NOT_KEYS = [
    ("", "Enter the key."),
    (" \t ", "Enter the key."),
    ("Bearer ", "Enter the key."),
    ("vda_12345678 90", "A key has no spaces inside."),
    ("vda_12345678\n90", "A key has no spaces inside."),
    ("vda_1234\x0056789", "This holds a sign that no key has."),
    ("vda_1234\x1b[31m", "This holds a sign that no key has."),
    ("vda_1234\u202e5678", "This holds a sign that no key has."),
    ("vda_кириллица", "This holds a sign that no key has."),
    ("v" * 501, "A key has at most 500 characters."),
]
