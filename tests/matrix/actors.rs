//! The actors.

use partnergraph_domain::Role;

/// The organisation of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// The main provider of the world.
    Provider,
    /// Another provider, with its own customer.
    Rival,
    /// A reseller partnered with the provider: associated with its customer, partner of record of a subscription there.
    Reseller,
    /// A reseller partnered with the provider that is only partner of record of one subscription.
    Recorded,
    /// A reseller without a partnership.
    Unpartnered,
    /// A direct-bill partner that sells to the same customer.
    Direct,
    /// The customer of both.
    Customer,
    /// The customer of the other provider.
    OtherCustomer,
    /// A reseller whose enrolment was authorised but that has not signed the partner agreement.
    Unsigned,
    /// A tenant without an account.
    Nowhere,
    /// The platform's own operators.
    Platform,
}

/// The credentials of an actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A valid token.
    Valid(&'static [Role]),
    /// A valid token whose user has lost the role that it carries.
    RoleTaken(Role),
    /// An expired token.
    Expired(Role),
    /// No token.
    None,
}

/// A kind of actor: a column of the tables.
#[derive(Debug, Clone, Copy)]
pub struct Actor {
    /// The heading of the column.
    pub name: &'static str,
    pub home: Home,
    pub token: Token,
}

const fn actor(name: &'static str, home: Home, token: Token) -> Actor {
    Actor { name, home, token }
}

const ADMIN: Token = Token::Valid(&[Role::GlobalAdmin]);

/// All actors, in column order.
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
    /// Whether the server can authenticate the actor.
    pub fn is_known(&self) -> bool {
        !matches!(self.token, Token::Expired(_) | Token::None)
    }
}
