"""What a PostgreSQL node may be sent: functions that are immutable, the same in all supported versions, and free of collation,
character classification, zone and settings. Casts through text and functions of a polymorphic result are left to the gateway.
"""

from __future__ import annotations

_MATH = """abs ceil ceiling floor round trunc sign mod div gcd lcm sqrt cbrt exp ln log log10 power pow degrees radians
 width_bucket scale min_scale trim_scale factorial numeric_inc"""
_TEXT = """length char_length character_length octet_length bit_length strpos position substr substring left right reverse repeat
 lpad rpad btrim ltrim rtrim replace translate split_part starts_with ascii chr concat_op md5 to_hex overlay encode decode
 quote_ident quote_literal textlen get_byte textcat"""
_TIME = """date_trunc date_part extract make_date make_time make_timestamp
 make_interval justify_days justify_hours justify_interval date_bin age isfinite"""
_JSON = "jsonb_typeof jsonb_array_length jsonb_extract_path jsonb_extract_path_text json_typeof json_array_length"
_ARRAY = "cardinality array_length array_upper array_lower array_ndims array_position"

FUNCTIONS = frozenset(f"{_MATH} {_TEXT} {_TIME} {_JSON} {_ARRAY}".split())
# Results of these depend on the platform's libm or on the version in their last digit.
FLOAT_UNSURE = frozenset(["cbrt", "exp", "ln", "log", "log10", "power", "pow", "degrees", "radians"])
FLOATS = frozenset({700, 701})

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
OPERATORS = frozenset(
    {"+", "-", "*", "/", "%", "||", "&", "|", "#", "~", "<<", ">>", "->", "->>", "#>", "#>>", "@>", "<@", "?", "&&", "@"}
)
LIKES = frozenset({"~~", "!~~"})
# Of jsonb and a path that is written out, and in paths these methods: the others hang on the version, patterns on the locale.
PATH_TESTS = frozenset({"@?", "@@"})
PATH_METHODS = frozenset({"type", "size", "abs", "floor", "ceiling", "keyvalue"})
# Float moments are Youngs and Cramer's since version 12: equal within what is promised of them.
_MOMENTS = "var_pop regr_count regr_avgx regr_avgy regr_sxx regr_syy regr_sxy"
# In what order they take rows matters, and is written.
LISTS = frozenset(["array_agg", "string_agg"])
AGGREGATES = frozenset(f"count sum min max bool_and bool_or every bit_and bit_or bit_xor avg {_MOMENTS}".split())

_RANKS = "row_number rank dense_rank percent_rank cume_dist ntile"
_NEIGHBOURS = "lag lead first_value last_value nth_value"
WINDOWS = frozenset(f"{_RANKS} {_NEIGHBOURS}".split())

# Types whose comparison goes by collation.
COLLATED = frozenset({25, 1042, 1043})
# Types that values at nodes may have in expressions.
TYPES = frozenset({16, 17, 20, 21, 23, 25, 114, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1186, 1700, 2950, 3802})

# Casts by pg_cast function (or none) that neither zone nor settings touch: (source, target).
_INTS = (21, 23, 20)
_NUMERICS = (*_INTS, 700, 701, 1700)
CASTS = frozenset(
    {
        *((a, b) for a in _NUMERICS for b in _NUMERICS),
        (16, 23),
        (23, 16),
        (16, 25),
        (16, 1043),
        (1042, 25),
        (1042, 1043),
        (25, 1042),
        (1043, 1042),
        (25, 25),
        (1043, 1043),
        (1042, 1042),
        (25, 1043),
        (1043, 25),
        (1082, 1114),
        (1114, 1082),
        (1114, 1083),
        (1083, 1186),
        (1114, 1114),
        (1184, 1184),
        (1083, 1083),
        (114, 3802),
        (3802, 114),
    }
)
# float to numeric and back goes by shortest digits: the same in all versions since 12.
# Casts of a timestamp with time zone, right as written while the session and the statement are in UTC.
UTC_CASTS = frozenset({(1184, 1082), (1184, 1114), (1184, 1083), (1082, 1184), (1114, 1184)})
