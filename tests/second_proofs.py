"""Cases whose repair proves once more what the repair of other cases proves.

Each mends only facets that another case of its kind mends, too. It runs no line of the program, and takes no branch,
that no test of the default suite runs without it: measured with a trace of each. A new case is not in this list, and
neither is one that alone found a deliberate breakage, or may find one, as a word of a statement is no line.
"""

from __future__ import annotations

_BY_KIND = """
audit: near_expression_of_what_is_missing near_misnamed near_order_of_findings violation_misnamed_twice
    violation_no_schema violation_rule_severity
check: near_column_altered near_comment_in_a_condition violation_missing
column: near_view_of_domain violation_missing violation_missing_mixed_case violation_nullability violation_partition
    violation_serial_without_sequence violation_type_domain violation_type_of_another_schema violation_unexpected
comment: near_namesakes near_spellings violation_text
composite_type: violation_attributes_of_a_typed_table violation_missing violation_types
default_privileges: violation_forbidden_of_the_owner
domain: violation_checks_with_rows violation_key_to_come violation_odd_names
enum: violation_case_of_a_value violation_key_to_come violation_missing violation_value_unasked
exclusion: near_comment_in_a_condition
extension: violation_missing
foreign_key: near_order_of_pairs violation_child_without violation_missing violation_missing_beside_unique
foreign_table: violation_columns violation_taken
function: near_argument_names near_arguments near_execute near_execute_of_members violation_arguments
    violation_missing violation_missing_named violation_recreated
grant: violation_closed violation_forbidden violation_forbidden_columns violation_missing_not_inherited
    violation_missing_single_column violation_missing_view_of_a_table violation_public violation_unbound
    violation_unexpected violation_without_usage
index: near_materialized_view violation_definition violation_partitioned_invalid violation_partitioned_unique
key: violation_missing violation_missing_index_instead violation_partitioned_sort
materialized_view: violation_missing
membership: violation_forbidden violation_missing
policy: near_comment_in_a_condition violation_using violation_using_missing
publication: near_comment_in_a_condition violation_missing_schema_namesake violation_parts_of_a_parent
range_type: violation_by_hand violation_missing
schema: violation_forbidden violation_misspelt
sequence: near_grants_of_members near_owned_by_unstated violation_grants violation_missing
table: near_parts_of_a_parent violation_forbidden violation_inheriting_defaults violation_missing
    violation_missing_children violation_missing_columnless violation_missing_composite_instead
    violation_missing_folded_name violation_missing_partitioned violation_missing_type_of_its_columns
    violation_missing_view violation_partition_absent violation_partition_beside_default
    violation_partition_bounds_outside violation_partition_elsewhere violation_policies_without_row_security
    violation_row_security_off violation_stand_alone violation_stand_alone_outside violation_storage_of_missing
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
