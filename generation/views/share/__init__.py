"""What guests see: the pages behind a share link."""
