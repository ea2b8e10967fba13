"""What the pages of meetings ask, one noun a module."""
