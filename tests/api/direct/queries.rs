//! Generated queries: the usual fields of each type, and occasionally something unusual.

use std::fmt::Write as _;

use super::Known;

/// Pseudo-random numbers that are the same in every run.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ bits >> 31) % end as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

pub(super) const CUSTOMER: &[&str] = &[
    "id",
    "tenantId",
    "companyName",
    "domain",
    "country",
    "region",
    "associatedPartnerId",
    "customDomains",
    "tags",
    "acquisition",
    "version",
    "createdAt",
    "updatedAt",
    "cloud",
    "relationshipToPartner",
    "allowDelegatedAccess",
    "__typename",
];
pub(super) const SUBSCRIPTION: &[&str] = &[
    "id",
    "subscriptionId",
    "offerId",
    "offerName",
    "friendlyName",
    "quantity",
    "unitType",
    "status",
    "billingType",
    "billingCycle",
    "termDuration",
    "autoRenewEnabled",
    "creationDate",
    "effectiveStartDate",
    "commitmentEndDate",
    "orderId",
    "isTrial",
    "partnerOfRecordFixed",
    "publisherName",
    "productType",
    "version",
    "createdAt",
    "updatedAt",
    "__typename",
];
pub(super) const PARTNER: &[&str] = &[
    "id",
    "tenantId",
    "mpnId",
    "globalMpnId",
    "name",
    "type",
    "country",
    "region",
    "cloud",
    "capabilities",
    "vettingStatus",
    "vettingSubStatus",
    "companyName",
    "version",
    "createdAt",
    "updatedAt",
    "__typename",
];
/// Fields that only the library can answer.
const UNUSUAL: [&[&str]; 3] = [
    &["agreements { type acceptedAt }", "partners { relationshipToPartner }", "history(first: 1) { totalCount }"],
    &["customer { companyName }", "partnerId", "parentSubscriptionId", "salesChain { name role }"],
    &["customerCount", "status { mpaSigned }", "support { email }"],
];

/// A selection of a connection; `node` generates the selection of its nodes.
fn connection(chance: &mut Chance, node: &mut dyn FnMut(&mut Chance) -> String) -> String {
    let mut text = String::from("{ ");
    for _ in 0..=chance.below(3) {
        match chance.below(6) {
            0 => text.push_str("totalCount "),
            1 => text.push_str("pageInfo { hasNextPage startCursor endCursor hasPreviousPage __typename } "),
            2 => {
                let inner = node(chance);
                let _ = write!(text, "edges {{ cursor node {inner} __typename }} ");
            }
            3 => text.push_str("edges { cursor } __typename "),
            _ => {
                let inner = node(chance);
                let _ = write!(text, "nodes {inner} ");
            }
        }
        // Repeated selections have to be identical.
        if text.contains("nodes") || text.contains("edges") {
            break;
        }
    }
    text + "}"
}

/// The arguments of a page, occasionally invalid.
fn page(chance: &mut Chance, more: &[&str]) -> String {
    let size = match chance.below(12) {
        0 => "first: 0".to_owned(),
        1 => "last: 2".to_owned(),
        2 => "first: -1".to_owned(),
        3 => "first: 1, last: 1".to_owned(),
        4 => "first: 2, after: \"no cursor\"".to_owned(),
        number => format!("first: {}", number % 4 + 1),
    };
    if chance.once_in(2) { format!("({size})") } else { format!("({size}, {})", chance.of(more)) }
}

fn fields(chance: &mut Chance, plain: &[&str], unusual: &[&str]) -> String {
    let mut text = String::new();
    for number in 0..=chance.below(5) {
        let field = chance.of(plain);
        if chance.once_in(4) {
            let _ = write!(text, "f{number}: {field} ");
        } else {
            let _ = write!(text, "{field} ");
        }
    }
    if chance.once_in(40) {
        let _ = write!(text, "{} ", chance.of(unusual));
    }
    text
}

fn partner(chance: &mut Chance) -> String {
    format!("{{ {}}}", fields(chance, PARTNER, UNUSUAL[2]))
}

fn subscription(chance: &mut Chance) -> String {
    let mut text = format!("{{ {}", fields(chance, SUBSCRIPTION, UNUSUAL[1]));
    if chance.once_in(3) {
        let _ = write!(text, "partnerOfRecord {} ", partner(chance));
    }
    if chance.once_in(3) {
        text.push_str("supportContact { supportTenantId supportMpnId name isDefault } ");
    }
    if chance.once_in(5) {
        let _ = write!(text, "seller: provider {} ", partner(chance));
    }
    text + "}"
}

fn customer(chance: &mut Chance) -> String {
    let mut text = format!("{{ {}", fields(chance, CUSTOMER, UNUSUAL[0]));
    if chance.once_in(2) {
        let orders = [
            "orderBy: [{field: QUANTITY, direction: DESC}]",
            "orderBy: [{field: FRIENDLY_NAME}]",
            "filter: {status: {eq: ACTIVE}}",
            "filter: {quantity: {gt: 3}}",
            "orderBy: []",
            "filter: null",
        ];
        let page = page(chance, &orders);
        let _ = write!(text, "subscriptions{page} {} ", connection(chance, &mut subscription));
    }
    if chance.once_in(4) {
        let page = page(chance, &["filter: {name: {startsWith: \"fab\"}}", "filter: {}"]);
        let _ = write!(text, "indirectResellers{page} {} ", connection(chance, &mut partner));
    }
    text + "}"
}

pub(super) fn query(chance: &mut Chance, known: &Known) -> String {
    let mut text = String::from("{ ");
    for number in 0..=chance.below(2) {
        let _ = write!(text, "r{number}: ");
        match chance.below(6) {
            0 => {
                let by = format!("{{tenantId: \"{}\"}}", known.tenants[chance.below(known.tenants.len())]);
                let _ = write!(text, "customer(by: {by}) {} ", customer(chance));
            }
            1 => {
                let by =
                    format!("{{subscriptionId: \"{}\"}}", known.subscriptions[chance.below(known.subscriptions.len())]);
                let _ = write!(text, "customerSubscription(by: {by}) {} ", subscription(chance));
            }
            2 => {
                let page = page(chance, &["orderBy: [{field: STATUS}]", "filter: {offerName: {contains: \"exch\"}}"]);
                let _ = write!(text, "subscriptions{page} {} ", connection(chance, &mut subscription));
            }
            _ => {
                let narrowed = [
                    "filter: {country: {in: [\"PL\", \"DE\"]}}".to_owned(),
                    "orderBy: [{field: DOMAIN, direction: DESC}]".to_owned(),
                    "filter: {subscriptions: {status: {eq: ACTIVE}}}".to_owned(),
                    format!("filter: {{indirectReseller: {{mpnId: {{eq: \"{}\"}}, via: ANY}}}}", known.reseller),
                    "filter: {or: []}".to_owned(),
                    "filter: {tags: [\"smb\"]}".to_owned(),
                    "filter: {region: {eq: \"NOWHERE\"}}".to_owned(),
                ];
                let narrowed: Vec<&str> = narrowed.iter().map(String::as_str).collect();
                let page = page(chance, &narrowed);
                let _ = write!(text, "customers{page} {} ", connection(chance, &mut customer));
            }
        }
    }
    if chance.once_in(10) {
        text.push_str("__typename ");
    }
    text + "}"
}
