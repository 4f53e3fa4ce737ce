//! Reads the YAML texts inside ConfigMaps.

use alloc::{string::String, vec::Vec};
use granit_parser::{Event, Parser};
use serde_json::{Map, Value};

/// Reads one YAML document. Every scalar becomes a string, and `~`, `null` and nothing become null: the phase looks at names and
/// URLs only. Returns `None` for a malformed document, for more than one, for an alias, and for a key that is not a scalar.
#[must_use]
pub fn parse_yaml(text: &str) -> Option<Value> {
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let value = match event.ok()?.0 {
            Event::MappingStart(..) => {
                open.push(Node::Mapping(Map::new(), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push(Node::Sequence(Vec::new()));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop()?.finish()?,
            Event::Scalar(text, style, ..) => scalar(&text, style == granit_parser::ScalarStyle::Plain),
            Event::Alias(..) => return None,
            _ => continue,
        };
        match open.last_mut() {
            Some(node) => node.put(value)?,
            None if root.is_none() => root = Some(value),
            None => return None,
        }
    }
    root
}

/// A collection that is being read.
enum Node {
    /// The entries so far, and a key whose value comes next.
    Mapping(Map<String, Value>, Option<String>),
    Sequence(Vec<Value>),
}

impl Node {
    fn put(&mut self, value: Value) -> Option<()> {
        match self {
            Self::Sequence(items) => items.push(value),
            Self::Mapping(entries, key) => match key.take() {
                Some(name) => {
                    entries.insert(name, value);
                }
                None => *key = Some(value.as_str()?.into()),
            },
        }
        Some(())
    }

    fn finish(self) -> Option<Value> {
        match self {
            Self::Sequence(items) => Some(Value::Array(items)),
            Self::Mapping(entries, None) => Some(Value::Object(entries)),
            Self::Mapping(_, Some(_)) => None,
        }
    }
}

fn scalar(text: &str, plain: bool) -> Value {
    match text {
        "" | "~" | "null" if plain => Value::Null,
        _ => Value::String(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_yaml;
    use serde_json::json;

    #[test]
    fn reads_a_kubeconfig() {
        let text = "apiVersion: v1\nclusters:\n- cluster:\n    server: https://a:6443\n  name: \"\"\nusers: null\n";
        let expected = json!({
            "apiVersion": "v1",
            "clusters": [{ "cluster": { "server": "https://a:6443" }, "name": "" }],
            "users": null,
        });
        assert_eq!(parse_yaml(text), Some(expected));
    }

    #[test]
    fn refuses_what_it_does_not_understand() {
        for text in ["a: *b", "a: [", "a: 1\n---\nb: 2", "[1]: 2", ""] {
            assert_eq!(parse_yaml(text), None, "{text:?}");
        }
    }
}
