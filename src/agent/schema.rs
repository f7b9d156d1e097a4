//! Checks a call's arguments against the tool's JSON Schema, after bending what models commonly get
//! wrong: numbers and booleans sent as strings, `null` for a missing value, and their reverses.
//!
//! Understands the keywords that tools use: `type`, `properties`, `required`,
//! `additionalProperties`, `items`, `enum`, `const`, `anyOf`, `oneOf`, `allOf` and the size limits.
//! Unknown keywords are no obstacle. (JSON Schema, draft 2020-12, core and validation.)

use serde_json::{Map, Number, Value};

/// Deeper values are left as they are: no model writes them, and recursion stays bounded.
const MAX_DEPTH: usize = 64;

/// Bends `args` towards `schema` and checks them.
///
/// The error is one line per fault, `path: what is wrong`.
pub fn check(args: Value, schema: &Value) -> Result<Value, Vec<String>> {
    let args = coerce(args, schema, 0);
    let mut faults = Vec::new();
    find_faults(&args, schema, "", 0, &mut faults);
    if faults.is_empty() {
        Ok(args)
    } else {
        Err(faults)
    }
}

fn coerce(value: Value, schema: &Value, depth: usize) -> Value {
    let Value::Object(schema) = schema else {
        return value;
    };
    if depth > MAX_DEPTH {
        return value;
    }
    let mut value = value;
    for nested in list(schema, "allOf") {
        value = coerce(value, nested, depth + 1);
    }
    for union in ["anyOf", "oneOf"] {
        let fitting = list(schema, union).iter().find_map(|option| {
            let candidate = coerce(value.clone(), option, depth + 1);
            fits(&candidate, option).then_some(candidate)
        });
        value = fitting.unwrap_or(value);
    }
    let types = types_of(schema);
    let fits_already = types.iter().any(|kind| has_type(&value, kind));
    if !fits_already && let Some(bent) = types.iter().find_map(|kind| bend(&value, kind)) {
        value = bent;
    }
    match value {
        Value::Object(fields) => Value::Object(coerce_fields(fields, schema, depth)),
        Value::Array(items) => Value::Array(coerce_items(items, schema, depth)),
        other => other,
    }
}

fn coerce_fields(
    fields: Map<String, Value>,
    schema: &Map<String, Value>,
    depth: usize,
) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema
        .get("additionalProperties")
        .filter(|others| others.is_object());
    fields
        .into_iter()
        .map(|(name, field)| {
            let field_schema = properties.and_then(|p| p.get(&name)).or(others);
            let field = match field_schema {
                Some(field_schema) => coerce(field, field_schema, depth + 1),
                None => field,
            };
            (name, field)
        })
        .collect()
}

fn coerce_items(items: Vec<Value>, schema: &Map<String, Value>, depth: usize) -> Vec<Value> {
    let Some(item_schema) = schema.get("items") else {
        return items;
    };
    items
        .into_iter()
        .map(|item| coerce(item, item_schema, depth + 1))
        .collect()
}

/// `value` as a `kind`, when a model plausibly meant one.
fn bend(value: &Value, kind: &str) -> Option<Value> {
    match (kind, value) {
        ("number" | "integer", Value::Null) => Some(0.into()),
        ("number" | "integer", Value::Bool(flag)) => Some(i64::from(*flag).into()),
        ("integer", Value::String(text)) => parse_number(text)
            .filter(|number| is_integer(&Value::Number(number.clone())))
            .map(Value::Number),
        ("number", Value::String(text)) => parse_number(text).map(Value::Number),
        ("boolean", Value::Null) => Some(false.into()),
        ("boolean", Value::String(text)) => match text.as_str() {
            "true" => Some(true.into()),
            "false" => Some(false.into()),
            _ => None,
        },
        ("boolean", Value::Number(number)) => match number.as_f64() {
            Some(1.0) => Some(true.into()),
            Some(0.0) => Some(false.into()),
            _ => None,
        },
        ("string", Value::Null) => Some("".into()),
        ("string", Value::Number(number)) => Some(number.to_string().into()),
        ("string", Value::Bool(flag)) => Some(flag.to_string().into()),
        ("null", Value::String(text)) if text.is_empty() => Some(Value::Null),
        ("null", Value::Bool(false)) => Some(Value::Null),
        ("null", Value::Number(number)) if number.as_f64() == Some(0.0) => Some(Value::Null),
        _ => None,
    }
}

fn parse_number(text: &str) -> Option<Number> {
    let text = text.trim();
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    let float = text.parse::<f64>().ok().filter(|f| f.is_finite())?;
    if float.fract() == 0.0 && float.abs() < 9e15 {
        return Some((float as i64).into());
    }
    Number::from_f64(float)
}

fn fits(value: &Value, schema: &Value) -> bool {
    let mut faults = Vec::new();
    find_faults(value, schema, "", 0, &mut faults);
    faults.is_empty()
}

fn find_faults(value: &Value, schema: &Value, path: &str, depth: usize, faults: &mut Vec<String>) {
    let schema = match schema {
        Value::Bool(false) => return fault(faults, path, "is not allowed".into()),
        Value::Object(schema) => schema,
        _ => return,
    };
    if depth > MAX_DEPTH {
        return;
    }
    let types = types_of(schema);
    if !types.is_empty() && !types.iter().any(|kind| has_type(value, kind)) {
        return fault(faults, path, format!("must be {}", types.join(" or ")));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let names: Vec<String> = allowed.iter().map(Value::to_string).collect();
        fault(faults, path, format!("must be one of {}", names.join(", ")));
    }
    if let Some(expected) = schema.get("const")
        && expected != value
    {
        fault(faults, path, format!("must be {expected}"));
    }
    for nested in list(schema, "allOf") {
        find_faults(value, nested, path, depth + 1, faults);
    }
    for union in ["anyOf", "oneOf"] {
        let options = list(schema, union);
        if !options.is_empty() && !options.iter().any(|option| fits(value, option)) {
            fault(faults, path, "fits none of the allowed shapes".into());
        }
    }
    check_limits(value, schema, path, faults);
    match value {
        Value::Object(fields) => check_fields(fields, schema, path, depth, faults),
        Value::Array(items) => {
            if let Some(item_schema) = schema.get("items") {
                for (index, item) in items.iter().enumerate() {
                    let item_path = join(path, &index.to_string());
                    find_faults(item, item_schema, &item_path, depth + 1, faults);
                }
            }
        }
        _ => {}
    }
}

fn check_fields(
    fields: &Map<String, Value>,
    schema: &Map<String, Value>,
    path: &str,
    depth: usize,
    faults: &mut Vec<String>,
) {
    for name in list(schema, "required").iter().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            fault(faults, &join(path, name), "is required".into());
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let others = schema.get("additionalProperties");
    for (name, field) in fields {
        if let Some(field_schema) = properties.and_then(|p| p.get(name)).or(others) {
            find_faults(field, field_schema, &join(path, name), depth + 1, faults);
        }
    }
}

fn check_limits(value: &Value, schema: &Map<String, Value>, path: &str, faults: &mut Vec<String>) {
    let (size, what, least, most) = match value {
        Value::Number(number) => (number.as_f64().unwrap_or(0.0), "", "minimum", "maximum"),
        Value::String(text) => (
            text.chars().count() as f64,
            " characters",
            "minLength",
            "maxLength",
        ),
        Value::Array(items) => (items.len() as f64, " items", "minItems", "maxItems"),
        _ => return,
    };
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    if let Some(least) = limit(least).filter(|least| size < *least) {
        fault(faults, path, format!("must be at least {least}{what}"));
    }
    if let Some(most) = limit(most).filter(|most| size > *most) {
        fault(faults, path, format!("must be at most {most}{what}"));
    }
    if value.is_number() {
        if let Some(above) = limit("exclusiveMinimum").filter(|above| size <= *above) {
            fault(faults, path, format!("must be more than {above}"));
        }
        if let Some(below) = limit("exclusiveMaximum").filter(|below| size >= *below) {
            fault(faults, path, format!("must be less than {below}"));
        }
    }
}

fn types_of(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn has_type(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => is_integer(value),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|f| f.fract() == 0.0)
}

fn list<'a>(schema: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    match schema.get(name) {
        Some(Value::Array(items)) => items,
        _ => &[],
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

fn fault(faults: &mut Vec<String>, path: &str, what: String) {
    let place = if path.is_empty() { "arguments" } else { path };
    faults.push(format!("{place}: {what}"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read_schema() -> Value {
        json!({"type": "object", "required": ["path"], "properties": {
            "path": {"type": "string"},
            "offset": {"type": "number"},
            "limit": {"type": "integer", "minimum": 1},
            "deep": {"type": "object", "additionalProperties": {"type": "boolean"}},
            "list": {"type": "array", "items": {"type": "integer"}, "maxItems": 3},
            "either": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]},
            "mode": {"enum": ["a", "b"]},
            "maybe": {"type": ["string", "null"]},
        }})
    }

    #[test]
    fn bends_what_models_commonly_get_wrong() {
        let sent = json!({"path": 7, "offset": "1.5", "limit": "20", "deep": {"x": "true", "y": 0},
            "list": ["1", true, 3.0], "either": "4", "maybe": null});
        let meant = json!({"path": "7", "offset": 1.5, "limit": 20, "deep": {"x": true, "y": false},
            "list": [1, 1, 3.0], "either": 4, "maybe": null});
        assert_eq!(check(sent, &read_schema()), Ok(meant));
    }

    #[test]
    fn names_every_fault_and_its_place() {
        let sent = json!({"limit": 0, "list": [1, "x", 2, 3], "mode": "c", "either": {"no": 1}});
        let faults = check(sent, &read_schema()).unwrap_err();
        assert_eq!(
            faults,
            [
                "path: is required",
                "limit: must be at least 1",
                "list: must be at most 3 items",
                "list.1: must be integer",
                "mode: must be one of \"a\", \"b\"",
                "either: fits none of the allowed shapes",
            ]
        );
    }

    #[test]
    fn refuses_arguments_that_are_no_object() {
        let faults = check(json!("{\"path\": \"x"), &read_schema()).unwrap_err();
        assert_eq!(faults, ["arguments: must be object"]);
    }

    #[test]
    fn survives_absurd_depth() {
        let mut schema = json!({"type": "integer"});
        let mut value = json!("1");
        for _ in 0..200 {
            schema = json!({"type": "array", "items": schema});
            value = json!([value]);
        }
        assert!(check(value, &schema).is_ok());
    }
}
