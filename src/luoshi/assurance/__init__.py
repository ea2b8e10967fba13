"""核验: drawn by lot, visited, certified, looked back at."""
