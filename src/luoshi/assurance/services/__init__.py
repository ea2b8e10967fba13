"""The only writers of assurance, one act a function."""
