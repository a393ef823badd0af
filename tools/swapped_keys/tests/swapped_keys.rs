//! Keys of different entities cannot be swapped: none of these programs compiles, and the compiler says why.
//!
//! `TRYBUILD=overwrite cargo test -p partnergraph-swapped-keys` records the messages of a newer compiler.

use std::process::Command;

const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

#[test]
fn keys_of_different_entities_cannot_be_swapped() {
    // clippy-driver, which is used to compile in CI, prints types in full where rustc does not. So the test runs itself
    // again without it.
    if std::env::var_os(WRAPPER).is_some() {
        let own = std::env::current_exe().expect("the path of the test");
        let status = Command::new(own).env_remove(WRAPPER).status().expect("the test starts itself");
        assert!(status.success(), "see above");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/cases/*.rs");
}
