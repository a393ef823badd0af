//! Identifies the resellers of the files: accounts, future placeholders, or MPN IDs that cannot be resellers.
//! Placeholders are created while subscriptions are planned, if one needs them. The fourth stage counts them and lists
//! customers that moved between resellers.

use std::collections::HashMap;

use partnergraph_domain::rules::partnership::{Renaming, x_11_revives};
use partnergraph_domain::{Cloud, MpnId, PartnerFacts, PartnerKey, PartnerType, Refusal, ResellerChoice, checks};
use partnergraph_domain::{RuleId, Severity};
use partnergraph_store::imports::rows::{NewPartnership, NewPlaceholder};
use partnergraph_store::imports::sources::AccountRow;

use super::context::Context;
use super::draft::{Draft, new_issue};
use super::listed::listed;
use super::ops::next;
use super::rows::Settled;
use super::snapshot::Snapshot;
use super::{Counts, PlanError};
use crate::issue::Issue;
use crate::profiles::Field;

/// What an MPN ID of the files refers to.
#[derive(Debug)]
struct Reseller {
    mpn_id: MpnId,
    /// The account. `None` for a placeholder that is not needed yet.
    id: Option<PartnerKey>,
    /// Whether there is a partnership in any state.
    partnered: bool,
    /// When the last partnership was removed, if none is live, in seconds since 1970.
    removed: Option<i64>,
    created: bool,
    /// Whether a list states something new about it.
    updated: bool,
    used: bool,
    refusals: Vec<Refusal>,
}

/// How a reseller is named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Naming {
    /// The row that names it.
    pub(crate) row: u32,
    /// What names it.
    pub(crate) by: Renaming,
}

impl Naming {
    /// As partner of record, by a statement of that time (in seconds since 1970).
    pub(crate) fn partner_of_record(row: u32, is_new: bool, stated: i64) -> Self {
        Self { row, by: if is_new { Renaming::NewlyNamed(stated) } else { Renaming::Standing } }
    }
}

/// All resellers of the files, and the MPN IDs of all accounts.
#[derive(Debug)]
pub(crate) struct Resellers {
    named: Vec<Reseller>,
    by_mpn: HashMap<u64, usize>,
    mpn_of: HashMap<PartnerKey, String>,
    /// The account with an MPN ID.
    bearer: HashMap<String, PartnerKey>,
}

impl Resellers {
    pub(crate) fn new(
        me: &AccountRow,
        partners: &[AccountRow],
        partnered: &[PartnerKey],
        removed: &[(PartnerKey, chrono::NaiveDateTime)],
        named: &[MpnId],
    ) -> Self {
        let by_text = bearers(partners);
        let named: Vec<Reseller> = named
            .iter()
            .map(|mpn_id| {
                let account = by_text.get(mpn_id.to_string().as_str()).copied();
                let id = account.map(|row| row.id);
                Reseller {
                    mpn_id: *mpn_id,
                    id,
                    partnered: id.is_some_and(|id| partnered.contains(&id)),
                    removed: removed.iter().find(|(one, _)| Some(*one) == id).map(|(_, at)| at.and_utc().timestamp()),
                    created: false,
                    updated: false,
                    used: false,
                    refusals: checks::imported_reseller(me.partner_type, &choice(*mpn_id, account)),
                }
            })
            .collect();
        Self {
            by_mpn: named.iter().zip(0..).map(|(reseller, place)| (reseller.mpn_id.0, place)).collect(),
            bearer: by_text.iter().map(|(mpn_id, row)| ((*mpn_id).to_owned(), row.id)).collect(),
            mpn_of: partners.iter().filter_map(|row| Some((row.id, row.mpn_id.clone()?))).collect(),
            named,
        }
    }

    /// The MPN ID of an account, as baselines contain it. An account that no longer has one is identified by its key.
    pub(crate) fn mpn_of(&self, id: PartnerKey) -> String {
        self.mpn_of.get(&id).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// Whether any of the files' resellers cannot be one.
    pub(crate) fn any_refused(&self) -> bool {
        self.named.iter().any(|reseller| !reseller.refusals.is_empty())
    }

    /// A reseller of the files by its index, and every reason why it cannot be one.
    pub(crate) fn refusals(&self, place: usize) -> (MpnId, &[Refusal]) {
        let reseller = &self.named[place];
        (reseller.mpn_id, &reseller.refusals)
    }

    /// The account or placeholder of a reseller of the files by its index, if there is one.
    pub(crate) fn account(&self, place: usize) -> Option<PartnerKey> {
        self.named[place].id
    }

    /// A list states something new about a reseller of the files.
    pub(crate) fn update(&mut self, place: usize) {
        self.named[place].updated = true;
    }

    /// The counts. Created ones are placeholders; the others existed before.
    fn counts(&self) -> Counts {
        let used = self.named.iter().filter(|reseller| reseller.used).count() as u64;
        let created = self.named.iter().filter(|reseller| reseller.created).count() as u64;
        let updated = self.named.iter().filter(|reseller| reseller.updated && !reseller.created).count() as u64;
        Counts { created, updated, unchanged: used - created - updated }
    }
}

/// The account with each MPN ID. If one company holds a reseller and a direct-bill account under one MPN ID, a reseller
/// in a file is the reseller account. An enrolment that is not decided has no MPN ID yet.
pub(crate) fn bearers(partners: &[AccountRow]) -> HashMap<&str, &AccountRow> {
    let mut bearers: HashMap<&str, &AccountRow> = HashMap::new();
    for row in partners.iter().filter(|row| row.bears_mpn_id()) {
        let Some(mpn_id) = row.mpn_id.as_deref() else { continue };
        let bearer = bearers.entry(mpn_id).or_insert(row);
        if row.partner_type == PartnerType::IndirectReseller {
            *bearer = row;
        }
    }
    bearers
}

/// The error of a row whose reseller cannot be one.
pub(crate) fn not_a_reseller(mpn_id: MpnId, refusal: &Refusal) -> Issue {
    let mut issue = new_issue(Severity::Error, "reseller.not_a_reseller", refusal.message.clone())
        .value(&mpn_id.to_string())
        .hint("correct the MPN ID, or leave the cell blank if there is no reseller");
    issue.rule = refusal.rule;
    issue
}

/// What is known about an MPN ID, as the rules need it. An unknown ID is a placeholder.
fn choice(mpn_id: MpnId, account: Option<&AccountRow>) -> ResellerChoice {
    let account = PartnerFacts {
        tenant_id: account.and_then(|row| row.tenant_id.as_deref()?.parse().ok()),
        mpn_id,
        partner_type: account.map_or(PartnerType::IndirectReseller, |row| row.partner_type),
        country: account.and_then(|row| row.country),
        cloud: account.map_or(Cloud::Public, |row| row.cloud),
        onboarded: account.is_some_and(|row| row.onboarded),
        enrolled: account.is_some_and(|row| row.enrolled),
        mpa_signed: false,
        mpn_profile: None,
        capabilities: Vec::new(),
    };
    ResellerChoice { mpn_id, profile: None, account: Some(account), partnership: None }
}

impl Resellers {
    /// The key of a reseller's account. If they do not exist, a placeholder and a partnership in the state IMPORTED are
    /// created. A partnership that was removed is created again only if a list of resellers states it, or a subscription
    /// newly names the reseller, after the removal.
    pub(crate) fn key(
        &mut self,
        context: &Context<'_>,
        mpn_id: &str,
        naming: Naming,
        draft: &mut Draft<'_>,
    ) -> Result<Option<PartnerKey>, PlanError> {
        let Some(place) = mpn_id.parse::<u64>().ok().and_then(|id| self.by_mpn.get(&id).copied()) else {
            // Only a stored partner of record can be a reseller that no file names.
            return Ok(self.bearer.get(mpn_id).copied());
        };
        let reseller_id = match self.named[place].id {
            Some(id) => id,
            None => {
                let id = placeholder(context, mpn_id, naming, draft)?;
                let reseller = &mut self.named[place];
                reseller.id = Some(id);
                reseller.created = true;
                self.mpn_of.insert(id, mpn_id.to_owned());
                id
            }
        };
        let reseller = &mut self.named[place];
        let is_revived = reseller.removed.is_some();
        let may_partner = reseller.removed.is_none_or(|removed| x_11_revives(removed, naming.by));
        if !reseller.partnered && may_partner {
            if is_revived {
                let by = match naming.by {
                    Renaming::ResellerList(_) => "a list of resellers",
                    Renaming::NewlyNamed(_) | Renaming::Standing => "a subscription",
                };
                let message = format!(
                    "the partnership with reseller {mpn_id} was removed, but {by} names it since then, so the partnership becomes IMPORTED again"
                );
                let issue = new_issue(Severity::Info, "reseller.partnership.imported", message).value(mpn_id);
                draft.report(naming.row, issue.rule(RuleId::X_11))?;
            }
            let id = next(&mut draft.keys.partnership);
            draft.ops.partnerships.append(&NewPartnership { id, reseller_id })?;
            draft.created("PARTNERSHIP", mpn_id, draft.line_of(naming.row)?)?;
            reseller.partnered = true;
        } else if let (Renaming::ResellerList(_), false, false) = (naming.by, reseller.partnered, may_partner) {
            let message = format!(
                "the partnership with reseller {mpn_id} was removed after the date of this list; it stays removed"
            );
            let issue = new_issue(Severity::Info, "reseller.partnership.removed", message).value(mpn_id);
            draft.report(naming.row, issue.rule(RuleId::X_11).hint("a list with a later date restores it"))?;
        }
        reseller.used = true;
        Ok(Some(reseller_id))
    }
}

/// Creates a placeholder and returns its key.
fn placeholder(
    context: &Context<'_>,
    mpn_id: &str,
    Naming { row, by }: Naming,
    draft: &mut Draft<'_>,
) -> Result<PartnerKey, PlanError> {
    let id = next(&mut draft.keys.partner);
    draft.ops.placeholders.append(&NewPlaceholder::new(id, mpn_id, context.partner.cloud))?;
    draft.created("RESELLER", mpn_id, draft.line_of(row)?)?;
    let message = format!(
        "no account has MPN ID {mpn_id}; a placeholder is created, which has no access until the reseller enrols"
    );
    let mut issue = new_issue(Severity::Info, "reseller.placeholder", message).value(mpn_id);
    let field = match by {
        Renaming::ResellerList(_) => Field::MpnId,
        Renaming::NewlyNamed(_) | Renaming::Standing => Field::ResellerMpnId,
    };
    issue.column = context.column(context.intake.location(row)?.file, field);
    draft.report(row, issue)?;
    Ok(id)
}

/// The resellers are counted, and customers that moved between them are listed.
#[derive(Debug)]
pub(crate) struct Resold {
    pub(super) settled: Settled,
    pub(crate) counts: Counts,
}

/// Counts the resellers once no subscription needs another one, and lists the customers that moved between them.
pub(crate) fn resellers(
    context: &Context<'_>,
    mut settled: Settled,
    snapshot: &mut impl Snapshot,
    draft: &mut Draft<'_>,
) -> Result<Resold, PlanError> {
    listed(context, &mut settled.subscriptions.customers.resellers, snapshot, draft)?;
    settled.subscriptions.moved.list(context, draft)?;
    let counts = settled.subscriptions.customers.resellers.counts();
    Ok(Resold { settled, counts })
}
