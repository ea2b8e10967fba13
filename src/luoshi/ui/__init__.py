"""界面件: base templates, components, template tags, static files. No models."""
