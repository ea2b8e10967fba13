"""Pages of delivery（页面）: translate in, call one service, translate out."""
