"""公文: papers drawn as PDF and written as Word files."""
