"""What the API of meetings takes and gives, one noun a module."""
