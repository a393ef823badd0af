//! Writes a first map from a file's header.

use std::fmt::Write as _;

use super::{Field, States, list, nearest};

/// The text of a map for a file with this header, to be edited by hand. Fields whose column name some portal also uses
/// are filled in. The file's other columns and the fields without a column are listed.
#[must_use]
pub fn suggest(header: &[String]) -> String {
    let best = nearest(header);
    let mut mapped: Vec<(Field, usize)> = best.layout.columns_of(|_| true);
    for profile in list() {
        for (field, at) in super::fit(header, profile).columns_of(|_| true) {
            if mapped.iter().all(|(taken, place)| *taken != field && *place != at) {
                mapped.push((field, at));
            }
        }
    }
    mapped.sort_by_key(|(_, at)| *at);
    let has = |field| mapped.iter().any(|(taken, _)| *taken == field);
    let states = match (has(Field::SubscriptionId), has(Field::ChargeType)) {
        (true, true) => States::Charges,
        (true, false) => States::Subscriptions,
        _ if has(Field::DateAgreed) => States::Agreements,
        _ => States::Customers,
    };
    let mut text = String::from(
        "title = \"\"\nportal = \"\"\n# The source name, which keeps this portal's data separate from other portals'.\nfamily = \"\"\n",
    );
    text.push_str("# customers, subscriptions, charges, usage, identities, gdap or agreements\n");
    let word = toml::Value::try_from(states)
        .map_or_else(|_| "customers".to_owned(), |value| value.as_str().unwrap_or_default().to_owned());
    let _ = writeln!(text, "states = \"{word}\"");
    text.push_str("# \"all\" if the list is complete, \"no\" if entries may be missing\ncomplete = \"no\"\n");
    let _ = writeln!(text, "date_order = \"{}\"", best.profile.date_order.as_str());
    text.push_str("# \"exclusive\" if a term's end date is the day after its last day\nend_dates = \"inclusive\"\n");
    text.push_str(
        "# \"none\" if a blank reseller cell means that there is no reseller\nblank_reseller = \"silent\"\n\
         # true if all subscriptions are of new commerce\nnew_commerce = false\n\n[columns]\n",
    );
    for (field, at) in &mapped {
        let _ = writeln!(text, "{field} = {}", column(header, *at));
    }
    text.push_str("\n# Columns of the file that are not used:\n");
    for at in 0..header.len() {
        if !header[at].trim().is_empty() && mapped.iter().all(|(_, taken)| *taken != at) {
            let _ = writeln!(text, "#   {}", column(header, at));
        }
    }
    text.push_str("# Fields without a column:\n");
    for field in Field::ALL.iter().filter(|field| !has(**field)) {
        let _ = writeln!(text, "#   {field}: {}", field.meaning());
    }
    text
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

    #[test]
    fn a_suggested_map_is_a_map() {
        let header: Vec<String> =
            ["CustomerId", "Kunde \"A\"", "SubscriptionId", "Quantity", "Quantity"].map(str::to_owned).into();
        let text = suggest(&header);
        let map = Profile::parse("map", &text).expect("what is suggested parses");
        assert_eq!(map.states, States::Subscriptions);
        assert_eq!(map.column_of(Field::CustomerTenantId), Some("CustomerId"));
        assert!(text.contains("#   'Kunde \"A\"'"), "{text}");
        assert!(text.contains("\"Quantity#2\""), "{text}");
    }
}
