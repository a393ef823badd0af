//! The object types, one to a file.

mod customer;
mod organization;
mod partner;
mod user;
mod viewer;

pub use customer::Customer;
pub use organization::Organization;
pub use partner::Partner;
pub use user::User;
pub use viewer::Viewer;
