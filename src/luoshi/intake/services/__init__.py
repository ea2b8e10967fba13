"""Writers of the intake（收文）."""
