"""Finding things（检索）at the scale of a province, on any database, within sight.

Words and places are answered apart: which *texts* hold the words (few, since the parts of a cascade share theirs), and
which *units* are meant (洱源). Then come the entries that have such a text or lie in such a place, in levels, the best
first: a number; the place meant; the title as typed; all words in the title; a unit's name; all words anywhere. Within
a level wholes come before parts, new words before old ones. Each level leaves out what a better one has shown, so
every page continues where the last one ended and shows each thing once.

What may be seen is part of every condition: nothing outside is found, or counted.
"""
