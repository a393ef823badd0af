//! Who asks.

use partnergraph_domain::Role;

/// To what an actor belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The provider that the world is about.
    Provider,
    /// Another provider, with a customer of its own.
    Rival,
    /// A reseller partnered with the provider: associated with its customer, partner of record of a subscription there.
    Reseller,
    /// A reseller partnered with the provider that is no more than partner of record of one subscription.
    Recorded,
    /// A reseller without a partnership.
    Unpartnered,
    /// A direct-bill partner that sells to the same customer.
    Direct,
    /// The customer of both.
    Customer,
    /// The customer of the other provider.
    OtherCustomer,
    /// A reseller whose enrolment was authorised and that has not signed the partner agreement.
    Unsigned,
    /// A tenant that has no account yet.
    Nowhere,
    /// The installation's own people.
    Platform,
}

/// What an actor shows of who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A valid token.
    Valid(&'static [Role]),
    /// A token that still stands while the user has lost the role that it carries.
    RoleTaken(Role),
    /// A token whose time is over.
    Expired(Role),
    /// No token.
    None,
}

/// A kind of actor: a column of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    /// The head of the column.
    pub name: &'static str,
    pub home: Home,
    pub token: Token,
}

const fn actor(name: &'static str, home: Home, token: Token) -> Actor {
    Actor { name, home, token }
}

const ADMIN: Token = Token::Valid(&[Role::GlobalAdmin]);

/// All of them, in the order of the columns.
pub const ACTORS: &[Actor] = &[
    actor("provider", Home::Provider, ADMIN),
    actor("agent", Home::Provider, Token::Valid(&[Role::AdminAgent])),
    actor("useradmin", Home::Provider, Token::Valid(&[Role::UserAdmin])),
    actor("sales", Home::Provider, Token::Valid(&[Role::SalesAgent])),
    actor("helpdesk", Home::Provider, Token::Valid(&[Role::HelpdeskAgent])),
    actor("roleless", Home::Provider, Token::RoleTaken(Role::SalesAgent)),
    actor("rival", Home::Rival, ADMIN),
    actor("reseller", Home::Reseller, ADMIN),
    actor("recorded", Home::Recorded, ADMIN),
    actor("unpartnered", Home::Unpartnered, ADMIN),
    actor("direct", Home::Direct, ADMIN),
    actor("customer", Home::Customer, ADMIN),
    actor("employee", Home::Customer, Token::Valid(&[])),
    actor("othercust", Home::OtherCustomer, ADMIN),
    actor("unsigned", Home::Unsigned, ADMIN),
    actor("newcomer", Home::Nowhere, ADMIN),
    actor("operator", Home::Platform, Token::Valid(&[Role::Operator])),
    actor("expired", Home::Provider, Token::Expired(Role::GlobalAdmin)),
    actor("none", Home::Nowhere, Token::None),
];

impl Actor {
    /// Whether the server knows who it is.
    pub fn is_known(&self) -> bool {
        !matches!(self.token, Token::Expired(_) | Token::None)
    }
}
