"""工作台: pages that cross applications (today, board). No models."""
