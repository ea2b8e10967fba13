"""Settings, addresses, the one API object and the ``luoshi`` command. No rules live here."""
