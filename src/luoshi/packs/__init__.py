"""方案包: programme content as YAML, its schema, loader and the demonstration. No models."""
