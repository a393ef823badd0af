//! Makes exports.
fn main() {}
