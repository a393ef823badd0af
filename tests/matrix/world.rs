//! The world that all actors see: small, with one of everything.
//!
//! Whatever an actor must not know has a unique text. A [`Secret`] defines who may see the text in a response, and a [`Named`]
//! value who may know of the entity that it names. The laws check both against the responses, so that no table of expected
//! results can hide a leak.

use std::cell::RefCell;
use std::collections::BTreeMap;

use partnergraph_domain::{PartnerKey, TenantId, UserKey};
use partnergraph_operation::ids::GlobalId;
use partnergraph_store::sql::sql;
use partnergraph_store::write::tokens;
use partnergraph_store::write::users::{self, Organization};
use partnergraph_store::{Backend, Conn};
use uuid::Uuid;

use crate::matrix::actors::{ACTORS, Actor, Home, Token};
use crate::matrix::data;
use crate::matrix::furniture;
use crate::support::{Customer, Graph, Partner, Subscription, TestDatabase, moment};

/// Who may see a text or know of an entity.
pub type Circle = &'static [Home];

/// Everyone; for values that hide nothing.
pub const ALL: Circle = &[
    Home::Provider,
    Home::Rival,
    Home::Reseller,
    Home::Recorded,
    Home::Unpartnered,
    Home::Direct,
    Home::Customer,
    Home::OtherCustomer,
    Home::Unsigned,
    Home::Nowhere,
    Home::Platform,
];

/// The tables that grow when something is done; every change records an event.
const WRITTEN_TO: &[&str] = &[
    "audit_events",
    "idempotency_keys",
    "outbox",
    "tenants",
    "partners",
    "users",
    "user_roles",
    "partner_agreements",
    "customer_agreements",
    "customers",
    "customer_records",
    "customer_associations",
    "delegated_admin_grants",
    "subscriptions",
    "orders",
    "order_lines",
    "order_reviews",
    "invitations",
    "import_runs",
    "mpn_profiles",
    "companies",
    "company_affiliations",
    "contact_verifications",
    "user_credentials",
    "customer_billing_profiles",
    "partnerships",
    "reseller_relationships",
    "reseller_statements",
];

/// A value that the data files use as `$name`.
#[derive(Debug, Clone)]
pub struct Named {
    pub text: String,
    /// A value of the same form that refers to nothing.
    pub ghost: String,
    pub known_to: Circle,
}

/// A text that some actors must never see.
#[derive(Debug, Clone)]
pub struct Secret {
    pub text: String,
    pub known_to: Circle,
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    number: i64,
}

pub struct World {
    pub graph: Graph,
    tokens: BTreeMap<&'static str, Option<String>>,
    values: RefCell<BTreeMap<String, Named>>,
    secrets: RefCell<Vec<Secret>>,
}

/// The parties of the world.
pub struct Cast {
    pub nord: Partner,
    pub rival: Partner,
    pub fabri: Partner,
    pub recor: Partner,
    pub solo: Partner,
    pub adat: Partner,
    pub unsig: Partner,
    /// Two pending enrolments: one waits for the primary contact, one for the final decision.
    pub pending: Partner,
    pub decided: Partner,
    /// A customer of the provider and of the direct-bill partner, each with its own record.
    pub conto: Customer,
    /// A customer of the provider only.
    pub secun: Customer,
    /// A former customer of the provider; a delegated admin grant is left.
    pub gone: Customer,
    /// A customer of the other provider.
    pub rivco: Customer,
    /// Two of the provider's subscriptions, and the one with a partner of record and a support contact.
    pub plain: Subscription,
    pub recorded: Subscription,
    pub supported: Subscription,
}

impl World {
    pub fn on(backend: Backend) -> Self {
        let graph = Graph::new(TestDatabase::on(backend));
        let cast = Cast::enter(&graph);
        let mut world =
            Self { graph, tokens: BTreeMap::new(), values: RefCell::default(), secrets: RefCell::default() };
        for actor in ACTORS {
            let token = world.token(&cast, actor);
            world.tokens.insert(actor.name, token);
        }
        world.name(&cast);
        furniture::put(&world, &cast);
        world
    }

    /// The token of the actor.
    pub fn token_of(&self, actor: &Actor) -> Option<&str> {
        self.tokens[actor.name].as_deref()
    }

    /// The value of `$name`.
    pub fn value(&self, name: &str) -> Named {
        self.values.borrow().get(name).unwrap_or_else(|| panic!("the world has no value ${name}")).clone()
    }

    /// The value of `$name` for an actor; if the actor cannot know of it, a value that does not exist.
    pub fn value_or_ghost(&self, name: &str, actor: &Actor) -> String {
        let value = self.value(name);
        if value.known_to.contains(&actor.home) { value.text } else { value.ghost }
    }

    /// Whether the actor can know of everything that a request names.
    pub fn knows_all(&self, request: &str, actor: &Actor) -> bool {
        data::named(request).iter().all(|name| self.value(name).known_to.contains(&actor.home))
    }

    /// A response without what the caller itself wrote into its request: the values and their replacements.
    pub fn without_echo(&self, answer: &str, request: &str) -> String {
        data::named(request).iter().fold(answer.to_owned(), |text, name| {
            let value = self.value(name);
            text.replace(&value.text, &format!("${name}")).replace(&value.ghost, &format!("${name}"))
        })
    }

    /// The texts that the actor must not see.
    pub fn secrets_from(&self, actor: &Actor) -> Vec<String> {
        let secrets = self.secrets.borrow();
        secrets
            .iter()
            .filter(|secret| !secret.known_to.contains(&actor.home))
            .map(|secret| secret.text.clone())
            .collect()
    }

    /// Names a value.
    pub fn set(&self, name: &str, text: impl ToString, ghost: impl ToString, known_to: Circle) {
        let named = Named { text: text.to_string(), ghost: ghost.to_string(), known_to };
        assert!(self.values.borrow_mut().insert(name.to_owned(), named).is_none(), "two values ${name}");
    }

    /// Defines who may see a text.
    pub fn keep(&self, text: impl ToString, known_to: Circle) {
        self.secrets.borrow_mut().push(Secret { text: text.to_string(), known_to });
    }

    /// Runs statements for which there is no write function.
    pub fn batch(&self, text: &str) {
        self.graph.write(|conn: &mut Conn, _, _| conn.batch(text));
    }

    /// The number that a query returns as `number`.
    pub fn number(&self, query: &str) -> i64 {
        let asked = sql(query.to_owned());
        self.graph.write(|conn, _, _| conn.row::<Number>(&asked)).unwrap_or_else(|| panic!("no row: {query}")).number
    }

    /// The number of rows of the tables that a write adds to, and how often their rows were changed.
    pub fn state(&self) -> Vec<(&'static str, i64)> {
        let count = |table: &&'static str| (*table, self.number(&format!("SELECT COUNT(*) AS number FROM {table}")));
        let mut state: Vec<_> = WRITTEN_TO.iter().map(count).collect();
        for table in ["partners", "partnerships", "customer_records", "subscriptions", "users", "invitations"] {
            let query = format!("SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) AS number FROM {table}");
            state.push((table, self.number(&query)));
        }
        state
    }

    fn token(&self, cast: &Cast, actor: &Actor) -> Option<String> {
        let (roles, lasts) = match actor.token {
            Token::Valid(roles) => (roles.to_vec(), None),
            Token::RoleTaken(role) => (vec![role], None),
            Token::Expired(role) => (vec![role], Some(moment())),
            Token::None => return None,
        };
        let at = |partner: &Partner| Organization::Partner { id: partner.id, tenant_id: Some(partner.tenant_id) };
        let organization = match actor.home {
            Home::Provider => at(&cast.nord),
            Home::Rival => at(&cast.rival),
            Home::Reseller => at(&cast.fabri),
            Home::Recorded => at(&cast.recor),
            Home::Unpartnered => at(&cast.solo),
            Home::Direct => at(&cast.adat),
            Home::Customer => Organization::Tenant(cast.conto.tenant_id),
            Home::OtherCustomer => Organization::Tenant(cast.rivco.tenant_id),
            Home::Unsigned => at(&cast.unsig),
            Home::Nowhere => Organization::Tenant(TenantId(nowhere())),
            Home::Platform => Organization::Platform,
        };
        let name = format!("{}@{:?}.example", actor.name, actor.home).to_lowercase();
        if actor.home == Home::Provider {
            // The customer also sees who ordered.
            let known_to = if actor.name == "sales" { furniture::ORDERED } else { furniture::PROVIDER };
            self.keep(&name, known_to);
        }
        let secret = tokens::fresh_secret();
        let user_id = self.graph.write(|conn, by, now| {
            let (user_id, _) = users::set_roles(conn, by, now, organization, &name, &roles)?;
            tokens::create(conn, now, user_id, &roles, &secret, lasts)?;
            if let Token::RoleTaken(_) = actor.token {
                users::set_roles(conn, by, now, organization, &name, &[])?;
            }
            Ok(user_id)
        });
        self.keep(tokens::hash(&secret), &[]);
        if actor.name == "sales" {
            self.set("salesman-id", GlobalId::User(user_id), GlobalId::User(UserKey::new(99_001)), furniture::PROVIDER);
        }
        Some(secret)
    }

    /// Names the values that identify the cast.
    fn name(&self, cast: &Cast) {
        use furniture::{NORD_CUSTOMERS_TOO, PROVIDER, RECORDED, SELLERS_OF_CONTO};
        let unknown = 91_000_u32;
        let partners: [(&str, &Partner, Circle); 9] = [
            ("nord", &cast.nord, NORD_CUSTOMERS_TOO),
            ("rival", &cast.rival, &[Home::Rival, Home::OtherCustomer, Home::Platform]),
            ("fabri", &cast.fabri, &[Home::Provider, Home::Reseller, Home::Customer, Home::Platform]),
            ("recor", &cast.recor, &[Home::Provider, Home::Recorded, Home::Customer, Home::Platform]),
            ("solo", &cast.solo, &[Home::Unpartnered, Home::Platform]),
            ("adat", &cast.adat, &[Home::Direct, Home::Customer, Home::Platform]),
            ("unsig", &cast.unsig, &[Home::Unsigned, Home::Platform]),
            ("pending", &cast.pending, &[Home::Platform]),
            ("decided", &cast.decided, &[Home::Platform]),
        ];
        for ((name, partner, known_to), number) in partners.into_iter().zip(unknown..) {
            self.set(name, partner.mpn_id, 4_000_000 + number, known_to);
            self.set(&format!("{name}-tenant"), partner.tenant_id, guid(number), known_to);
            let row = i64::from(number);
            self.set(
                &format!("{name}-id"),
                GlobalId::Partner(partner.id),
                GlobalId::Partner(PartnerKey::new(row)),
                known_to,
            );
        }
        let customers: [(&str, &Customer, Circle); 4] = [
            ("conto", &cast.conto, SELLERS_OF_CONTO),
            ("secun", &cast.secun, PROVIDER),
            // Its tenant remains in the history, and in the list of remaining grants (D-05).
            ("gone", &cast.gone, PROVIDER),
            ("rivco", &cast.rivco, &[Home::Rival, Home::OtherCustomer, Home::Platform]),
        ];
        for ((name, customer, known_to), number) in customers.into_iter().zip(unknown + 100..) {
            let ghost = TenantId(guid(number));
            self.set(name, customer.tenant_id, ghost, known_to);
            self.set(
                &format!("{name}-id"),
                GlobalId::Customer(customer.tenant_id),
                GlobalId::Customer(ghost),
                known_to,
            );
        }
        self.set("conto-domain", &cast.conto.domain, "nobody.example", RECORDED);
        let nobody = TenantId(guid(unknown + 200));
        self.set("nobody", nobody, nobody, ALL);
        self.set("nobody-id", GlobalId::Customer(nobody), GlobalId::Customer(nobody), ALL);
    }
}

/// The tenant of a company that is about to enrol.
pub fn nowhere() -> Uuid {
    guid(81_000)
}

/// An id from a number, far from those that the graph assigns.
pub fn guid(number: u32) -> Uuid {
    Uuid::from_fields(number, 0, 0x4000, &[0x80, 0, 0, 0, 0, 0, 0, 0])
}

impl Cast {
    fn enter(graph: &Graph) -> Self {
        let nord = graph.provider("Nord").global_mpn_id(4_999_001).add();
        let rival = graph.provider("Rival").add();
        let fabri = graph.reseller("Fabri").partner_of(&nord).add();
        let recor = graph.reseller("Recor").partner_of(&nord).add();
        let solo = graph.reseller("Solo").add();
        let adat = graph.direct_bill("Adat").add();
        let unsig = graph.reseller("Unsig").without_agreement().add();
        let pending = graph.reseller("Pending").without_agreement().add();
        let decided = graph.reseller("Decided").without_agreement().add();
        let conto = graph.customer(&nord, "Conto");
        let secun = graph.customer(&nord, "Secun");
        let gone = graph.customer(&nord, "Gone");
        let rivco = graph.customer(&rival, "Rivco");
        graph.customer_also_of(&adat, &Customer { company_name: "Contoad".to_owned(), ..conto.clone() });
        graph.association(&nord, &conto, &fabri);
        let plain = graph.subscription(&nord, &conto).friendly_name("n-pl").quantity(5).add();
        let recorded = graph.subscription(&nord, &conto).friendly_name("n-re").quantity(3).reseller(&recor).add();
        let supported = graph.subscription(&nord, &conto).friendly_name("n-su").quantity(2).reseller(&fabri);
        let supported = supported.support_contact(&fabri).add();
        graph.subscription(&nord, &conto).friendly_name("n-az").usage().add();
        graph.subscription(&nord, &secun).friendly_name("n-se").quantity(7).add();
        graph.subscription(&adat, &conto).friendly_name("a-di").quantity(11).add();
        graph.subscription(&rival, &rivco).friendly_name("r-fo").quantity(13).add();
        graph.end_relationship(&nord, &gone);
        graph.end_partnership(&nord, &graph.reseller("Parted").partner_of(&nord).add());
        Self {
            nord,
            rival,
            fabri,
            recor,
            solo,
            adat,
            unsig,
            pending,
            decided,
            conto,
            secun,
            gone,
            rivco,
            plain,
            recorded,
            supported,
        }
    }
}
