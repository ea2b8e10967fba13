"""Acts on units and posts（组织事务）: the only writers; one act, one transaction, one ledger entry."""

from luoshi.units.services.departments import create_standard_departments
from luoshi.units.services.importing import ImportReport, RowError, decode, import_units, require_clean
from luoshi.units.services.maps import MapReport, import_map, remove_map, require_clean_map
from luoshi.units.services.posts import (
    PostSpec,
    Seating,
    appoint_deputy,
    close_post,
    create_post,
    create_posts,
    edit_contact,
    end_deputyship,
    hand_over_post,
    seat_holder,
    seat_holders,
    unseat_holder,
)
from luoshi.units.services.tree import (
    CLOSING_GUARDS,
    Part,
    close_unit,
    create_unit,
    merge_units,
    move_unit,
    rename_unit,
    set_professional_superior,
    split_unit,
)

__all__ = [
    "CLOSING_GUARDS",
    "ImportReport",
    "MapReport",
    "Part",
    "PostSpec",
    "RowError",
    "Seating",
    "appoint_deputy",
    "close_post",
    "close_unit",
    "create_post",
    "create_posts",
    "create_standard_departments",
    "create_unit",
    "decode",
    "edit_contact",
    "end_deputyship",
    "hand_over_post",
    "import_map",
    "import_units",
    "merge_units",
    "move_unit",
    "remove_map",
    "rename_unit",
    "require_clean",
    "require_clean_map",
    "seat_holder",
    "seat_holders",
    "set_professional_superior",
    "split_unit",
    "unseat_holder",
]
