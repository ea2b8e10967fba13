"""What the pages of assurance ask, one noun a module."""
