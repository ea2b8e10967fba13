"""The pages of meetings, one noun a module."""
