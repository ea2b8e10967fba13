"""复盘会: the hour in which heads sit in one room, prepared, minuted and turned into commitments."""
