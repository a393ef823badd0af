//! `demo.toml`: what the demo sets up before it imports, and what it imports.

use std::fmt::Write;

use super::customers::parts;
use super::partners::{Account, DIRECT_BILL, NEWCOMER, PROVIDER, RESELLERS};
use super::portal::SUBSCRIPTION_LISTS;
use super::{Book, LISTS_AS_OF};

/// The text of the file.
pub(super) fn demo(book: &Book) -> String {
    let mut toml = String::from(
        "# What `partnergraph demo` sets up and imports. Written by `partnergraph-exports samples`, as all that lies here.\n\
         # Accounts are onboarded and enrolled; `mpa_signed` tells of the Microsoft Partner Agreement, `linked` of an\n\
         # active partnership with the provider. Files are imported by the provider, in this order, in one run.\n",
    );
    account(&mut toml, "[provider]", &PROVIDER, "");
    account(&mut toml, "[direct_bill]", &DIRECT_BILL, "");
    for reseller in RESELLERS {
        if let Some(setup) = reseller.account {
            let known = Account {
                name: reseller.name,
                country: reseller.country,
                mpn_id: reseller.mpn_id,
                tenant_id: setup.tenant_id,
                domain: setup.domain,
                capabilities: setup.capabilities,
            };
            let more = format!("mpa_signed = {}\nlinked = true\n", setup.mpa_signed);
            account(&mut toml, "[[resellers]]", &known, &more);
        }
    }
    account(&mut toml, "[[resellers]]", &NEWCOMER, "mpa_signed = true\nlinked = false\n");
    tokens(&mut toml, book);
    files(&mut toml, book);
    toml
}

fn account(toml: &mut String, table: &str, account: &Account, more: &str) {
    let Account { name, country, mpn_id, tenant_id, domain, capabilities } = account;
    let capabilities: Vec<_> = capabilities.iter().map(|capability| format!("\"{capability}\"")).collect();
    let _ = write!(
        toml,
        "\n{table}\nname = \"{name}\"\ncountry = \"{country}\"\nmpn_id = \"{mpn_id}\"\ntenant_id = \"{tenant_id}\"\n\
         domain = \"{domain}\"\nemail = \"cloud@{domain}\"\nwebsite = \"https://www.{domain}\"\n\
         capabilities = [{}]\n{more}",
        capabilities.join(", ")
    );
}

/// One user of each side; `organization` is an MPN ID, or the tenant id of a customer.
fn tokens(toml: &mut String, book: &Book) {
    let customer = &book.world.customers[parts::LISTED[0]];
    let domain = customer.domain.as_deref().expect("a listed customer has a domain");
    let reseller = RESELLERS[0].account.expect("the demo sets it up");
    let users = [
        (PROVIDER.mpn_id.to_string(), format!("agnieszka.wolna@{}", PROVIDER.domain), "ADMIN_AGENT"),
        (RESELLERS[0].mpn_id.to_string(), format!("tomasz.mewa@{}", reseller.domain), "ADMIN_AGENT"),
        (customer.tenant.to_string(), format!("halina.laczna@{domain}"), "GLOBAL_ADMIN"),
    ];
    for (organization, user, role) in users {
        let _ =
            write!(toml, "\n[[tokens]]\norganization = \"{organization}\"\nuser = \"{user}\"\nroles = [\"{role}\"]\n");
    }
}

/// Charges date themselves, row by row; lists are as of the day on which they were exported.
fn files(toml: &mut String, book: &Book) {
    for export in &book.exports {
        let _ = write!(toml, "\n[[files]]\npath = \"{}\"\n", export.path);
        if let Some(nth) = SUBSCRIPTION_LISTS.iter().position(|list| *list == export.path) {
            let _ = writeln!(toml, "customer = \"{}\"", book.world.customers[parts::LISTED[nth]].tenant);
        }
        if !export.path.starts_with("reconciliation/") {
            let _ = writeln!(toml, "as_of = \"{LISTS_AS_OF}\"");
        }
    }
}
