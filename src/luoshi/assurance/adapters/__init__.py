"""What is written for other programs（与外部程序的往来）."""
