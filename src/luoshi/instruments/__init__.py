"""专业工具: optional professional methods found by entry point. None is shipped yet."""
