use async_graphql::{ID, Object};
use partnergraph_domain::Role;
use partnergraph_store::read::users::{UserOrder, UserRow};

use partnergraph_operation::batch::BatchRow;
use partnergraph_operation::connection;
use partnergraph_operation::ids::GlobalId;
use partnergraph_operation::scalars::DateTime;

connection! { UserConnection, UserEdge, User, UserOrder, "users" }

/// A user of an organisation.
#[derive(Debug, Clone)]
pub struct User {
    pub(super) row: BatchRow<UserRow>,
    roles: Option<Vec<Role>>,
}

impl User {
    /// A user with all roles assigned to it.
    #[must_use]
    pub fn new(row: BatchRow<UserRow>) -> Self {
        Self { row, roles: None }
    }

    /// A user with the roles of one of its tokens.
    #[must_use]
    pub fn with_roles(row: BatchRow<UserRow>, roles: Vec<Role>) -> Self {
        Self { row, roles: Some(roles) }
    }
}

impl From<BatchRow<UserRow>> for User {
    fn from(row: BatchRow<UserRow>) -> Self {
        Self::new(row)
    }
}

/// A user of an organisation.
#[Object]
impl User {
    /// The global id.
    pub async fn id(&self) -> ID {
        GlobalId::User(self.row.id).into()
    }

    /// The user principal name, used to sign in, such as `anna@fabrikam.com`.
    fn user_principal_name(&self) -> &str {
        &self.row.user_principal_name
    }

    /// The display name. Null if unknown.
    fn display_name(&self) -> Option<&str> {
        self.row.display_name.as_deref()
    }

    /// The user's roles. For the viewer: the roles that the token carries.
    fn roles(&self) -> &[Role] {
        self.roles.as_ref().unwrap_or(&self.row.roles.0)
    }

    /// The version. Increases with every change.
    fn version(&self) -> i64 {
        self.row.version
    }

    /// When the user was added.
    fn created_at(&self) -> DateTime {
        self.row.created_at.into()
    }

    /// When the user was last changed.
    fn updated_at(&self) -> DateTime {
        self.row.updated_at.into()
    }
}
