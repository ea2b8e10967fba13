"""复盘会: review meetings, the book laid before them, official papers."""
