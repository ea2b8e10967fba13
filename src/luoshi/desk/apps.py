"""Django application of ``luoshi.desk``."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """工作台: pages that cross applications (today, board). No models."""

    name = "luoshi.desk"
    label = "desk"
    verbose_name = _("Desk")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the lists known that can be taken away."""
        from luoshi.desk.views import filling, lists
        from luoshi.office import services as office
        from luoshi.rules.refusals import gettext_noop

        for name, build, title in (
            ("register", lists.register_list, gettext_noop("Register")),
            ("board", lists.board, gettext_noop("Board")),
            ("ledger", lists.entries, gettext_noop("Ledger")),
            ("coverage", lists.coverage_list, gettext_noop("Coverage: who is missing")),
            ("units", lists.unit_list, gettext_noop("Units")),
            ("posts", lists.posts, gettext_noop("Posts")),
            ("refused", lists.refused, gettext_noop("Rows refused")),
            ("fill-in", filling.fill_in, gettext_noop("Register to fill in")),
        ):
            office.register_list(name, build, title=title)
