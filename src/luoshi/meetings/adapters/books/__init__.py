"""The book on paper（复盘册的纸面）: PDF by Typst, charts by matplotlib, Word by python-docx."""
