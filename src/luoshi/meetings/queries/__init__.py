"""Reading meetings with permission, one noun a module."""
