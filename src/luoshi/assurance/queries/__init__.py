"""Reading with permission（查询）, one noun a module."""
