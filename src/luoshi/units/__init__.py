"""组织: the tree of units, posts, holders, deputies."""
