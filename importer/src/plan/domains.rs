//! Finds domains that two tenants claim. Both keep the domain, because a customer is identified by its tenant id and
//! never by its domain; a warning reports it.

use std::hash::{DefaultHasher, Hash, Hasher};

use partnergraph_domain::{Severity, search_key};

use super::PlanError;
use super::context::Context;
use super::customer::Live;
use super::draft::Draft;
use super::snapshot::{DOMAINS_AT_ONCE, Snapshot};
use crate::intake::NONE;
use crate::issue::Issue;
use crate::profiles::Field;

/// A customer's domain after the import. 16 bytes per customer.
#[derive(Clone, Copy, Debug)]
struct Claim {
    domain: u64,
    /// The statement that the warning refers to. [`NONE`] if no file states the domain and it is only stored.
    statement: u32,
}

/// Which customer claims which domain.
#[derive(Debug)]
pub(crate) struct Domains {
    /// The tenants of the files, in order.
    tenants: Vec<u128>,
    claims: Vec<Claim>,
    /// Domains still to be looked up among stored records, and the statements that contain them.
    waiting: Vec<(String, u32)>,
    /// Statements of domains that a tenant outside the files has.
    shared: Vec<u32>,
    /// Whether the partner has any records. Known after the first domain.
    any_stored: Option<bool>,
}

impl Domains {
    /// No claims yet. `tenants` are those of the files, in order.
    pub(crate) fn new(tenants: Vec<u128>) -> Self {
        Self { tenants, claims: Vec::new(), waiting: Vec::new(), shared: Vec::new(), any_stored: None }
    }

    /// Records a customer's domain.
    pub(crate) fn claim(&mut self, domain: &str, live: &[Live], snapshot: &mut impl Snapshot) -> Result<(), PlanError> {
        let key = search_key(domain);
        let states =
            |one: &&Live| one.statement.customer.domain.as_deref().is_some_and(|domain| search_key(domain) == key);
        let statement = live.iter().find(states).map_or(NONE, |one| one.number);
        self.claims.push(Claim { domain: hash(&key), statement });
        if statement == NONE {
            return Ok(());
        }
        let any_stored = match self.any_stored {
            Some(any) => any,
            None => *self.any_stored.insert(snapshot.has_records()?),
        };
        if any_stored {
            self.waiting.push((key, statement));
            if self.waiting.len() == DOMAINS_AT_ONCE {
                self.look_up(snapshot)?;
            }
        }
        Ok(())
    }

    /// Looks up which other tenants' stored records have the waiting domains. Tenants that are also in the files are
    /// skipped, because the files may give them another domain.
    fn look_up(&mut self, snapshot: &mut impl Snapshot) -> Result<(), PlanError> {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let keys: Vec<&str> = waiting.iter().map(|(key, _)| key.as_str()).collect();
        for claimant in snapshot.domain_claimants(&keys)? {
            let tenant = claimant.tenant_id.parse::<uuid::Uuid>().map(|id| id.as_u128()).unwrap_or_default();
            if self.tenants.binary_search(&tenant).is_err() {
                let claimed = waiting.iter().filter(|(key, _)| *key == claimant.domain_key);
                self.shared.extend(claimed.map(|(_, statement)| *statement));
            }
        }
        Ok(())
    }

    /// Called when all customers are planned: warns about each domain that several of them have.
    pub(crate) fn warn(
        mut self,
        context: &Context<'_>,
        snapshot: &mut impl Snapshot,
        draft: &mut Draft<'_>,
    ) -> Result<(), PlanError> {
        self.look_up(snapshot)?;
        let mut cursor = context.intake.statement_spool.cursor();
        for statement in shared(self.claims, self.shared) {
            let statement = cursor.get(context.intake.statements[statement as usize].place)?;
            let message = "another tenant has this domain too; both keep it";
            let mut issue =
                Issue::new(Severity::Warning, statement.file, statement.line, "customer.domain.shared", message)
                    .hint("a domain belongs to one tenant; check in the portals which one");
            issue.column = context.column(statement.file, Field::CustomerDomain);
            let issue = statement.customer.domain.iter().fold(issue, |issue, domain| issue.value(domain));
            draft.issues.add(&issue)?;
        }
        Ok(())
    }
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The statements that claim a domain which another customer also claims, without duplicates. `known` are already such
/// statements.
fn shared(mut claims: Vec<Claim>, mut known: Vec<u32>) -> Vec<u32> {
    claims.sort_unstable_by_key(|claim| (claim.domain, claim.statement));
    let several = claims.chunk_by(|a, b| a.domain == b.domain).filter(|claims| claims.len() > 1);
    known.extend(several.flatten().map(|claim| claim.statement).filter(|statement| *statement != NONE));
    known.sort_unstable();
    known.dedup();
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_shared_where_two_claim_it_and_a_file_says_so() {
        type Case<'a> = (&'a str, &'a [(&'a str, u32)], &'a [u32], &'a [u32]);
        let cases: [Case<'_>; 5] = [
            ("each has its own", &[("a", 1), ("b", 2)], &[], &[]),
            ("two in the files", &[("a", 1), ("b", 2), ("a", 3)], &[], &[1, 3]),
            ("one of them is only stored", &[("a", 1), ("a", NONE)], &[], &[1]),
            ("both only stand there", &[("a", NONE), ("a", NONE)], &[], &[]),
            ("a tenant outside the files has it as well", &[("a", 1), ("a", 4)], &[4, 2], &[1, 2, 4]),
        ];
        for (name, claims, known, expected) in cases {
            let claims = claims.iter().map(|(domain, statement)| Claim { domain: hash(domain), statement: *statement });
            assert_eq!(shared(claims.collect(), known.to_vec()), expected, "{name}");
        }
    }
}
