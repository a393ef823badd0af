//! What lists of resellers state: that they are partners of the importing provider, and their names, locations, tenants, vetting
//! and agreements.
//!
//! A statement is a row of its own. For each field, the newest statement that has it counts, and of several of one time the
//! greatest value, so that the order of rows and runs does not matter. Each run leaves what it states, even if it is known, so
//! that it stands when another run is reverted.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use partnergraph_domain::rules::partnership::Renaming;
use partnergraph_domain::{PartnerKey, PartnerType, RuleId, Severity};
use partnergraph_store::columns::Profile;
use partnergraph_store::imports::rows::NewResellerStatement;
use partnergraph_store::imports::stored::StoredResellerStatement;

use super::PlanError;
use super::context::Context;
use super::draft::{Draft, new_issue};
use super::resellers::{Naming, Resellers, not_a_reseller};
use super::snapshot::Snapshot;
use crate::fact::ResellerFact;
use crate::intake::{ListedReseller, Outcome};
use crate::profiles::Field;
use crate::reconcile::moment;
use crate::row_locations::FileLine;

/// The fields of a statement, as the run's history calls them.
const FIELDS: [&str; 5] = ["name", "country", "tenantId", "vettingStatus", "mpaSignedOn"];

/// The values of a statement, by field.
type Values = [Option<String>; FIELDS.len()];

/// The value of each field that counts so far, with the time of its statement.
#[derive(Clone, Debug, Default)]
struct Known([Option<(NaiveDateTime, String)>; FIELDS.len()]);

/// What a statement does to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// It changes a value.
    Changes,
    /// Everything that it states is known.
    Repeats,
    /// Newer statements differ from it, and it changes nothing.
    Superseded,
}

impl Known {
    /// Adds a statement, and returns its effect.
    fn add(&mut self, as_of: NaiveDateTime, values: &Values) -> Effect {
        let (mut changes, mut differs) = (false, false);
        for (known, value) in self.0.iter_mut().zip(values) {
            let Some(value) = value else { continue };
            let stated = Some((as_of, value.clone()));
            let is_same = known.as_ref().is_some_and(|(_, known)| known == value);
            differs |= !is_same;
            if stated > *known {
                changes |= !is_same;
                *known = stated;
            }
        }
        match (changes, differs) {
            (true, _) => Effect::Changes,
            (false, true) => Effect::Superseded,
            (false, false) => Effect::Repeats,
        }
    }
}

fn stored_values(stored: &StoredResellerStatement) -> Values {
    let StoredResellerStatement { name, country, tenant_id, vetting_status, mpa_signed_on, .. } = stored;
    [
        name.clone(),
        country.map(|country| country.to_string()),
        tenant_id.clone(),
        vetting_status.map(|status| status.to_string()),
        mpa_signed_on.map(|day| day.to_string()),
    ]
}

fn stated_values(fact: &ResellerFact) -> Values {
    let ResellerFact { name, country, tenant_id, vetting_status, mpa_signed_on, .. } = fact;
    [
        name.clone(),
        country.map(|country| country.to_string()),
        tenant_id.map(|id| id.to_string()),
        vetting_status.map(|status| status.to_string()),
        mpa_signed_on.map(|day| day.to_string()),
    ]
}

fn statement(reseller_id: PartnerKey, fact: &ResellerFact) -> NewResellerStatement {
    let named = |name: &String| (name.clone(), Profile { name: name.clone(), ..Default::default() }.keys());
    NewResellerStatement {
        reseller_id,
        as_of: moment(fact.as_of),
        name: fact.name.as_ref().map(named),
        country: fact.country,
        tenant_id: fact.tenant_id.map(|id| id.to_string()),
        vetting_status: fact.vetting_status,
        mpa_signed_on: fact.mpa_signed_on.map(|day| day.to_string()),
    }
}

/// Plans the rows of lists of resellers, one reseller after another.
pub(super) fn listed(
    context: &Context<'_>,
    resellers: &mut Resellers,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let listings = &context.intake.listings;
    if listings.is_empty() {
        return Ok(());
    }
    let mut known: HashMap<PartnerKey, Known> = HashMap::new();
    for stored in snapshot.reseller_statements()? {
        known.entry(stored.reseller_id).or_default().add(stored.as_of, &stored_values(&stored));
    }
    for rows in listings.chunk_by(|one, other| one.reseller == other.reseller) {
        let place = rows[0].reseller as usize;
        if !reject_all(context, resellers, rows, draft)? {
            let known = resellers.account(place).and_then(|id| known.remove(&id)).unwrap_or_default();
            plan_reseller(context, resellers, (rows, known), draft)?;
        }
    }
    Ok(())
}

/// Rejects the rows if their reseller cannot be one, or if the importing account has none.
fn reject_all(
    context: &Context<'_>,
    resellers: &Resellers,
    rows: &[ListedReseller],
    draft: &mut Draft<'_>,
) -> Result<bool, PlanError> {
    let (mpn_id, refusals) = resellers.refusals(rows[0].reseller as usize);
    let mut issues: Vec<_> = refusals.iter().map(|refusal| not_a_reseller(mpn_id, refusal)).collect();
    if context.partner.partner_type == PartnerType::IndirectReseller {
        let message = "an indirect reseller has no resellers; only a provider's list states them";
        let issue = new_issue(Severity::Error, "reseller.list.not_a_provider", message).rule(RuleId::P_01);
        issues.push(issue.value(&mpn_id.to_string()).hint("import the list with --as PROVIDER"));
    }
    for row in rows {
        for issue in &issues {
            let mut issue = issue.clone();
            issue.column = context.column(context.intake.location(row.row)?.file, Field::MpnId);
            draft.set(row.row, Outcome::Rejected);
            draft.report(row.row, issue)?;
        }
    }
    Ok(!issues.is_empty())
}

fn plan_reseller(
    context: &Context<'_>,
    resellers: &mut Resellers,
    (rows, mut known): (&[ListedReseller], Known),
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let place = rows[0].reseller as usize;
    let (mpn_id, _) = resellers.refusals(place);
    let key = mpn_id.to_string();
    let mut cursor = context.intake.listed_resellers.cursor();
    let mut stated: Vec<ResellerFact> = Vec::new();
    for row in rows {
        let fact = cursor.get(row.place)?;
        if !fact.is_partner {
            draft.set(row.row, Outcome::Merged);
            let message = "the list does not state that the reseller is a partner; the row changes nothing";
            draft.report(row.row, new_issue(Severity::Info, "reseller.not_a_partner", message).value(&key))?;
            continue;
        }
        let naming = Naming { row: row.row, by: Renaming::ResellerList(row.as_of) };
        let Some(reseller_id) = resellers.key(context, &key, naming, draft)? else { continue };
        let before = known.clone();
        let values = stated_values(&fact);
        let effect = known.add(fact.as_of, &values);
        let is_first = stated.is_empty();
        if !stated.contains(&fact) {
            draft.ops.reseller_statements.append(&statement(reseller_id, &fact))?;
            stated.push(fact);
        }
        match effect {
            Effect::Changes => {
                resellers.update(place);
                draft.set(row.row, Outcome::Applied);
                let by = draft.line_of(row.row)?;
                note_changes(&key, (&before, &known), by, draft)?;
            }
            Effect::Superseded => {
                draft.set(row.row, Outcome::Merged);
                draft.superseded(row.row)?;
            }
            // The first row that states the partnership is applied, even if everything was known.
            Effect::Repeats if is_first => draft.set(row.row, Outcome::Applied),
            Effect::Repeats => {
                draft.set(row.row, Outcome::Merged);
                draft.merged(row.row)?;
            }
        }
    }
    Ok(())
}

/// Adds the values that a statement changed to the run's history. Reverting the run deletes the statement.
fn note_changes(
    key: &str,
    (before, after): (&Known, &Known),
    by: Option<FileLine>,
    draft: &mut Draft<'_>,
) -> Result<(), PlanError> {
    let text = |known: &Option<(NaiveDateTime, String)>| known.as_ref().map(|(_, value)| value.clone());
    for (field, (before, after)) in FIELDS.iter().zip(before.0.iter().zip(&after.0)) {
        let values = (text(before), text(after));
        if values.0 != values.1 {
            draft.stated("RESELLER", key, field, values, by)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn on(day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap().and_hms_opt(0, 0, 0).unwrap()
    }

    fn named(name: &str) -> Values {
        [Some(name.to_owned()), None, None, None, None]
    }

    #[test]
    fn the_newest_statement_of_a_field_counts() {
        let mut known = Known::default();
        assert_eq!(known.add(on(5), &named("Fabrikam")), Effect::Changes);
        assert_eq!(known.add(on(6), &named("Fabrikam")), Effect::Repeats);
        assert_eq!(known.add(on(4), &named("Litware")), Effect::Superseded);
        assert_eq!(known.add(on(4), &named("Fabrikam")), Effect::Repeats);
        // The sixth day is known of the repeated name.
        assert_eq!(known.add(on(5), &named("Tailspin")), Effect::Superseded);
        // An older statement fills in what no newer one states.
        let country = [Some("Litware".to_owned()), Some("PL".to_owned()), None, None, None];
        assert_eq!(known.add(on(4), &country), Effect::Changes);
        assert_eq!(known.add(on(7), &named("Litware")), Effect::Changes);
        let counts = known.0.map(|known| known.map(|(_, value)| value));
        assert_eq!(counts, [Some("Litware".to_owned()), Some("PL".to_owned()), None, None, None]);
    }

    #[test]
    fn of_one_day_the_greatest_value_counts_in_any_order() {
        for names in [["FABRIKAM", "Fabrikam"], ["Fabrikam", "FABRIKAM"]] {
            let mut known = Known::default();
            for name in names {
                known.add(on(5), &named(name));
            }
            assert_eq!(known.0[0], Some((on(5), "Fabrikam".to_owned())));
        }
    }
}
