"""Tables of the ledger. Every one but :class:`Pending` only grows: triggers refuse UPDATE, DELETE and TRUNCATE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models.base import ModelState
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

DIGEST = 64  # hexadecimal digits of 32 bytes
REF = 200
FREQUENT = "delivery.CommitmentReported"
"""The act done most often: nobody asks which post did it when, and the index of posts, which leaves it out, is free."""


class Entry(models.Model):
    """One act（留痕）: the leaf as it is hashed, its parts as columns, and what is kept outside the leaf.

    ``ts`` is when the act was done by the clock of the door, ``occurred_at`` when it is told to have happened (only
    for acts told later), ``recorded_at`` when the database wrote it. ``actor_user`` is for display and, like
    ``person_salt``, ``recorded_at`` and ``id``, stands outside the leaf and outside every export.
    """

    ts = models.DateTimeField(_("Time"))
    occurred_at = models.DateTimeField(_("Happened"), null=True)
    recorded_at = models.DateTimeField(_("Recorded"), db_default=Now())
    type = models.CharField(_("Act"), max_length=100)
    v = models.SmallIntegerField(_("Version of the act's form"))
    actor_post = models.CharField(_("Post"), max_length=REF)
    on_behalf_of = models.CharField(_("On behalf of"), max_length=REF, null=True)  # noqa: DJ001 - null as in the leaf
    actor_user = models.BigIntegerField(_("User"))
    person_salt = models.CharField(max_length=32)
    salt = models.CharField(max_length=32)
    subjects_digest = models.CharField(max_length=DIGEST)
    payload_sha256 = models.CharField(max_length=DIGEST)
    leaf = models.TextField(_("Leaf"))
    leaf_digest = models.CharField(max_length=DIGEST)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = (
            models.Index(fields=["ts"], name="ledger_entry_ts"),
            models.Index(
                fields=["actor_post", "ts", "id"], name="ledger_entry_post", condition=~models.Q(type=FREQUENT)
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} #{self.pk}"

    @classmethod
    def made(cls, columns: Mapping[str, Any]) -> Entry:
        """An entry that is not written yet, all its columns told by their names（未落库）.

        As when one is unpickled: nobody listens to the making of an entry, and telling nobody takes four times as long.
        """
        entry = cls.__new__(cls)
        entry.__dict__.update(columns, _state=ModelState())
        return entry


class EntryPayload(models.Model):
    """What an act said（内容）, as canonical JSON text ``{"actor","after","data","subjects","type","v"}``."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="payload")
    text = models.TextField()

    class Meta:
        verbose_name = _("content of a ledger entry")
        verbose_name_plural = _("contents of ledger entries")

    def __str__(self) -> str:
        return f"payload of #{self.entry_id}"


LONG = 8_000
"""Characters of a content from which on lists do without it."""


class EntryBrief(models.Model):
    """What an act said, apart from its content（摘录）, where that is long: a bulk act names thousands of rows.

    A list of entries shows a line of each and must not read megabytes for it. The audit compares it with the content.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="brief")
    data = models.TextField()

    class Meta:
        verbose_name = _("brief of a long ledger entry")
        verbose_name_plural = _("briefs of long ledger entries")

    def __str__(self) -> str:
        return f"brief of #{self.entry_id}"


class EntrySubject(models.Model):
    """Index of entries by what they are about: each subject, and each key whose governed state the act changed.

    Parts of other rows, which nobody asks about by themselves, are left out.
    """

    pk = models.CompositePrimaryKey("entry_id", "ref")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="subjects", db_index=False)
    ref = models.CharField(max_length=REF)

    class Meta:
        verbose_name = _("subject of a ledger entry")
        verbose_name_plural = _("subjects of ledger entries")
        indexes = (models.Index(fields=["ref", "entry"], name="ledger_subject_ref"),)

    def __str__(self) -> str:
        return f"{self.ref} in #{self.entry_id}"


class Pending(models.Model):
    """An entry waiting for its number; a mere queue, emptied by the sequencer and checked by the audit."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="pending")

    class Meta:
        verbose_name = _("unnumbered ledger entry")
        verbose_name_plural = _("unnumbered ledger entries")

    def __str__(self) -> str:
        return f"#{self.entry_id} waits for its number"


class Sequence(models.Model):
    """The place of an entry（编号）: its number from 1, its leaf digest and the chain after it."""

    number = models.BigIntegerField(_("Number"), primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="sequence")
    leaf = models.CharField(max_length=DIGEST)
    chain = models.CharField(max_length=DIGEST)
    at = models.DateTimeField(_("Numbered"))

    class Meta:
        verbose_name = _("number of a ledger entry")
        verbose_name_plural = _("numbers of ledger entries")

    def __str__(self) -> str:
        return f"No. {self.number}"


class Node(models.Model):
    """The digest of a complete subtree of 2**level leaves, level ≥ 1 (level 0 is :class:`Sequence`)."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.CharField(max_length=DIGEST)

    class Meta:
        verbose_name = _("node of the ledger's tree")
        verbose_name_plural = _("nodes of the ledger's tree")

    def __str__(self) -> str:
        return f"node {self.level}/{self.index}"


class Checkpoint(models.Model):
    """The ledger as it stood（存证点）: so many entries, this root, this chain; to be kept elsewhere as well."""

    size = models.BigIntegerField(_("Entries"), unique=True)
    root = models.CharField(_("Root"), max_length=DIGEST)
    chain = models.CharField(_("Chain"), max_length=DIGEST)
    at = models.DateTimeField(_("Time"))

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


#: Tables that only grow; triggers of the first migration guard them.
GUARDED = (
    "ledger_entry",
    "ledger_entrypayload",
    "ledger_entrybrief",
    "ledger_entrysubject",
    "ledger_sequence",
    "ledger_node",
    "ledger_checkpoint",
)
