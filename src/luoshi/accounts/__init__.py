"""账户: users, tokens, idempotency keys."""
