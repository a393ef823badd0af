//! What one row states about each field of its subscription, and times in the forms in which they are stored.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike};

use crate::baseline::{SUBSCRIPTION, Value, subscription as at};
use crate::fact::{QuantityStatement, ResellerStatement, SubscriptionFact};
use crate::profiles::Profile;

/// What one row states about each field, except the partner of record, which is stored by its days.
pub(super) fn values(fact: &SubscriptionFact) -> [Option<Value>; SUBSCRIPTION.len()] {
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::Text(text.clone()));
    let text_value = |name: Option<&'static str>| name.map(|name| Value::Text(name.to_owned()));
    let mut stated = [const { None }; SUBSCRIPTION.len()];
    stated[at::OFFER_ID] = text(&fact.offer_id);
    stated[at::OFFER_NAME] = text(&fact.offer_name);
    stated[at::FRIENDLY_NAME] = text(&fact.friendly_name);
    stated[at::QUANTITY] = match fact.quantity {
        QuantityStatement::Silent => None,
        QuantityStatement::Metered => Some(Value::Null),
        QuantityStatement::Seats(seats) => Some(Value::Int(seats.into())),
    };
    stated[at::UNIT_TYPE] = text(&fact.unit_type);
    stated[at::STATUS] = text_value(fact.status.map(partnergraph_domain::SubscriptionStatus::as_str));
    // The value for "none" is stored if nothing is known, so it reads as nothing.
    let known = |name: &'static str| if name == "NONE" { Value::Null } else { Value::Text(name.to_owned()) };
    stated[at::BILLING_TYPE] = fact.billing_type.map(|name| known(name.as_str()));
    stated[at::BILLING_CYCLE] = fact.billing_cycle.map(|name| known(name.as_str()));
    stated[at::TERM] = text_value(fact.term.map(partnergraph_domain::TermDuration::as_str));
    stated[at::AUTO_RENEW] = fact.auto_renew.map(Value::Bool);
    stated[at::CREATED] = fact.creation_date.map(|at| Value::Text(moment(at)));
    stated[at::START] = fact.effective_start.map(|on| Value::Text(on.to_string()));
    stated[at::END] = fact.commitment_end.map(|on| Value::Text(on.to_string()));
    stated[at::ORDER_ID] = text(&fact.order_id);
    stated[at::PARENT] = fact.parent.or(fact.migrated_from).map(|id| Value::Text(id.to_string()));
    stated[at::IS_TRIAL] = fact.is_trial.map(Value::Bool);
    stated[at::PUBLISHER] = text(&fact.publisher);
    stated[at::PRODUCT_TYPE] = text(&fact.product_type);
    stated
}

/// The partner of record that the row states: no statement, none, or an MPN ID.
pub(super) fn holder(fact: &SubscriptionFact) -> Option<Option<partnergraph_domain::MpnId>> {
    match fact.reseller {
        ResellerStatement::Silent => None,
        ResellerStatement::Nobody | ResellerStatement::OwnMpn => Some(None),
        ResellerStatement::Mpn(id) => Some(Some(id)),
    }
}

/// The rank of each field in files of a format.
pub(super) fn ranks(profile: &Profile) -> [u8; SUBSCRIPTION.len()] {
    let mut ranks = [0; SUBSCRIPTION.len()];
    for (rank, spec) in ranks.iter_mut().zip(&SUBSCRIPTION) {
        *rank = profile.rank(spec.column);
    }
    ranks
}

/// A time in the text format of the tables, without fractions of a second.
pub(crate) fn moment(at: NaiveDateTime) -> String {
    // `Display` writes exactly this format; a format string would be parsed for each of a million rows.
    at.with_nanosecond(0).unwrap_or(at).to_string()
}

/// The day of a time in seconds since 1970, in days since the beginning of the common era.
pub(crate) fn day_of(seconds: i64) -> i32 {
    DateTime::from_timestamp(seconds, 0).map_or(0, |at| at.date_naive().num_days_from_ce())
}

/// The first second of a day, in seconds since 1970.
pub(crate) fn seconds_of(day: i32) -> i64 {
    NaiveDate::from_num_days_from_ce_opt(day)
        .map_or(0, |day| day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_the_tables_have_them() {
        let at = NaiveDate::from_ymd_opt(2024, 2, 9).and_then(|day| day.and_hms_milli_opt(3, 4, 5, 678));
        let at = at.expect("a moment");
        assert_eq!(moment(at), "2024-02-09 03:04:05");
        assert_eq!(moment(at), at.format("%Y-%m-%d %H:%M:%S").to_string());
    }
}
