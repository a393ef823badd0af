//! Domains that two tenants claim. Both keep theirs, as a customer is its tenant id and never its domain; a warning tells.

use std::hash::{DefaultHasher, Hash, Hasher};

use partnergraph_domain::{Severity, search_key};
use partnergraph_store::imports::{sources, stored};
use partnergraph_store::sql::sql;

use super::customers::Live;
use super::{PlanError, Planner};
use crate::intake::NONE;
use crate::issue::Issue;
use crate::profiles::Field;

/// A customer's domain, after the import. 16 bytes a customer.
#[derive(Clone, Copy, Debug)]
struct Claim {
    domain: u64,
    /// The statement that the warning goes to; [`NONE`] where no file states the domain and it only stands there.
    statement: u32,
}

/// Who claims which domain.
#[derive(Debug, Default)]
pub(crate) struct Domains {
    claims: Vec<Claim>,
    /// Domains that are yet to be looked up among stored records, and the statements that make them.
    waiting: Vec<(String, u32)>,
    /// Statements of domains that a tenant outside the files has.
    shared: Vec<u32>,
    /// Whether the partner has any records; known once a domain was met.
    any_stored: Option<bool>,
}

impl Planner<'_> {
    /// Takes note of a customer's domain.
    pub(crate) fn claim_domain(&mut self, domain: &str, live: &[Live]) -> Result<(), PlanError> {
        let key = search_key(domain);
        let states = |one: &&Live| one.said.customer.domain.as_deref().is_some_and(|domain| search_key(domain) == key);
        let statement = live.iter().find(states).map_or(NONE, |one| one.number);
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        self.domains.claims.push(Claim { domain: hasher.finish(), statement });
        if statement == NONE {
            return Ok(());
        }
        if self.domains.any_stored.is_none() {
            let own = sql("partner_id = ").bind(self.partner.id);
            self.domains.any_stored = Some(sources::any(self.conn, "customer_records", own)?);
        }
        if self.domains.any_stored == Some(true) {
            self.domains.waiting.push((key, statement));
            if self.domains.waiting.len() == stored::DOMAINS_AT_ONCE {
                self.look_domains_up()?;
            }
        }
        Ok(())
    }

    /// Looks up which other tenants' stored records have the waiting domains. Those that are in the files as well speak for
    /// themselves: the files may give them another domain.
    fn look_domains_up(&mut self) -> Result<(), PlanError> {
        let waiting = std::mem::take(&mut self.domains.waiting);
        let keys: Vec<&str> = waiting.iter().map(|(key, _)| key.as_str()).collect();
        for claimant in stored::domain_claimants(self.conn, self.partner.id, &keys)? {
            let tenant = claimant.tenant_id.parse::<uuid::Uuid>().map(|id| id.as_u128()).unwrap_or_default();
            if self.tenants_in_order.binary_search(&tenant).is_err() {
                let claimed = waiting.iter().filter(|(key, _)| *key == claimant.domain_key);
                self.domains.shared.extend(claimed.map(|(_, statement)| *statement));
            }
        }
        Ok(())
    }

    /// All customers are planned: warns of each domain that several of them have.
    pub(crate) fn warn_domains(&mut self) -> Result<(), PlanError> {
        if !self.domains.waiting.is_empty() {
            self.look_domains_up()?;
        }
        let Domains { mut claims, mut shared, .. } = std::mem::take(&mut self.domains);
        claims.sort_unstable_by_key(|claim| (claim.domain, claim.statement));
        let several = claims.chunk_by(|a, b| a.domain == b.domain).filter(|claims| claims.len() > 1);
        shared.extend(several.flatten().map(|claim| claim.statement).filter(|statement| *statement != NONE));
        shared.sort_unstable();
        shared.dedup();
        let mut cursor = self.intake.said.cursor();
        for statement in shared {
            let said = cursor.get(self.intake.statements[statement as usize].place)?;
            let message = "another tenant has this domain as well; both keep it";
            let mut issue = Issue::new(Severity::Warning, said.file, said.line, "customer.domain.shared", message)
                .hint("a domain belongs to one tenant: find out in the portals whose it is");
            issue.column = self.column(said.file, Field::CustomerDomain);
            let issue = said.customer.domain.iter().fold(issue, |issue, domain| issue.value(domain));
            self.remarks.add(&issue)?;
        }
        Ok(())
    }
}
