"""The shapes of the JSON files, as JSON Schema: every name is known and every text has an end."""

from typing import Any

Shape = dict[str, Any]


def _text(pattern: str = "", *, longest: int = 2000) -> Shape:
    # \Z, since $ would let a line feed follow.
    return {"type": "string", "maxLength": longest, "pattern": f"^{pattern}\\Z" if pattern else ""}


def _object(**properties: Shape) -> Shape:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Shape, *, most: int, least: int = 0) -> Shape:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _or_null(shape: Shape) -> Shape:
    return {"anyOf": [shape, {"type": "null"}]}


TEXT = _text()
SHA256 = _text("[0-9a-f]{64}")
DAY = _text(r"\d{4}-\d\d-\d\d")
MOMENT = _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
BASE64 = _text("[A-Za-z0-9+/]+={0,2}", longest=4_000_000)
NAME = _text("[a-z][a-z0-9_]{0,62}")
COUNT: Shape = {"type": "integer", "minimum": 0, "maximum": 100_000_000}
COLUMNS = _list(_object(name=_text('[^"]+', longest=200), type=TEXT), least=1, most=500)

KEYS = _list(
    _object(
        key_id=SHA256,
        public_key=BASE64,
        valid_from=MOMENT,
        valid_until=_or_null(MOMENT),
        note=TEXT,
    ),
    most=100,
)
ENVELOPE = _object(
    payload=BASE64,
    payloadType={"const": "application/vnd.in-toto+json"},
    signatures=_list(_object(keyid=SHA256, sig=BASE64), most=1),
)
PREDICATE = _object(
    methodology_version=TEXT,
    snapshot_date=DAY,
    board_id=TEXT,
    generated_at=MOMENT,
    generator=TEXT,
    marts=_list(
        _object(
            mart=NAME,
            key=_list(_text('[^"]+', longest=200), least=1, most=20),
            columns=COLUMNS,
            columns_sha256=SHA256,
            row_count=COUNT,
            rows_sha256=SHA256,
            merkle_root=SHA256,
        ),
        least=1,
        most=100,
    ),
    inputs=_list(
        _object(source=TEXT, url=TEXT, sha256=SHA256, fetched_at=MOMENT, status=TEXT), most=1000
    ),
    seeds_sha256=_or_null(SHA256),
    method_sha256=_or_null(SHA256),
    code_commit=_or_null(_text("[0-9a-f]{40,64}")),
    prev_snapshot_date=_or_null(DAY),
    prev_receipt_sha256=_or_null(SHA256),
)
PREDICATE_TYPE = "urn:benchmart:receipt:v1"
STATEMENT = _object(
    _type={"const": "https://in-toto.io/Statement/v1"},
    subject=_list(
        _object(name=_text(r"[a-z][a-z0-9_]*\.(parquet|csv|json)"), digest=_object(sha256=SHA256)),
        most=400,
    ),
    predicateType={"const": PREDICATE_TYPE},
    predicate=PREDICATE,
)
PROOF = _object(
    about=TEXT,
    mart=NAME,
    columns=COLUMNS,
    row={"type": "array", "maxItems": 500},
    leaf_index=COUNT,
    tree_size=COUNT,
    proof=_list(SHA256, most=64),
    merkle_root=SHA256,
    receipt=ENVELOPE,
    keys=KEYS,
    sha256=SHA256,
)
