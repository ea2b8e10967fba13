"""What the API of assurance takes and gives, one noun a module."""
