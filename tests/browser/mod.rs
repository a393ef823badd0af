//! The pages in a real browser, with every other host unreachable: GraphiQL, and the forms for people without an API.

mod driver;
mod graphiql;
mod invitation;
mod looks;
mod page;
mod reviews;
mod verify;
