//! The rules of the programme that a customer breaks: another region, or a partner's tenant.

use partnergraph_domain::rules::scenario::TenantUse;
use partnergraph_domain::{CountryCode, RuleId, Severity, TenantKind, checks};
use partnergraph_store::imports::stored::StoredCustomer;

use super::customer::SourceStatement;
use super::draft::new_issue;
use crate::baseline::customer as at;
use crate::issue::Issue;
use crate::profiles::Field;

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: &'static str,
    /// The field that shows it.
    pub(crate) field: Field,
    pub(crate) rule: Option<RuleId>,
    message: String,
    country: Option<CountryCode>,
}

impl Violation {
    /// The issue about it, without its location.
    pub(crate) fn issue(&self, severity: Severity, tenant_id: &str, hint: &str) -> Issue {
        let mut issue = new_issue(severity, self.code, self.message.clone()).hint(hint);
        issue.rule = self.rule;
        issue.value = match self.field {
            Field::CustomerTenantId => Some(tenant_id.to_owned()),
            _ => self.country.map(|code| code.to_string()),
        };
        issue
    }
}

/// The rules that a customer breaks. The country is the newest one in the files, else the stored one.
pub(crate) fn violations(
    country_of_importer: Option<CountryCode>,
    statements: &[SourceStatement],
    stored: Option<&StoredCustomer>,
) -> Vec<Violation> {
    let stated = statements.iter().filter_map(|one| one.baseline.fields[at::COUNTRY].as_ref());
    let stated = stated.max_by_key(|stated| (stated.as_of, stated.rank)).and_then(|stated| stated.value.shown());
    let known = || stored.and_then(|row| row.record.as_ref().and_then(|record| record.country).or(row.own_country));
    let country = stated.map_or_else(known, |code| code.parse().ok());
    let tenant_use = match stored {
        Some(row) if row.kind == TenantKind::Partner => TenantUse::PartnerCsp,
        _ => TenantUse::Customer,
    };
    checks::imported_customer(country_of_importer, country, tenant_use)
        .into_iter()
        .map(|refusal| {
            let rule = refusal.rule;
            let (code, field) = match rule {
                Some(RuleId::Q_06) => ("customer.is_partner_tenant", Field::CustomerTenantId),
                _ => ("customer.region", Field::CustomerCountry),
            };
            Violation { code, field, rule, message: refusal.message, country }
        })
        .collect()
}
