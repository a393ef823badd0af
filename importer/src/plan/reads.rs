//! Records what a plan was made from, so that applying it later can check that none of it has changed.
//!
//! For each customer and subscription that the files name, its identity and a digest of what the plan read about it are
//! kept: its row with its version and what the sources stated about it, or that there was none. They are read again
//! with the same statements. What the plan reads once (accounts and partnerships of the named resellers, sources, the
//! lists in which something may be absent, granular grants, regions) is its [`PlanInputs`].
//!
//! Data that only affects issues of the report, such as whether another customer claims a domain, is not checked again.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write as _};

use partnergraph_domain::{CustomerKey, ImportSourceKey, Key, MpnId, PartnerKey, PartnershipState};
use partnergraph_store::columns::PartnerColumns;
use partnergraph_store::imports::sources::{self, AccountRow};
use partnergraph_store::imports::stored::{self, Listed, StoredAttestation, StoredCustomer, StoredSubscription};
use partnergraph_store::{Conn, StoreResult};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::PlanError;
use super::resellers::bearers;
use super::walk::{self, Walk, WithBaselines};
use crate::intake::{Entry, Intake};
use crate::profiles::{Completeness, States};
use crate::spool::{Spool, Spooled};

/// Number of stored rows of a list that are read at a time.
const CHUNK: i64 = 2_048;

/// Half of a SHA-256 hash.
type Digest = u128;

/// The kind of entity that a key identifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Subject {
    Customer,
    Subscription,
}

/// A customer or a subscription that the plan read. Both are in the order of their keys, customers first.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Read {
    subject: Subject,
    key: u128,
    digest: Digest,
}

/// A list in which something may be absent: everything that a source stated, or its subscriptions of one customer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Listing {
    source_id: ImportSourceKey,
    of_customers: bool,
    customer: Option<String>,
}

impl Listing {
    /// Adds rows of the list to a digest, and returns the position of the last one.
    fn add<K: Key>(&self, mut rows: Vec<Listed<K>>, hash: &mut Hash) -> Option<String> {
        let of_one = |tenant_id: &String| self.customer.as_ref().is_none_or(|one| one == tenant_id);
        rows.iter().filter(|row| of_one(&row.tenant_id)).for_each(|row| hash.add(row));
        rows.pop().map(|last| last.key)
    }
}

/// What the plan read once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanInputs {
    partner: Digest,
    resellers: Vec<(u64, Digest)>,
    sources: Vec<(String, Option<ImportSourceKey>)>,
    listings: BTreeMap<Listing, Digest>,
    grants: Option<Digest>,
    attestations: bool,
    reseller_statements: Option<Digest>,
    regions: Digest,
}

/// Reads again what the plan was made from. The caller holds the snapshot open in which the plan was made.
pub(crate) fn record(
    conn: &mut Conn,
    intake: &Intake,
    partner_id: PartnerKey,
) -> Result<(PlanInputs, Spooled<Read>), PlanError> {
    let known = sources::list(conn, partner_id)?;
    let source = |name: &String| known.iter().find(|(_, known)| known == name).map(|(id, _)| *id);
    let sources: Vec<(String, Option<ImportSourceKey>)> =
        intake.sources.iter().map(|name| (name.clone(), source(name))).collect();
    let listings = intake.files.iter().filter(|file| file.complete != Completeness::No).filter_map(|file| {
        let of_customers = file.profile.states.are_of_customers();
        let of_one = !of_customers && file.complete == Completeness::Customer;
        Some(Listing {
            source_id: sources[file.source].1?,
            of_customers,
            customer: file.customer.filter(|_| of_one).map(|id| id.to_string()),
        })
    });
    let is_any = |states| intake.files.iter().any(|file| file.profile.states == states);
    let lists = (is_any(States::Gdap), is_any(States::Agreements), is_any(States::Resellers));
    let listings: Vec<Listing> = listings.collect();
    let named: Vec<u64> = intake.resellers.iter().map(|id| id.0).collect();
    let mut reader = Reader::new(conn, partner_id)?;
    let inputs = reader.inputs(&named, sources, listings, lists)?;

    let mut spool = Spool::new()?;
    let mut tenants = intake.tenants.clone();
    tenants.sort_unstable();
    tenants.dedup();
    for key in tenants {
        spool.append(&Read { subject: Subject::Customer, key, digest: reader.digest(Subject::Customer, key)? })?;
    }
    for entries in intake.entries.chunk_by(Entry::same) {
        let key = entries[0].subscription().as_u128();
        let digest = reader.digest(Subject::Subscription, key)?;
        spool.append(&Read { subject: Subject::Subscription, key, digest })?;
    }
    Ok((inputs, spool.finish()?))
}

/// Checks that everything that the plan was made from is unchanged.
///
/// # Errors
///
/// [`PlanError::Stale`] with the first thing that has changed.
pub(crate) fn check(
    conn: &mut Conn,
    partner_id: PartnerKey,
    inputs: &PlanInputs,
    reads: &Spooled<Read>,
) -> Result<(), PlanError> {
    let mut reader = Reader::new(conn, partner_id)?;
    let named: Vec<u64> = inputs.resellers.iter().map(|(mpn_id, _)| *mpn_id).collect();
    let known = sources::list(reader.conn, partner_id)?;
    let source = |name: &String| known.iter().find(|(_, known)| known == name).map(|(id, _)| *id);
    let sources = inputs.sources.iter().map(|(name, _)| (name.clone(), source(name))).collect();
    let listings = inputs.listings.keys().cloned().collect();
    let lists = (inputs.grants.is_some(), inputs.attestations, inputs.reseller_statements.is_some());
    let now = reader.inputs(&named, sources, listings, lists)?;
    if let Some(other) = inputs.differs(&now) {
        return Err(PlanError::Stale(other));
    }
    // Individual entities are checked before the lists, so that the message names the entity.
    for read in reads.iter() {
        let Read { subject, key, digest } = read?;
        if reader.digest(subject, key)? != digest {
            let what = match subject {
                Subject::Customer => "customer",
                Subject::Subscription => "subscription",
            };
            return Err(PlanError::Stale(format!("{what} {}", uuid::Uuid::from_u128(key))));
        }
    }
    inputs.lists_differ(&now).map_or(Ok(()), |other| Err(PlanError::Stale(other.to_owned())))
}

impl PlanInputs {
    /// What has changed in it.
    fn differs(&self, now: &Self) -> Option<String> {
        if self.partner != now.partner {
            return Some("the importing account".to_owned());
        }
        if self.regions != now.regions {
            return Some("the list of regions".to_owned());
        }
        let mut resellers = self.resellers.iter().zip(&now.resellers);
        if let Some(((mpn_id, _), _)) = resellers.find(|(then, now)| then != now) {
            return Some(format!("the account of reseller {}, or the partnership with it,", MpnId(*mpn_id)));
        }
        let changed = self.sources.iter().zip(&now.sources).find(|(then, now)| then != now);
        changed.map(|((name, _), _)| format!("the data imported from source {name}"))
    }

    /// What has changed in the lists that the plan searched.
    fn lists_differ(&self, now: &Self) -> Option<&'static str> {
        if self.listings != now.listings {
            return Some("the content of earlier lists from the same source");
        }
        if self.grants != now.grants {
            return Some("a delegated-admin relationship");
        }
        (self.reseller_statements != now.reseller_statements).then_some("what earlier lists state about a reseller")
    }
}

/// Reads what plans are made from.
struct Reader<'a> {
    conn: &'a mut Conn,
    partner_id: PartnerKey,
    accounts: Vec<AccountRow>,
    /// The MPN ID of each account, and the account with each MPN ID.
    mpn_of: HashMap<PartnerKey, String>,
    bearer: HashMap<String, PartnerKey>,
    /// By customer, if the plan compares its attestations with those made before.
    attestations: HashMap<CustomerKey, Vec<StoredAttestation>>,
    customers: Walk<WithBaselines<StoredCustomer>>,
    subscriptions: Walk<WithBaselines<StoredSubscription>>,
}

impl<'a> Reader<'a> {
    fn new(conn: &'a mut Conn, partner_id: PartnerKey) -> StoreResult<Self> {
        let accounts = sources::partners(conn)?;
        Ok(Self {
            conn,
            partner_id,
            mpn_of: accounts.iter().filter_map(|row| Some((row.id, row.mpn_id.clone()?))).collect(),
            bearer: bearers(&accounts).into_iter().map(|(mpn_id, row)| (mpn_id.to_owned(), row.id)).collect(),
            accounts,
            attestations: HashMap::new(),
            customers: Walk::new(),
            subscriptions: Walk::new(),
        })
    }

    fn inputs(
        &mut self,
        named: &[u64],
        sources: Vec<(String, Option<ImportSourceKey>)>,
        listings: Vec<Listing>,
        (grants, attestations, reseller_statements): (bool, bool, bool),
    ) -> StoreResult<PlanInputs> {
        let partnerships: HashMap<PartnerKey, PartnershipState> =
            sources::partnerships(self.conn, self.partner_id)?.into_iter().collect();
        let account = |id: PartnerKey| self.accounts.iter().find(|row| row.id == id);
        let reseller = |mpn_id: &u64| {
            let bearer = self.bearer.get(&MpnId(*mpn_id).to_string()).copied();
            (
                *mpn_id,
                digest(&(bearer.and_then(account).map(relevant_fields), bearer.and_then(|id| partnerships.get(&id)))),
            )
        };
        let partner = digest(&account(self.partner_id).map(relevant_fields));
        let resellers = named.iter().map(reseller).collect();
        let mut lists = BTreeMap::new();
        for listing in listings {
            let digest = self.listing(&listing)?;
            lists.insert(listing, digest);
        }
        let grants = match grants {
            true => {
                let mut rows = stored::grants(self.conn, self.partner_id)?;
                rows.sort_by_key(|row| row.id);
                Some(digest(&rows))
            }
            false => None,
        };
        if attestations {
            for one in stored::attestations(self.conn, self.partner_id)? {
                self.attestations.entry(one.customer_id).or_default().push(one);
            }
        }
        let reseller_statements = match reseller_statements {
            true => Some(digest(&stored::reseller_statements(self.conn, self.partner_id)?)),
            false => None,
        };
        // The regions of the planning program, and those of the newest program version that has used this database.
        let own: Vec<_> =
            partnergraph_domain::markets().map(|market| (market.country, &market.region().code)).collect();
        let regions = digest(&(own, sources::regions(self.conn)?));
        Ok(PlanInputs {
            partner,
            resellers,
            sources,
            listings: lists,
            grants,
            attestations,
            reseller_statements,
            regions,
        })
    }

    fn listing(&mut self, listing: &Listing) -> StoreResult<Digest> {
        let mut hash = Hash::default();
        let mut after = String::new();
        loop {
            let (conn, source_id) = (&mut *self.conn, listing.source_id);
            let last = match listing.of_customers {
                true => listing.add(stored::listed_customers(conn, source_id, &after, CHUNK)?, &mut hash),
                false => listing.add(stored::listed_subscriptions(conn, source_id, &after, CHUNK)?, &mut hash),
            };
            let Some(last) = last else { return Ok(hash.finish()) };
            after = last;
        }
    }

    /// Keys of one kind are read in ascending order.
    fn digest(&mut self, subject: Subject, key: u128) -> StoreResult<Digest> {
        let key = uuid::Uuid::from_u128(key).to_string();
        let (conn, partner_id) = (&mut *self.conn, self.partner_id);
        match subject {
            Subject::Customer => {
                let found = self.customers.seek(&key, |from, limit| walk::customers(conn, partner_id, from, limit))?;
                let customer_id = found.and_then(|found| found.row.customer_id);
                Ok(digest(&(found, customer_id.and_then(|id| self.attestations.get(&id)))))
            }
            Subject::Subscription => {
                let found = self.subscriptions.seek(&key, |from, limit| walk::subscriptions(conn, from, limit))?;
                // For another partner's subscription, the plan knows only that it is another partner's.
                let found = found.map(|found| Some(found).filter(|found| found.row.seller_id == partner_id));
                let mpn_id = found.flatten().and_then(|found| self.mpn_of.get(&found.row.reseller_id?));
                Ok(digest(&(found, mpn_id, mpn_id.and_then(|mpn_id| self.bearer.get(mpn_id)))))
            }
        }
    }
}

/// A digest of the values' debug output. It is compared only within one version of the program.
#[derive(Default)]
struct Hash(Sha256);

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Hash {
    fn add(&mut self, value: &impl fmt::Debug) {
        // Writing to a hasher cannot fail.
        let _ = writeln!(self, "{value:?}");
    }

    fn finish(self) -> Digest {
        let bytes: [u8; 32] = self.0.finalize().into();
        bytes.iter().take(16).fold(0, |digest, byte| (digest << 8) | u128::from(*byte))
    }
}

fn digest(value: &impl fmt::Debug) -> Digest {
    let mut hash = Hash::default();
    hash.add(value);
    hash.finish()
}

/// What a plan needs to know about an account. Anything else about it may change in the meantime.
fn relevant_fields(account: &AccountRow) -> impl std::fmt::Debug + '_ {
    let PartnerColumns { country, cloud, mpn_id, global_mpn_id, onboarded, enrolled, vetting_status, .. } =
        &account.columns;
    let of_programme = (onboarded, enrolled, vetting_status);
    (account.id, &account.tenant_id, account.partner_type, country, cloud, mpn_id, global_mpn_id, of_programme)
}
