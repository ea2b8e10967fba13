"""The only room that touches the disk of files and the mail server."""
