mod support;
use support::*;
#[test]
fn x() { let _ = Graph::new(TestDatabase::sqlite()); }
