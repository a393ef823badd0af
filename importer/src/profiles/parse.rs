//! Parses a profile, or a user's map, which has the same form.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{BlankReseller, Completeness, DateOrder, EndDates, Field, PortalFamily, Profile, Spelling, States};

/// The default rank of a profile's fields.
const DEFAULT_RANK: u8 = 50;

/// Why a map cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct MapError {
    /// One sentence: what is wrong.
    pub message: String,
    /// One sentence: what to do about it.
    pub hint: String,
}

impl MapError {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// A profile as its file contains it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: Option<String>,
    title: Option<String>,
    portal: Option<String>,
    #[serde(default)]
    portal_family: PortalFamily,
    family: Option<String>,
    states: States,
    #[serde(default)]
    complete: Completeness,
    date_order: Option<DateOrder>,
    #[serde(default)]
    end_dates: EndDates,
    #[serde(default)]
    blank_reseller: BlankReseller,
    #[serde(default)]
    new_commerce: bool,
    #[serde(default)]
    dated_by: Vec<String>,
    #[serde(default)]
    key: Vec<String>,
    #[serde(default)]
    ignored: Vec<String>,
    #[serde(default)]
    rank: BTreeMap<String, u8>,
    columns: BTreeMap<String, Names>,
}

/// A user's map usually has one column name per field, a portal's profile several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a column name in quotation marks, or a list of them, is expected")]
enum Names {
    One(String),
    Several(Vec<String>),
}

impl Names {
    fn into_list(self) -> Vec<String> {
        match self {
            Self::One(name) => vec![name],
            Self::Several(names) => names,
        }
    }
}

impl Profile {
    /// Parses a profile or a user's map.
    ///
    /// # Errors
    ///
    /// A [`MapError`] that names the invalid line or field.
    pub fn parse(name: &str, text: &str) -> Result<Self, MapError> {
        let document: Document = toml::from_str(text).map_err(|error| not_a_map(text, &error))?;
        document.check_texts()?;
        let mut columns = Vec::with_capacity(document.columns.len());
        for (field, names) in document.columns {
            columns.push((named(&field)?, spellings(&field, names.into_list())?));
        }
        let fields = |names: Vec<String>| names.iter().map(|name| named(name)).collect::<Result<Vec<_>, _>>();
        let dated_by = fields(document.dated_by)?;
        let states = document.states;
        // A column that would be read and dropped is a mistake in one of the two lines.
        if let Some((unused, _)) =
            columns.iter().find(|(field, _)| !field.is_used_by(states) && !dated_by.contains(field))
        {
            return Err(unused_column(*unused, states));
        }
        let is_mapped = |field: Field| columns.iter().any(|(mapped, _)| *mapped == field);
        let mut key = fields(document.key)?;
        if key.is_empty() {
            key = default_key(states, is_mapped);
        }
        if let Some(unmapped) = key.iter().find(|field| !is_mapped(**field)) {
            return Err(MapError::new(
                format!("[columns] does not map \"{unmapped}\", which this kind of file requires"),
                format!("add the line {unmapped} = \"COLUMN\" below [columns], with the name of the file's column"),
            ));
        }
        let mut default_rank = DEFAULT_RANK;
        let mut ranks = BTreeMap::new();
        for (field, rank) in document.rank {
            if field == "default" {
                default_rank = rank;
            } else {
                ranks.insert(named(&field)?, rank);
            }
        }
        let name = document.name.unwrap_or_else(|| name.to_owned());
        Ok(Self {
            title: document.title.unwrap_or_else(|| name.clone()),
            portal: document.portal.unwrap_or_else(|| "your own map".to_owned()),
            portal_family: document.portal_family,
            family: document.family.unwrap_or_else(|| name.clone()),
            states,
            complete: document.complete,
            date_order: document.date_order.unwrap_or(DateOrder::Mdy),
            states_date_order: document.date_order.is_some(),
            end_dates: document.end_dates,
            blank_reseller: document.blank_reseller,
            new_commerce: document.new_commerce,
            dated_by,
            key,
            columns,
            ignored: document.ignored.iter().map(|name| Spelling::new(name)).collect(),
            default_rank,
            ranks,
            text: text.to_owned(),
            name,
        })
    }
}

impl Document {
    /// An empty text is a line that was left to be filled in. As a family it would be a source without a name, and as an ignored
    /// column it would match every column without one.
    fn check_texts(&self) -> Result<(), MapError> {
        let settings =
            [("name", &self.name), ("title", &self.title), ("portal", &self.portal), ("family", &self.family)];
        for (setting, text) in settings {
            if text.as_deref().is_some_and(is_blank) {
                return Err(MapError::new(
                    format!("{setting} is empty"),
                    format!("remove the line, or set a text such as {setting} = \"contoso-portal\""),
                ));
            }
        }
        if self.ignored.iter().any(|name| is_blank(name)) {
            return Err(MapError::new(
                "ignored has an empty column name",
                "remove it from the list; columns without a name are ignored anyway",
            ));
        }
        Ok(())
    }
}

/// The column names of a field.
fn spellings(field: &str, names: Vec<String>) -> Result<Vec<Spelling>, MapError> {
    if names.is_empty() || names.iter().any(|name| is_blank(name)) {
        return Err(MapError::new(
            format!("[columns] maps \"{field}\" to an empty column name"),
            "set the name of the file's column, or remove the line if the file has no such column",
        ));
    }
    Ok(names.iter().map(|name| Spelling::new(name)).collect())
}

/// The error for a column that files of this kind do not have.
fn unused_column(field: Field, states: States) -> MapError {
    let other = States::ALL.iter().find(|other| field.is_used_by(**other));
    let hint = other.map_or("remove the line".to_owned(), |other| {
        format!("set states = \"{other}\" if the file's rows are {}, or remove the line", other.meaning())
    });
    MapError::new(format!("[columns] maps \"{field}\", which is not used with states = \"{states}\""), hint)
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The field with that name.
fn named(field: &str) -> Result<Field, MapError> {
    field.parse().map_err(|message: String| {
        MapError::new(message, "`partnergraph profiles new FILE` lists all fields and what they mean")
    })
}

/// The error for a text that is not TOML, or has a setting that no map has.
fn not_a_map(text: &str, error: &toml::de::Error) -> MapError {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    MapError::new(
        format!("{} (line {line})", error.message()),
        "correct the line; `partnergraph profiles show bam-customers` shows a complete map",
    )
}

/// The default key fields of a user's map.
pub(super) fn default_key(states: States, is_mapped: impl Fn(Field) -> bool) -> Vec<Field> {
    let customer = is_mapped(Field::CustomerTenantId).then_some(Field::CustomerTenantId);
    match states {
        States::Customers | States::Identities | States::Gdap => vec![Field::CustomerTenantId],
        States::Subscriptions | States::Usage => customer.into_iter().chain([Field::SubscriptionId]).collect(),
        States::Charges => customer.into_iter().chain([Field::SubscriptionId, Field::ChargeType]).collect(),
        States::Resellers | States::MpnProfiles => vec![Field::MpnId],
        States::Agreements => {
            vec![Field::CustomerTenantId, Field::FirstName, Field::LastName, Field::Email, Field::DateAgreed]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The error of a map of customers with these lines before and after `[columns]`.
    fn refused(settings: &str, columns: &str) -> MapError {
        let map = format!("states = \"customers\"\n{settings}\n[columns]\n{columns}\n");
        Profile::parse("map", &map).expect_err("it cannot be used")
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_by_name() {
        assert_eq!(refused("", "tenant = \"T\"").message, "unknown field \"tenant\"");
    }

    #[test]
    fn a_map_without_a_key_column_says_which_line_to_add() {
        let error = refused("", "customer_name = \"N\"");
        assert!(error.message.contains("customer_tenant_id"), "{error}");
        assert!(error.hint.contains("customer_tenant_id = \"COLUMN\""), "{}", error.hint);
    }

    #[test]
    fn an_empty_text_is_refused_wherever_it_is() {
        let id = "customer_tenant_id = \"T\"";
        for (settings, columns, named) in [
            ("name = \"\"", id, "name is empty"),
            ("title = \" \"", id, "title is empty"),
            ("portal = \"\"", id, "portal is empty"),
            ("family = \"\"", id, "family is empty"),
            ("ignored = [\"Colour\", \"\"]", id, "ignored has an empty column name"),
            ("", "customer_tenant_id = \"\"", "maps \"customer_tenant_id\" to an empty column name"),
            ("", "customer_tenant_id = []", "maps \"customer_tenant_id\" to an empty column name"),
            ("", "customer_tenant_id = [\"T\", \" \"]", "maps \"customer_tenant_id\" to an empty column name"),
        ] {
            let error = refused(settings, columns);
            assert!(error.message.contains(named) && !error.hint.is_empty(), "{settings} {columns}: {error}");
        }
        let map = format!("states = \"customers\"\nfamily = \"pax8\"\n[columns]\n{id}\n");
        assert_eq!(Profile::parse("map", &map).map(|map| map.family), Ok("pax8".to_owned()));
    }

    #[test]
    fn a_line_that_is_no_setting_is_named_in_one_sentence() {
        for (settings, named) in [("colour = \"red\"", "`colour`"), ("family = 3", "(line 2)"), ("family", "(line 2)")]
        {
            let error = refused(settings, "customer_tenant_id = \"T\"");
            assert!(error.message.contains(named) && !error.message.contains('\n'), "{settings}: {error}");
        }
        assert!(refused("", "customer_name = 3").message.contains("a column name in quotation marks"));
    }
}
