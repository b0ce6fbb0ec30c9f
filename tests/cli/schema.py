#!/usr/bin/env python3
"""schema.py SCHEMA FILE...: each FILE is a document of the schema, and has no member at its top that the schema does not
name."""
import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
documents = [rule["then"]["$ref"].rsplit("/", 1)[1] for rule in schema["allOf"]]
for name in documents:
    schema["definitions"][name]["additionalProperties"] = False  # a reader's copy allows more: newer versions may add some
validator = jsonschema.Draft7Validator(schema)
failed, kinds = 0, set()
for name in sys.argv[2:]:
    with open(name) as file:
        document = json.load(file)
    kinds.add(document.get("kind"))
    for error in validator.iter_errors(document):
        place = "/".join(map(str, error.absolute_path))
        print(f"FAILED: {name}: {place or 'top'}: {error.message[:300]}")
        failed += 1
for kind in set(schema["properties"]["kind"]["enum"]) - kinds:
    print(f"FAILED: no document of the kind {kind} was given")
    failed += 1
sys.exit(failed > 0)
