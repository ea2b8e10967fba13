"""Reading with permission（查询）, one noun a module."""

from luoshi.assurance.queries.blind import sensitivity

__all__ = ["sensitivity"]
