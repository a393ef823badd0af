//! The cast of a story, and the values kept so far.

use std::collections::BTreeMap;

use partnergraph_domain::TenantId;
use partnergraph_operation::ids::GlobalId;
use serde_json::{Value, json};

use crate::scenarios::script::{Kind, Role, Script, Sold};
use crate::support::{Customer, Graph, Partner, Role as UserRole, Subscription};

/// The cast of a story, their tokens, and the values kept from responses.
pub(crate) struct Cast<'a> {
    graph: &'a Graph,
    members: BTreeMap<String, Member>,
    tokens: BTreeMap<String, String>,
    kept: BTreeMap<String, Value>,
}

enum Member {
    Partner(Partner),
    Customer(Customer),
    Tenant(TenantId),
    Operator,
    Subscription(Subscription),
}

impl<'a> Cast<'a> {
    /// Adds the cast to the graph, in order.
    pub(crate) fn of(graph: &'a Graph, script: &Script) -> Self {
        let mut cast = Self { graph, members: BTreeMap::new(), tokens: BTreeMap::new(), kept: BTreeMap::new() };
        for role in &script.cast {
            let member = cast.add_member(role.company_name.as_deref().unwrap_or(&role.name), role);
            cast.members.insert(role.name.clone(), member);
        }
        for sold in &script.sold {
            let member = cast.add_subscription(sold);
            cast.members.insert(sold.name.clone(), member);
        }
        cast
    }

    fn add_member(&self, name: &str, role: &Role) -> Member {
        let builder = match role.is {
            Kind::IndirectProvider => self.graph.provider(name),
            Kind::IndirectReseller => self.graph.reseller(name),
            Kind::DirectBill => self.graph.direct_bill(name),
            Kind::Customer => return self.add_customer(name, role),
            Kind::Tenant => return Member::Tenant(TenantId(self.graph.guid())),
            Kind::Operator => return Member::Operator,
        };
        let mut builder = builder.country(&role.country);
        if let Some(company) = &role.company {
            builder = builder.company(company);
        }
        if !role.signed {
            builder = builder.without_agreement();
        }
        for provider in &role.partner_of {
            builder = builder.partner_of(self.partner(provider));
        }
        Member::Partner(builder.add())
    }

    fn add_customer(&self, name: &str, role: &Role) -> Member {
        let (first, others) = role.customer_of.split_first().expect("a customer has at least one partner");
        let customer = self.graph.customer(self.partner(first), name);
        for other in others {
            self.graph.customer_also_of(self.partner(other), &customer);
        }
        if !role.agreed {
            let none = format!("DELETE FROM customer_agreements WHERE customer_id = {}", customer.id);
            self.graph.write(|conn, _, _| conn.batch(&none));
        }
        Member::Customer(customer)
    }

    fn add_subscription(&self, sold: &Sold) -> Member {
        let Member::Customer(customer) = &self.members[&sold.to] else { panic!("{} is not a customer", sold.to) };
        let mut builder = self.graph.subscription(self.partner(&sold.by), customer).quantity(sold.quantity);
        builder = builder.offer(&format!("OFFER-{}", sold.name), &sold.offer);
        if let Some(reseller) = &sold.reseller {
            builder = builder.reseller(self.partner(reseller));
        }
        if let Some(contact) = &sold.support {
            builder = builder.support_contact(self.partner(contact));
        }
        Member::Subscription(builder.add())
    }

    fn partner(&self, name: &str) -> &Partner {
        match &self.members[name] {
            Member::Partner(partner) => partner,
            _ => panic!("{name} is not a partner"),
        }
    }

    /// The token of a member of the cast: `name`, or `name/ROLE`.
    pub(crate) fn token(&mut self, by: &str) -> String {
        if let Some(known) = self.tokens.get(by) {
            return known.clone();
        }
        let (name, role) = by.split_once('/').unwrap_or((by, "GLOBAL_ADMIN"));
        let member = self.members.get(name).unwrap_or_else(|| panic!("{name} is not in the cast"));
        let token = match member {
            Member::Partner(partner) => self.graph.token(partner, &[user_role(role)]),
            Member::Customer(customer) => self.graph.customer_token(customer),
            Member::Tenant(tenant_id) => {
                self.graph.newcomer_token(*tenant_id, &format!("admin@{name}.example"), &[UserRole::GlobalAdmin])
            }
            Member::Operator => self.graph.operator_token(),
            Member::Subscription(_) => panic!("{name} is a subscription and has no users"),
        };
        self.tokens.insert(by.to_owned(), token.clone());
        token
    }

    /// Keeps a value under a name; for a text with a link, the link's token.
    pub(crate) fn keep(&mut self, name: &str, value: &Value) {
        let token = value.as_str().and_then(|text| text.split_once("token=")).map(|(_, rest)| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
            json!(rest[..end])
        });
        self.kept.insert(name.to_owned(), token.unwrap_or_else(|| value.clone()));
    }

    /// The value with everything that begins with `$` replaced by what it refers to.
    pub(crate) fn resolve(&self, value: &Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('$') => self.value_of(&text[1..]),
            Value::Array(list) => list.iter().map(|entry| self.resolve(entry)).collect(),
            Value::Object(map) => map.iter().map(|(name, entry)| (name.clone(), self.resolve(entry))).collect(),
            other => other.clone(),
        }
    }

    fn value_of(&self, name: &str) -> Value {
        let known = self.kept.get(name).cloned().or_else(|| {
            let (member, field) = name.split_once('.')?;
            self.fields(member).into_iter().find(|(known, _)| *known == field).map(|(_, value)| json!(value))
        });
        known.unwrap_or_else(|| panic!("${name} has no value yet"))
    }

    /// The known fields of a member of the cast.
    fn fields(&self, member: &str) -> Vec<(&'static str, String)> {
        match self.members.get(member) {
            Some(Member::Partner(partner)) => vec![
                ("mpnId", partner.mpn_id.to_string()),
                ("tenantId", partner.tenant_id.to_string()),
                ("id", GlobalId::Partner(partner.id).to_string()),
            ],
            Some(Member::Customer(customer)) => vec![
                ("tenantId", customer.tenant_id.to_string()),
                ("id", GlobalId::Customer(customer.tenant_id).to_string()),
            ],
            Some(Member::Tenant(tenant_id)) => {
                vec![("tenantId", tenant_id.to_string()), ("id", GlobalId::Customer(*tenant_id).to_string())]
            }
            Some(Member::Subscription(sold)) => vec![
                ("subscriptionId", sold.subscription_id.to_string()),
                ("id", GlobalId::CustomerSubscription(sold.subscription_id).to_string()),
            ],
            Some(Member::Operator) | None => Vec::new(),
        }
    }

    /// All values with a name at the start: the value, and `$name.field`.
    pub(crate) fn named_values(&self) -> Vec<(String, String)> {
        let of_member = |name: &String| {
            let name = name.clone();
            let fields = self.fields(&name);
            fields.into_iter().map(move |(field, value)| (value, format!("${name}.{field}")))
        };
        self.members.keys().flat_map(of_member).collect()
    }
}

fn user_role(name: &str) -> UserRole {
    name.parse().unwrap_or_else(|_| panic!("{name} is not a role"))
}
