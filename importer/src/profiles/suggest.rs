//! Writes a first map from a file's header.

use std::fmt::{self, Write as _};

use super::parse::default_key;
use super::{Field, Nearest, States, list, nearest};

/// The settings before the columns. Every line of a map that is left as it is must be valid, so the examples are comments.
const HEAD: &str = "\
# Remove the # before a line to use it, and replace its example text.
# What the files are, and the portal that writes them:
# title = \"Customer list of the Contoso portal\"
# portal = \"Contoso portal\"
# The source name, which keeps this portal's data separate from other portals'. Use one name in all maps of a portal:
# family = \"contoso-portal\"
";

/// The text of a map for a file with this header, to be edited by hand. Fields whose column name some portal also uses
/// are filled in. The file's other columns and the fields without a column are listed, with an example line for each field.
#[must_use]
pub fn suggest(header: &[String]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write(header, &mut text);
    text
}

fn write(header: &[String], out: &mut String) -> fmt::Result {
    let best = nearest(header);
    let mut mapped = mapped(header, &best);
    let states = likely_states(&mapped);
    mapped.retain(|(field, _)| field.is_used_by(states));
    let has = |field: Field| mapped.iter().any(|(taken, _)| *taken == field);
    out.push_str(HEAD);
    writeln!(
        out,
        "# customers, subscriptions, charges, usage, identities, gdap, agreements, resellers or mpn_profiles"
    )?;
    writeln!(out, "states = \"{states}\"")?;
    writeln!(out, "# \"all\" if the list is complete, \"no\" if entries may be missing\ncomplete = \"no\"")?;
    writeln!(out, "# The order in dates, if the file's dates do not show it: mdy, dmy or ymd")?;
    writeln!(out, "# date_order = \"{}\"", best.profile.date_order.as_str())?;
    writeln!(out, "# \"exclusive\" if a term's end date is the day after its last day\nend_dates = \"inclusive\"")?;
    writeln!(out, "# \"none\" if a blank reseller cell means that there is no reseller\nblank_reseller = \"silent\"")?;
    writeln!(out, "# true if all subscriptions are of new commerce\nnew_commerce = false")?;
    writeln!(out, "\n# FIELD = \"COLUMN\": the column as the file's header spells it\n[columns]")?;
    for (field, at) in &mapped {
        writeln!(out, "{field} = {}", column(header, *at))?;
    }
    let (required, optional): (Vec<Field>, Vec<Field>) = {
        let key = default_key(states, has);
        let free = Field::ALL.iter().copied().filter(|field| field.is_used_by(states) && !has(*field));
        free.partition(|field| key.contains(field))
    };
    if !required.is_empty() {
        writeln!(out, "\n# Required, but no column of the file was recognised:")?;
        examples(out, &required)?;
    }
    writeln!(out, "\n# Columns of the file that are not used:")?;
    for at in 0..header.len() {
        if !header[at].trim().is_empty() && mapped.iter().all(|(_, taken)| *taken != at) {
            writeln!(out, "#   {}", column(header, at))?;
        }
    }
    writeln!(out, "\n# Fields without a column:")?;
    examples(out, &optional)?;
    let others = States::ALL.iter().filter(|other| **other != states).map(|other| format!("\"{other}\""));
    writeln!(out, "\n# Other fields, for other states: {}", others.collect::<Vec<_>>().join(", "))
}

/// What the rows seem to be, by the fields that the header names.
fn likely_states(mapped: &[(Field, usize)]) -> States {
    let is_of_subscriptions =
        |field: Field| [States::Subscriptions, States::Charges].iter().any(|of| field.is_used_by(*of));
    let sells = mapped.iter().any(|(field, _)| is_of_subscriptions(*field) && !field.is_used_by(States::Customers));
    let has = |field: Field| mapped.iter().any(|(taken, _)| *taken == field);
    match (sells, has(Field::ChargeType)) {
        _ if has(Field::DateAgreed) => States::Agreements,
        _ if has(Field::GdapId) => States::Gdap,
        _ if has(Field::MpnId) && (has(Field::MpnKind) || has(Field::Active)) => States::MpnProfiles,
        _ if has(Field::MpnId) && !has(Field::SubscriptionId) => States::Resellers,
        (true, true) => States::Charges,
        (true, false) => States::Subscriptions,
        (false, _) => States::Customers,
    }
}

/// The fields for which some portal uses the name of one of these columns, by column.
fn mapped(header: &[String], best: &Nearest) -> Vec<(Field, usize)> {
    let mut mapped: Vec<(Field, usize)> = best.layout.columns_of(|_| true);
    for profile in list() {
        for (field, at) in super::fit(header, profile).columns_of(|_| true) {
            if mapped.iter().all(|(taken, place)| *taken != field && *place != at) {
                mapped.push((field, at));
            }
        }
    }
    mapped.sort_by_key(|(_, at)| *at);
    mapped
}

/// A line for each field with a column that some portal uses for it, as a comment.
fn examples(out: &mut String, fields: &[Field]) -> fmt::Result {
    for field in fields {
        let example = list().iter().find_map(|profile| profile.column_of(*field)).unwrap_or("COLUMN");
        let example = toml::Value::String(example.to_owned());
        writeln!(out, "# {field} = {example}  # {}", field.meaning())?;
    }
    Ok(())
}

/// A column's name as TOML, with its number if an earlier column has the same name.
fn column(header: &[String], at: usize) -> String {
    let name = header[at].trim();
    let nth = header[..=at].iter().filter(|other| other.trim() == name).count();
    let spelled = if nth > 1 { format!("{name}#{nth}") } else { name.to_owned() };
    toml::Value::String(spelled).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::Profile;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_suggested_map_is_a_map() {
        let text = suggest(&header(&["CustomerId", "Kunde \"A\"", "SubscriptionId", "Quantity", "Quantity"]));
        let map = Profile::parse("map", &text).expect("what is suggested parses");
        assert_eq!(map.states, States::Subscriptions);
        assert_eq!(map.column_of(Field::CustomerTenantId), Some("CustomerId"));
        assert!(text.contains("#   'Kunde \"A\"'"), "{text}");
        assert!(text.contains("\"Quantity#2\""), "{text}");
    }

    #[test]
    fn the_columns_decide_what_the_rows_are() {
        for (names, expected) in [
            (&["TenantId", "Quantity"][..], States::Subscriptions),
            (&["CustomerId", "SubscriptionId", "ChargeType"], States::Charges),
            (&["CustomerName", "PrimaryDomain"], States::Customers),
            (&["TenantId", "FirstName", "LastName", "Email", "DateAgreed"], States::Agreements),
        ] {
            assert!(suggest(&header(names)).contains(&format!("\nstates = \"{expected}\"\n")), "{names:?}");
        }
    }

    /// Every example line is valid: with all of them, the text is still a map.
    #[test]
    fn the_example_lines_are_lines_of_a_map() {
        for (names, states) in [
            (&["Colour", "Weight"][..], States::Customers),
            (&["SubscriptionId", "Weight"], States::Subscriptions),
            (&["SubscriptionId", "ChargeType"], States::Charges),
            (&["DateAgreed"], States::Agreements),
        ] {
            let text = suggest(&header(names));
            let heading = "# Required, but no column of the file was recognised:\n# customer_tenant_id = ";
            assert_eq!(text.contains(heading), !names.contains(&"SubscriptionId"), "{text}");
            let is_example =
                |line: &&str| line.strip_prefix("# ").is_some_and(|rest| rest.contains(" = \"") && !rest.contains(':'));
            let used: Vec<&str> = text.lines().map(|line| if is_example(&line) { &line[2..] } else { line }).collect();
            let map = Profile::parse("map", &used.join("\n")).expect("the examples are valid");
            assert_eq!(
                (map.states, map.family.as_str(), map.portal.as_str()),
                (states, "contoso-portal", "Contoso portal")
            );
            assert_eq!(map.columns.len(), Field::ALL.iter().filter(|field| field.is_used_by(states)).count());
        }
    }
}
