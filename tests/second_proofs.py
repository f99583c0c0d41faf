"""Cases whose repair proves once more what the repair of other cases proves.

Each mends only facets that another case of its kind mends, too, and runs no line of the program's repair that is run by
no other case: measured with a trace of each. A new case is not in this list, and neither is one that alone found a
deliberate breakage.
"""

from __future__ import annotations

_BY_KIND = """
audit: violation_misnamed_twice violation_rule_severity
check: near_comment_in_a_condition violation_expression violation_missing
column: near_blocking near_view_of_domain violation_collation violation_default violation_missing_mixed_case
    violation_partition violation_type_domain violation_type_of_another_schema
comment: near_namesakes near_spellings violation_text
composite_type: violation_attributes violation_attributes_of_a_typed_table violation_types
default_privileges: violation_forbidden_of_the_owner
domain: violation_checks violation_checks_with_rows violation_nullability_with_nulls
enum: violation_missing violation_value_unasked
extension: violation_missing_in_spite_of_its_schema
foreign_key: near_order_of_pairs violation_action violation_child_without violation_missing violation_period
foreign_table: violation_taken
function: near_argument_names near_arguments near_execute near_execute_of_members violation_arguments
    violation_defaults violation_missing violation_missing_named violation_recreated
grant: violation_columns_unnamed violation_excess_column violation_forbidden_columns violation_missing_single_column
    violation_missing_view_of_a_table violation_option violation_platform_absent violation_public violation_unbound
    violation_without_usage
index: near_materialized_view violation_partitioned_attached violation_partitioned_invalid violation_uniqueness
key: near_spellings violation_nulls violation_partition
membership: violation_forbidden
policy: violation_using violation_using_missing
publication: violation_missing_schema_namesake
schema: violation_forbidden violation_public_closed
sequence: near_grants_of_members violation_grants violation_type
table: near_force_without_enable violation_forbidden violation_missing violation_missing_children
    violation_missing_columnless violation_missing_composite_instead violation_missing_folded_name
    violation_partition_beside_default violation_partition_bounds_moved violation_policies_without_row_security
    violation_row_security_not_forced violation_stand_alone_outside violation_storage_of_missing
    violation_unlogged_partitions
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
