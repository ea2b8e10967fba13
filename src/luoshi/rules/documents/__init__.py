"""Rules for texts and files that come into the house."""
