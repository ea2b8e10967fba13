"""What meetings give out of hand, one noun a package."""
