"""What only those who poll need: not imported with the providers, as it brings aiohttp along."""
