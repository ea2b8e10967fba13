"""方案包的格式: what a pack and its demonstration story may say, and in which words a bad one is refused.

Pure: no Django, no database. A pack is a folder of YAML files, content and no code:

=================  ======================================================================================
``programme.yaml``  the programme: key, prefix, names, authority template, settings, indicators
``matters.yaml``    matters and sub-matters, each with the sentence it stands on; default commitments
``departments.yaml`` the standard departments of an area
``ladders.yaml``    what happens as time runs out
``sources.yaml``    the documents, by paragraph; only what is quoted
``story.yaml``      optional: the demonstration
=================  ======================================================================================

``programme`` and ``story`` say what stands in the files, of ``parts``; ``reading`` makes a ``pack`` of them, and
``checking`` and ``telling`` look at what no single field can tell.
"""
