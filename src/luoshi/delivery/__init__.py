"""落实: programmes, commitments and every act upon them. The heart."""
