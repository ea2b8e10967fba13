"""制度: the rule book. Pure functions on small frozen dataclasses; no Django, no database, no network, no clock."""
