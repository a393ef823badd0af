//! The settings file.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ConfigError, KEYS};

/// Reads the settings of a file, as text, by name.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError::new(
            format!("the configuration file {shown} cannot be read: {error}"),
            "check the path after --config, and that you have permission to read the file",
        )
    })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        ConfigError::new(
            format!("the configuration file {shown} is not TOML: {} (line {line})", error.message()),
            "write each setting as name = \"value\"",
        )
    })?;
    let mut values = BTreeMap::new();
    for (name, value) in table {
        if !KEYS.iter().any(|key| key.name == name) {
            let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
            return Err(ConfigError::new(
                format!("the configuration file {shown} sets `{name}`, which is not a setting"),
                format!("the settings are {}", known.join(", ")),
            ));
        }
        let Some(text) = plain(value) else {
            return Err(ConfigError::new(
                format!("the configuration file {shown} sets `{name}` to a value of an unsupported type"),
                "use a text, a list of texts, a whole number, or true or false",
            ));
        };
        values.insert(name, text);
    }
    Ok(values)
}

/// Converts a value to text. A list becomes comma-separated text, as in an environment variable.
fn plain(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(toml::Value::as_str).collect();
            Some(texts?.join(","))
        }
        _ => None,
    }
}
