"""收文: documents that come in, read into drafts of commitments."""
