//! A sample of each format, and what is read from it.

mod support;

use rstest::rstest;
use support::{TENANT, opened, options, transcript};

#[rstest]
#[case("customers")]
#[case("customers-pl")]
#[case("customers-de")]
#[case("subscriptions")]
#[case("new-commerce")]
#[case("license")]
#[case("daily-usage")]
#[case("bam-subscriptions")]
#[case("bam-nce-subscriptions")]
#[case("customer-agreements")]
#[case("resellers")]
#[case("mpn-profiles")]
#[case("gdap-relationships")]
#[case("gdap-customers")]
#[case("dap-terminate")]
fn a_sample_is_read_as_in_its_snapshot(#[case] name: &str) {
    let path = format!("{}/tests/data/read/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(path).expect("the sample");
    let mut options = options();
    if name == "subscriptions" {
        options.customer = Some(TENANT.parse().expect("a tenant id"));
    }
    let mut file = opened(bytes, &options).expect("the sample is of a known format");
    insta::assert_snapshot!(name, transcript(&mut file));
}
