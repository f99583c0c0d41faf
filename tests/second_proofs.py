"""Cases whose repair proves once more what the repair of other cases proves.

Each mends only facets that another case of its kind mends, too, whose findings have the same words, and runs no line of
the program's repair that is run by no other case: measured with a trace of each. A new case is not in this list, and
neither is one that alone found a deliberate breakage.
"""

from __future__ import annotations

_BY_KIND = """
audit: violation_rule_severity
column: near_view_of_domain
comment: near_namesakes near_spellings
composite_type: violation_attributes_of_a_typed_table
default_privileges: violation_forbidden_of_the_owner
enum: violation_missing
foreign_table: violation_taken
function: near_argument_names violation_missing
grant: violation_forbidden violation_missing_not_inherited violation_missing_view_of_a_table violation_public
    violation_unbound violation_without_usage
index: violation_partitioned_invalid
key: violation_missing_index_instead violation_partitioned_sort
membership: violation_forbidden
publication: violation_missing_schema_namesake
schema: violation_forbidden
table: violation_missing violation_missing_children violation_missing_columnless violation_missing_composite_instead
    violation_missing_folded_name violation_missing_partitioned violation_partition_absent
    violation_partition_beside_default violation_row_security_off violation_stand_alone_outside
    violation_storage_of_missing
"""


def _names(text: str) -> frozenset[str]:
    kind, found = "", set[str]()
    for word in text.split():
        if word.endswith(":"):
            kind = word.removesuffix(":")
        else:
            found.add(f"{kind}/{word}")
    return frozenset(found)


REPAIRED_ALIKE = _names(_BY_KIND)
