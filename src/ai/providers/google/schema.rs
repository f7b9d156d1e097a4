//! Parameters of tools in Google's taste: JSON Schema, with each `const` of a word or a number written
//! as an `enum` of one, since Gemini reads `enum` and passes over `const`.

use serde_json::{Map, Value, json};

use crate::ai::provider::ToolSpec;

/// Keywords whose value maps names to schemas.
const BY_NAME: &[&str] = &[
    "$defs",
    "definitions",
    "dependencies",
    "dependentSchemas",
    "patternProperties",
    "properties",
];

/// Keywords whose value is a schema, or a list of them.
const SCHEMAS: &[&str] = &[
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "oneOf",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// The `tools` of a request.
pub fn tools(tools: &[ToolSpec]) -> Value {
    let declare = |tool: &ToolSpec| {
        json!({
            "name": tool.name,
            "description": tool.description,
            "parametersJsonSchema": readable(&tool.parameters),
        })
    };
    let declarations: Vec<Value> = tools.iter().map(declare).collect();
    json!([{"functionDeclarations": declarations}])
}

/// The schema without `const`. How deep schemas nest is bounded by the JSON reader that made them.
fn readable(schema: &Value) -> Value {
    let Value::Object(fields) = schema else {
        return match schema {
            Value::Array(items) => items.iter().map(readable).collect(),
            other => other.clone(),
        };
    };
    let mut out = Map::with_capacity(fields.len());
    for (name, value) in fields {
        let value = match name.as_str() {
            name if SCHEMAS.contains(&name) => readable(value),
            name if BY_NAME.contains(&name) => each(value),
            // Literal data, such as a default, is not looked into.
            _ => value.clone(),
        };
        out.insert(name.clone(), value);
    }
    let one = |value: &Value| value.is_string() || value.is_number();
    if fields.get("const").is_some_and(one)
        && !fields.contains_key("enum")
        && let Some(value) = out.shift_remove("const")
    {
        out.insert("enum".into(), json!([value]));
    }
    Value::Object(out)
}

/// The same for a map of names to schemas.
fn each(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let pairs = fields.iter();
            Value::Object(pairs.map(|(n, v)| (n.clone(), readable(v))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_const_becomes_an_enum_of_one_and_data_stays_data() {
        let schema = json!({
            "type": "object",
            "properties": {
                "const": {"const": "a"},
                "mode": {"anyOf": [{"const": 1}, {"const": null}, {"const": 2, "enum": [2, 3]}]},
                "x": {"type": "object", "default": {"const": "stays"}},
            },
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "const": {"enum": ["a"]},
                "mode": {"anyOf": [{"enum": [1]}, {"const": null}, {"const": 2, "enum": [2, 3]}]},
                "x": {"type": "object", "default": {"const": "stays"}},
            },
        });
        assert_eq!(readable(&schema), expected);
    }
}
