"""``luoshi packs`` and ``luoshi demo``."""
