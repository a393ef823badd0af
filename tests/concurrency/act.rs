//! The actions of users.

use serde_json::{Value, json};

use crate::answers::Answer;
use crate::world::{Names, Org, Person};

/// An action. It is done by the provider, reseller or customer concerned. Numbers are indexes into the world's lists, and for
/// entities created during the test, indexes in order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    /// A provider sets a reseller as partner of record of a subscription.
    PutOnSubscription { subscription: usize, reseller: usize, version: Version },
    /// A provider clears the partner of record of a subscription.
    TakeOffSubscription { subscription: usize },
    /// A provider associates a reseller with a customer account.
    PutOnCustomer { customer: usize, reseller: usize },
    /// A provider ends a reseller's association with a customer account.
    TakeOffCustomer { customer: usize, reseller: usize },
    /// A provider designates a support contact.
    Support { subscription: usize, reseller: usize, version: Version },
    /// A provider takes support back.
    ClearSupport { subscription: usize },
    /// A provider requests a partnership with a reseller.
    Request { reseller: usize },
    /// A reseller accepts a request that it received.
    AcceptRequest { letter: usize },
    /// A provider removes a partnership.
    Part { reseller: usize },
    /// A provider orders for a customer, with or without a reseller.
    Order { customer: usize, reseller: Option<usize> },
    /// A provider tries to add a customer by its tenant id.
    Add { customer: usize, reseller: Option<usize> },
    /// A provider invites a customer and requests delegated admin privileges.
    Invite { customer: usize },
    /// A customer accepts an invitation that it received.
    AcceptInvitation { letter: usize },
    /// A provider attests a customer's agreement.
    Confirm { customer: usize },
    /// A provider removes its relationship with a customer.
    RemoveCustomer { customer: usize },
    /// A reseller asks for a number of licences.
    Ask { subscription: usize, seats: i64, version: Version },
    /// A provider decides a change request.
    Decide { request: usize, approves: bool },
    /// A reseller withdraws its change request.
    Withdraw { request: usize },
    /// A provider moves everything that a reseller has with it to another, or to nobody.
    Move { from: usize, to: Option<usize> },
    /// A provider sets whether requests of a reseller for licences are approved automatically.
    Trust { reseller: usize, trusts: bool },
}

/// The names of all actions, in alphabetical order.
pub(crate) const KINDS: [&str; 20] = [
    "AcceptInvitation",
    "AcceptRequest",
    "Add",
    "Ask",
    "ClearSupport",
    "Confirm",
    "Decide",
    "Invite",
    "Move",
    "Order",
    "Part",
    "PutOnCustomer",
    "PutOnSubscription",
    "RemoveCustomer",
    "Request",
    "Support",
    "TakeOffCustomer",
    "TakeOffSubscription",
    "Trust",
    "Withdraw",
];

/// Whether the actor states the version that it last saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Unsaid,
    LastSeen,
}

/// An action with its actor, and the entities that the numbers referred to at that moment.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    pub(crate) op: Op,
    pub(crate) by: Person,
    /// The subscription id.
    pub(crate) subscription: String,
    pub(crate) if_version: Option<i64>,
    /// The token of the invitation.
    pub(crate) token: String,
    /// The global id of the change request.
    pub(crate) request: String,
}

/// An invitation link sent from one organisation to another.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) to: Org,
    pub(crate) token: String,
}

/// A subscription that is known to the actors.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) seller: usize,
    /// The version that was last seen.
    pub(crate) version: i64,
}

/// A change request that is known to its two ends.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) ends: [Org; 2],
}

/// The shared knowledge of the actors.
#[derive(Debug, Default)]
pub(crate) struct Board {
    pub(crate) subscriptions: Vec<Known>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) requests: Vec<Asked>,
}

impl Board {
    /// The act for an operation at this moment; `None` if what it needs does not exist yet.
    pub(crate) fn act(&self, by: &Person, op: Op) -> Option<Act> {
        let mut act = Act {
            op,
            by: by.clone(),
            subscription: String::new(),
            if_version: None,
            token: String::new(),
            request: String::new(),
        };
        match op {
            Op::PutOnSubscription { subscription, version, .. }
            | Op::Support { subscription, version, .. }
            | Op::Ask { subscription, version, .. } => {
                let known = self.subscription(by.org, subscription);
                act.subscription.clone_from(&known.id);
                act.if_version = (version == Version::LastSeen).then_some(known.version);
            }
            Op::TakeOffSubscription { subscription } | Op::ClearSupport { subscription } => {
                act.subscription.clone_from(&self.subscription(by.org, subscription).id);
            }
            Op::AcceptRequest { letter } | Op::AcceptInvitation { letter } => {
                let mine: Vec<&Letter> = self.letters.iter().filter(|letter| letter.to == by.org).collect();
                // The newest first, because most of the older ones are used up.
                let place = mine.len().checked_sub(1 + letter % mine.len().max(1))?;
                act.token.clone_from(&mine[place].token);
            }
            Op::Decide { request, .. } | Op::Withdraw { request } => {
                // Usually one of its own, the newest first; one time in eight anybody's.
                let any = request.is_multiple_of(8);
                let known: Vec<&Asked> =
                    self.requests.iter().filter(|asked| any || asked.ends.contains(&by.org)).collect();
                let place = known.len().checked_sub(1 + request / 8 % known.len().max(1))?;
                act.request.clone_from(&known[place].id);
            }
            _ => {}
        }
        Some(act)
    }

    /// Usually one of the provider's own; one time in eight any, possibly another provider's.
    fn subscription(&self, by: Org, number: usize) -> &Known {
        let any = number.is_multiple_of(8) || !matches!(by, Org::Provider(_));
        let own: Vec<&Known> =
            self.subscriptions.iter().filter(|known| any || Org::Provider(known.seller) == by).collect();
        own[number / 8 % own.len()]
    }

    /// Records what a response contained: the subscriptions that were created or seen, and the links, which are sent to the
    /// invited organisations.
    pub(crate) fn learn(&mut self, act: &Act, answer: &Answer) {
        if let Org::Provider(seller) = act.by.org {
            let made = answer.subscriptions.iter().map(|id| Known { id: id.clone(), seller, version: 1 });
            self.subscriptions.extend(made);
        }
        if let Some(seen) = &answer.seen
            && let Some(known) = self.subscriptions.iter_mut().find(|known| known.id == seen.subscription)
        {
            known.version = known.version.max(seen.version);
        }
        if let Some(id) = &answer.request
            && matches!(act.op, Op::Ask { .. })
            && let Some(known) = self.subscriptions.iter().find(|known| known.id == act.subscription)
        {
            self.requests.push(Asked { id: id.clone(), ends: [Org::Provider(known.seller), act.by.org] });
        }
        let to = match act.op {
            Op::Request { reseller } => Org::Reseller(reseller),
            Op::Invite { customer } => Org::Customer(customer),
            _ => return,
        };
        self.letters.extend(answer.token.clone().map(|token| Letter { to, token }));
    }
}

impl Op {
    /// The operation's document.
    pub(crate) fn document(self) -> &'static str {
        match self {
            Self::PutOnSubscription { .. } | Self::PutOnCustomer { .. } => {
                "mutation($input: AssociateResellerInput!) { associateReseller(input: $input) { customerSubscription { subscriptionId \
                 version partnerOfRecord { mpnId } } userErrors { code rule } } }"
            }
            Self::TakeOffSubscription { .. } | Self::TakeOffCustomer { .. } => {
                "mutation($input: DissociateResellerInput!) { dissociateReseller(input: $input) { customerSubscription { \
                 subscriptionId version partnerOfRecord { mpnId } } userErrors { code rule } } }"
            }
            Self::Support { .. } => {
                "mutation($input: AssignSupportContactInput!) { assignSupportContact(input: $input) { customerSubscription { \
                 subscriptionId version partnerOfRecord { mpnId } } userErrors { code rule } } }"
            }
            Self::ClearSupport { .. } => {
                "mutation($input: ClearSupportContactInput!) { clearSupportContact(input: $input) { customerSubscription { \
                 subscriptionId version partnerOfRecord { mpnId } } userErrors { code rule } } }"
            }
            Self::Request { .. } => {
                "mutation($input: RequestPartnershipInput!) { requestPartnership(input: $input) { invitation { link } \
                 userErrors { code rule } } }"
            }
            Self::AcceptRequest { .. } => {
                "mutation($input: AcceptPartnershipInput!) { acceptPartnership(input: $input) { partnership { state } \
                 userErrors { code rule } } }"
            }
            Self::Part { .. } => {
                "mutation($input: RemovePartnershipInput!) { removePartnership(input: $input) { partnership { state } \
                 userErrors { code rule } } }"
            }
            Self::Order { .. } => {
                "mutation($input: SubmitOrderInput!) { submitOrder(input: $input) { subscriptions { subscriptionId } \
                 userErrors { code rule } } }"
            }
            Self::Add { .. } => {
                "mutation($input: AddCustomerInput!) { addCustomer(input: $input) { subscriptions { subscriptionId } \
                 userErrors { code rule } } }"
            }
            Self::Invite { .. } => {
                "mutation($input: InviteCustomerInput!) { inviteCustomer(input: $input) { invitation { link } \
                 userErrors { code rule } } }"
            }
            Self::AcceptInvitation { .. } => {
                "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { customer { id } \
                 userErrors { code rule } } }"
            }
            Self::Confirm { .. } => {
                "mutation($input: ConfirmCustomerAgreementInput!) { confirmCustomerAgreement(input: $input) { customer { id } \
                 userErrors { code rule } } }"
            }
            Self::Ask { .. } => {
                "mutation($input: RequestChangeInput!) { requestChange(input: $input) { changeRequest { id } \
                 userErrors { code rule } } }"
            }
            Self::Decide { .. } => {
                "mutation($input: DecideChangeInput!) { decideChange(input: $input) { changeRequest { id } \
                 userErrors { code rule } } }"
            }
            Self::Withdraw { .. } => {
                "mutation($input: WithdrawChangeInput!) { withdrawChange(input: $input) { changeRequest { id } \
                 userErrors { code rule } } }"
            }
            Self::Move { .. } => {
                "mutation($input: MoveResellerInput!) { moveReseller(input: $input) { importRun { id } \
                 userErrors { code rule } } }"
            }
            Self::Trust { .. } => {
                "mutation($input: UpdatePartnershipInput!) { updatePartnership(input: $input) { partnership { state } \
                 userErrors { code rule } } }"
            }
            Self::RemoveCustomer { .. } => {
                "mutation($input: RemoveCustomerRelationshipInput!) { removeCustomerRelationship(input: $input) { \
                 customer { tenantId } userErrors { code rule } } }"
            }
        }
    }

    /// The input, with numbers replaced by the world's names.
    pub(crate) fn input(self, act: &Act, names: &Names) -> Value {
        let subscription = json!({"subscriptionId": act.subscription});
        let reseller = |place: usize| json!({"mpnId": names.resellers[place].mpn_id});
        let customer = |place: usize| json!({"tenantId": names.tenants[place]});
        let lines = |through: Option<usize>| match through {
            Some(place) => {
                json!([{"offerId": OFFER, "offerName": "Basic", "quantity": 3, "reseller": reseller(place)}])
            }
            None => json!([{"offerId": OFFER, "offerName": "Basic", "quantity": 3}]),
        };
        match self {
            Self::PutOnSubscription { reseller: place, .. } => {
                json!({"subscription": subscription, "reseller": reseller(place), "ifVersion": act.if_version})
            }
            Self::TakeOffSubscription { .. } | Self::ClearSupport { .. } => json!({ "subscription": subscription }),
            Self::PutOnCustomer { customer: whose, reseller: place }
            | Self::TakeOffCustomer { customer: whose, reseller: place } => {
                json!({"customer": customer(whose), "reseller": reseller(place)})
            }
            Self::Support { reseller: place, .. } => {
                json!({"subscription": subscription, "contact": reseller(place), "ifVersion": act.if_version})
            }
            Self::Request { reseller: place } => {
                json!({"reseller": reseller(place), "resellerEmail": "partners@reseller.example"})
            }
            Self::Move { from, to } => json!({
                "from": reseller(from), "to": to.map(reseller), "what": ["PARTNER_OF_RECORD", "SUPPORT_CONTACT", "ACCOUNT"],
                "mode": "APPLY", "errorPolicy": "REJECT_EVERYTHING",
            }),
            Self::AcceptRequest { .. } => json!({"token": act.token, "confirm": true}),
            Self::Part { reseller: place } => {
                json!({"partner": reseller(place), "confirm": true, "representation": representation()})
            }
            Self::Order { customer: whose, reseller: through } => {
                json!({"customer": customer(whose), "channel": "PARTNER_CENTER", "lines": lines(through)})
            }
            Self::Add { customer: whose, reseller: through } => json!({
                "tenantId": names.tenants[whose], "companyName": format!("Customer {whose}"),
                "domain": format!("customer{whose}.example"), "country": "PL", "billingEmail": "bills@customer.example",
                "customerAgreement": attested(),
                "reseller": through.map(reseller), "channel": "PARTNER_CENTER", "mode": "SUBMIT", "lines": lines(None),
            }),
            Self::Invite { .. } => {
                json!({"customerEmail": "it@customer.example", "country": "PL", "delegatedAdmin": true})
            }
            Self::AcceptInvitation { .. } => json!({
                "token": act.token,
                "acceptCustomerAgreement": {"firstName": "Anna", "lastName": "Nowak", "email": "anna@customer.example"},
            }),
            Self::Confirm { customer: whose } => {
                let mut input = attested();
                input["customer"] = customer(whose);
                input
            }
            Self::Ask { seats, .. } => {
                let update = json!({"subscription": subscription, "quantity": seats, "ifVersion": act.if_version});
                json!({"change": {"update": update}})
            }
            Self::Decide { approves, .. } => {
                json!({"changeRequest": act.request, "decision": if approves { "APPROVE" } else { "DECLINE" }})
            }
            Self::Withdraw { .. } => json!({"changeRequest": act.request}),
            Self::Trust { reseller: place, trusts } => {
                json!({"reseller": reseller(place), "autoApprove": if trusts { "UPDATES" } else { "NONE" }})
            }
            Self::RemoveCustomer { customer: whose } => {
                json!({"customer": customer(whose), "leaveSubscriptions": true, "confirm": true, "representation": representation()})
            }
        }
    }
}

const OFFER: &str = "CFQ7TTC0LH18:0001";

/// What every provider attests of every customer.
fn attested() -> Value {
    let by = json!({"firstName": "Maria", "lastName": "Wolska", "email": "maria@customer.example"});
    json!({"acceptedBy": by, "dateAgreed": "2024-02-01"})
}

/// The remover's representation.
fn representation() -> Value {
    json!({"goodFaith": true, "legitimateBusinessPurpose": true, "inAccordanceWithAgreement": true, "indemnify": true})
}
