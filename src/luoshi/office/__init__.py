"""文书: files, jobs, messages and channels, search index, saved views."""
