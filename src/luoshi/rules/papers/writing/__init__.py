"""拟文: plain data of what happened → a paper of each kind, in the words of whoever reads it.

Sentences are message ids; ``say`` translates them. Nothing is written that the data does not hold.
"""
