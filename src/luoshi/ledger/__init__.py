"""留痕: the append-only ledger, its sequencer, audit and export."""
