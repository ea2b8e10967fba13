"""The pages of assurance, one noun a module."""
