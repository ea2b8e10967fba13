"""`luoshi serve`, `luoshi tick` and what else belongs to no single application."""
