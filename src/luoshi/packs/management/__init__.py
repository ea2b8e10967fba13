"""Management commands of the packs."""
