use serde::{Deserialize, Serialize};

/// The order of day, month and year in a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 12/31/2024
    Mdy,
    /// 31/12/2024
    Dmy,
    /// 2024/12/31
    Ymd,
}

impl DateOrder {
    /// The value on the command line and in the report.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mdy => "mdy",
            Self::Dmy => "dmy",
            Self::Ymd => "ymd",
        }
    }
}

impl std::str::FromStr for DateOrder {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "mdy" => Ok(Self::Mdy),
            "dmy" => Ok(Self::Dmy),
            "ymd" => Ok(Self::Ymd),
            _ => Err(format!("\"{text}\" is not a date order; use mdy, dmy or ymd")),
        }
    }
}
