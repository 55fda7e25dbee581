"""What Django plugs in: middleware, context processor, upload limits, logs, error pages."""
