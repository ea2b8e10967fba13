"""The WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "luoshi.config.settings")
application = get_wsgi_application()

# What is loaded stays for good. Left to the collector, all of it is looked through again every few hundred pages, and
# the page that comes then waits a quarter of a second.
gc.collect()
gc.freeze()
