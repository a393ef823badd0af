//! Collects parsed records one after another.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::sync::Arc;

use partnergraph_domain::{MpnId, PartnerType};
use rayon::prelude::*;

use super::{
    CHAIN, Entry, Intake, IntakeFile, ListedReseller, NONE, Outcome, Rows, SpooledFact, Statement, StatementKey,
    Transfer,
};
use crate::amount::Amount;
use crate::fact::{ChargeKind, Fact, ResellerFact, ResellerStatement, Stated};
use crate::issue_spool::IssueSpool;
use crate::profiles::States;
use crate::read::{OpenedFile, Parsed, Rejected};
use crate::row_locations::{RowLocation, RowLocationWriter};
use crate::spool::Spool;
use crate::unknown::UnknownValues;

/// Collects parsed records.
#[derive(Debug)]
pub(crate) struct Collector {
    importer: PartnerType,
    sources: Vec<String>,
    rows: Rows,
    locations: RowLocationWriter,
    facts: Spool<SpooledFact>,
    entries: Vec<Entry>,
    by_tenant: HashMap<u128, u32>,
    tenants: Vec<u128>,
    last_statement: Vec<u32>,
    last_file: Vec<u16>,
    statements: Vec<StatementKey>,
    statement_spool: Spool<Statement>,
    by_mpn: HashMap<u64, u32>,
    resellers: Vec<MpnId>,
    transfers: Vec<Transfer>,
    listings: Vec<ListedReseller>,
    listed_resellers: Spool<ResellerFact>,
    rejected_charges: Vec<u128>,
    issues: IssueSpool,
    unknown: UnknownValues,
    newest: i64,
    // State of the file that is being read.
    file: u16,
    customers: u64,
    subtotals: std::collections::BTreeMap<String, Amount>,
    first_row: u32,
}

impl Collector {
    pub(crate) fn new(importer: PartnerType) -> io::Result<Self> {
        Ok(Self {
            importer,
            sources: Vec::new(),
            rows: Rows::default(),
            locations: RowLocationWriter::new()?,
            facts: Spool::new()?,
            entries: Vec::new(),
            by_tenant: HashMap::new(),
            tenants: Vec::new(),
            last_statement: Vec::new(),
            last_file: Vec::new(),
            statements: Vec::new(),
            statement_spool: Spool::new()?,
            by_mpn: HashMap::new(),
            resellers: Vec::new(),
            transfers: Vec::new(),
            listings: Vec::new(),
            listed_resellers: Spool::new()?,
            rejected_charges: Vec::new(),
            issues: IssueSpool::new()?,
            unknown: UnknownValues::default(),
            newest: 0,
            file: 0,
            customers: 0,
            subtotals: std::collections::BTreeMap::new(),
            first_row: 0,
        })
    }

    /// Begins a file.
    pub(crate) fn begin(&mut self, file: u16, opened: &OpenedFile) -> io::Result<()> {
        self.report_unknown_values()?;
        self.file = file;
        self.customers = 0;
        self.subtotals.clear();
        self.first_row = self.row();
        let expected = usize::try_from(opened.description().rows).unwrap_or(0);
        self.rows.statement.reserve_exact(expected);
        self.rows.as_of.reserve_exact(expected);
        self.rows.outcome.reserve_exact(expected);
        if matches!(opened.profile().states, States::Subscriptions | States::Charges | States::Usage) {
            self.entries.reserve_exact(expected);
        }
        opened.issues().iter().try_for_each(|issue| self.issues.add(issue))
    }

    /// Ends a file.
    pub(crate) fn end(&mut self, opened: OpenedFile, customer: Option<partnergraph_domain::TenantId>) -> IntakeFile {
        let description = opened.description().clone();
        let source = self.sources.iter().position(|name| *name == description.source).unwrap_or_else(|| {
            self.sources.push(description.source.clone());
            self.sources.len() - 1
        });
        IntakeFile {
            profile: Arc::clone(opened.profile()),
            complete: opened.complete(),
            description,
            source,
            rows: self.first_row..self.row(),
            customers: self.customers,
            subtotals: std::mem::take(&mut self.subtotals),
            opened,
            customer,
        }
    }

    /// Reports the unknown values of the previous file.
    fn report_unknown_values(&mut self) -> io::Result<()> {
        self.unknown.report().try_for_each(|issue| self.issues.add(&issue))
    }

    fn row(&self) -> u32 {
        u32::try_from(self.rows.outcome.len()).unwrap_or(u32::MAX)
    }

    /// Adds one record.
    pub(crate) fn take(&mut self, mut parsed: Parsed) -> io::Result<()> {
        let row = self.row();
        if row == u32::MAX {
            return Err(io::Error::other("an import can have at most 4,294,967,294 rows"));
        }
        self.locations.append(RowLocation { file: self.file, line: parsed.line, offset: parsed.offset })?;
        for issue in std::mem::take(&mut parsed.issues) {
            if let Some(issue) = self.unknown.take(issue, &parsed) {
                self.issues.add(&issue)?;
            }
        }
        if let Some((currency, amount)) = &parsed.uncounted {
            self.charge(currency, *amount);
        }
        match parsed.outcome {
            Ok(Stated::Customer(fact)) => self.take_fact(row, fact),
            Ok(Stated::Reseller(fact)) => self.take_reseller(row, &fact),
            Ok(Stated::MpnProfile(_)) => Err(io::Error::other("the register of MPN profiles belongs to no partner")),
            Err(Rejected { charged }) => {
                self.rejected_charges.extend(charged.map(|id| id.0.as_u128()));
                self.rows.statement.push(NONE);
                self.rows.as_of.push(0);
                self.rows.outcome.push(Outcome::Rejected);
                Ok(())
            }
        }
    }

    /// Adds the amounts that a line charges to the file's control total.
    fn charge(&mut self, currency: &str, amount: Amount) {
        match self.subtotals.get_mut(currency) {
            Some(sum) => *sum = sum.plus(amount),
            None => {
                self.subtotals.insert(currency.to_owned(), amount);
            }
        }
    }

    fn take_fact(&mut self, row: u32, fact: Fact) -> io::Result<()> {
        let as_of = fact.as_of.and_utc().timestamp();
        self.newest = self.newest.max(as_of);
        let customer = self.customer(fact.customer.tenant_id.0.as_u128());
        let statement = self.statement(customer, row, &fact)?;
        self.rows.statement.push(statement);
        self.rows.as_of.push(u32::try_from(as_of).unwrap_or(0));
        self.rows.outcome.push(Outcome::Open);
        // A reseller's own lists describe its customers; what was sold to them is for its providers to state.
        let Some(subscription) = fact.subscription.filter(|_| self.importer != PartnerType::IndirectReseller) else {
            return Ok(());
        };
        let charge = subscription.charge.as_deref();
        if let Some((currency, amount)) =
            charge.and_then(|charge| Some((charge.currency.as_deref()?, charge.subtotal?)))
        {
            self.charge(currency, amount);
        }
        if charge.is_some_and(|charge| matches!(charge.kind, ChargeKind::Convert | ChargeKind::MoveQuantity)) {
            self.transfers.push(Transfer { customer, subscription: subscription.id.0, row });
        }
        let when = charge.and_then(|charge| charge.order_date).map_or(as_of, |at| at.and_utc().timestamp());
        // A reversing line states earlier data, and an entitlement has its own partner of record.
        let states = charge.is_none_or(|charge| !charge.wipes()) && subscription.entitlement.is_none();
        let reseller = match subscription.reseller {
            ResellerStatement::Mpn(id) => (self.reseller(id) + 1) << 1 | u32::from(states),
            _ => 0,
        };
        let (high, low) = subscription.id.0.as_u64_pair();
        let place = self.facts.append(&SpooledFact { line: fact.line, as_of, fact: *subscription })?;
        self.entries.push(Entry {
            key: [high, low],
            customer,
            row,
            reseller,
            when: u32::try_from(when).unwrap_or(0),
            place: u64::from(self.file) << 48 | place,
        });
        Ok(())
    }

    /// Adds a row of a list of resellers.
    fn take_reseller(&mut self, row: u32, fact: &ResellerFact) -> io::Result<()> {
        let as_of = fact.as_of.and_utc().timestamp();
        self.newest = self.newest.max(as_of);
        self.rows.statement.push(NONE);
        self.rows.as_of.push(u32::try_from(as_of).unwrap_or(0));
        self.rows.outcome.push(Outcome::Open);
        let reseller = self.reseller(fact.mpn_id);
        let place = self.listed_resellers.append(fact)?;
        self.listings.push(ListedReseller { reseller, as_of, row, place });
        Ok(())
    }

    fn customer(&mut self, tenant: u128) -> u32 {
        let next = u32::try_from(self.tenants.len()).unwrap_or(u32::MAX);
        let customer = *self.by_tenant.entry(tenant).or_insert(next);
        if customer == next {
            self.tenants.push(tenant);
            self.last_statement.push(NONE);
            self.last_file.push(u16::MAX);
        }
        let last = &mut self.last_file[customer as usize];
        if *last != self.file {
            *last = self.file;
            self.customers += 1;
        }
        customer
    }

    fn reseller(&mut self, id: MpnId) -> u32 {
        let next = u32::try_from(self.resellers.len()).unwrap_or(u32::MAX);
        let place = *self.by_mpn.entry(id.0).or_insert(next);
        if place == next {
            self.resellers.push(id);
        }
        place
    }

    /// The index of what the row states about its customer. It is shared with an earlier row that states the same.
    fn statement(&mut self, customer: u32, row: u32, fact: &Fact) -> io::Result<u32> {
        let stated = &fact.customer;
        let mut hasher = DefaultHasher::new();
        (self.file, &stated.company_name, &stated.domain, stated.country, &stated.tags, stated.relationship)
            .hash(&mut hasher);
        let hash = hasher.finish();
        if fact.gdap.is_none() && fact.agreement.is_none() {
            let mut before = self.last_statement[customer as usize];
            for _ in 0..CHAIN {
                let Some(key) = self.statements.get(before as usize) else { break };
                if key.hash == hash {
                    return Ok(before);
                }
                before = key.before;
            }
        }
        let place = self.statement_spool.append(&Statement {
            file: self.file,
            line: fact.line,
            row,
            customer: stated.clone(),
            gdap: fact.gdap.clone(),
            agreement: fact.agreement.clone(),
        })?;
        let number = u32::try_from(self.statements.len()).unwrap_or(NONE);
        let before = std::mem::replace(&mut self.last_statement[customer as usize], number);
        self.statements.push(StatementKey { hash, customer, place, before });
        Ok(number)
    }

    /// Sorts the keys after all files are read.
    pub(crate) fn finish(mut self, files: Vec<IntakeFile>) -> io::Result<Intake> {
        self.rejected_charges.sort_unstable();
        self.rejected_charges.dedup();
        self.report_unknown_values()?;
        self.listings.sort_unstable();
        // Exports are often already in the order of their keys.
        if !self.entries.is_sorted_by_key(|entry| (entry.key, entry.row)) {
            self.entries.par_sort_unstable_by_key(|entry| (entry.key, entry.row));
        }
        Ok(Intake {
            files,
            sources: self.sources,
            rows: self.rows,
            locations: self.locations.finish()?,
            facts: self.facts.finish()?,
            entries: self.entries,
            tenants: self.tenants,
            last_statement: self.last_statement,
            statements: self.statements,
            statement_spool: self.statement_spool.finish()?,
            resellers: self.resellers,
            transfers: self.transfers,
            listings: self.listings,
            listed_resellers: self.listed_resellers.finish()?,
            rejected_charges: self.rejected_charges,
            issues: self.issues.finish()?,
            newest: self.newest,
        })
    }
}
