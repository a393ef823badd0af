//! The API as callers use it, on both databases with the same expectations.

mod access;
mod access_table;
mod caller;
mod customers_of_reseller;
mod deadlines;
mod direct;
mod documents;
mod entitlements;
mod errors;
mod filters;
mod gate;
mod http;
mod http_headers;
mod issuer;
mod names;
mod oidc;
mod operations;
mod pages;
mod pinned_version;
mod plans;
mod queries;
mod schema;
mod statements;
mod uploads;
mod websocket;
