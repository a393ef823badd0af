//! Keys of different entities cannot be swapped: none of these programs compiles, and the compiler says why.
//!
//! `TRYBUILD=overwrite cargo test -p partnergraph-swapped-keys` writes down what a newer compiler says.

use std::process::Command;

const WRAPPER: &str = "RUSTC_WORKSPACE_WRAPPER";

#[test]
fn keys_of_different_entities_cannot_be_swapped() {
    // clippy-driver, with which `.ci/run` compiles, spells the types out where rustc does not. So the test starts itself again without it.
    if std::env::var_os(WRAPPER).is_some() {
        let own = std::env::current_exe().expect("the path of the test");
        let status = Command::new(own).env_remove(WRAPPER).status().expect("the test starts itself");
        assert!(status.success(), "see above");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/cases/*.rs");
}
