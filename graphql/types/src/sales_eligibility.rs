use async_graphql::{InputObject, SimpleObject};
use partnergraph_domain::{RuleId, Verdict};

use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::scalars::{CountryCode, Guid};

/// A hypothetical sale to check.
#[derive(InputObject, Debug, Clone)]
pub struct SalesEligibilityInput {
    /// The partner that would place the order with Microsoft.
    pub seller: PartnerLookup,
    /// The indirect reseller in the chain. Null if there is none.
    pub reseller: Option<PartnerLookup>,
    /// The partner that would use the services itself, by its MPN ID or its tenant id. Null for a third-party customer, or if
    /// the tenant is already marked for a partner's own use.
    pub buyer: Option<PartnerLookup>,
    /// The tenant to which services would be provisioned. Null for a tenant that does not exist yet.
    pub customer_tenant_id: Option<Guid>,
    /// The customer's country. If null, the country from your record of the customer is used.
    pub country: Option<CountryCode>,
}

/// The result of checking a sale, or the approval of a change request, against one rule.
#[derive(SimpleObject, Debug, Clone)]
pub struct EligibilityVerdict {
    /// The id of the rule. Null if the check does not correspond to a rule.
    rule: Option<String>,
    /// Whether it passes the rule. Null if required information is missing, which counts as not passed.
    passed: Option<bool>,
    /// Why the rule did not pass, or what information is missing. Null if it passed.
    message: Option<String>,
    /// The error code that Microsoft's own API returns for the same refusal. Null if the rule passed or there is no such code.
    microsoft_code: Option<i32>,
    /// Alternatives, one sentence each. Often empty.
    options: Vec<String>,
}

/// Whether a sale would be allowed, and the result of each rule.
#[derive(SimpleObject, Debug, Clone)]
pub struct SalesEligibility {
    /// Whether every rule passed.
    allowed: bool,
    /// The rules that were checked, each with its result.
    verdicts: Vec<EligibilityVerdict>,
}

impl SalesEligibility {
    /// Combines the verdicts. A verdict that cannot be decided counts as not passed.
    pub fn of(verdicts: Vec<Verdict>) -> Self {
        Self {
            allowed: verdicts.iter().all(|verdict| verdict.passed() == Some(true)),
            verdicts: verdicts.into_iter().map(EligibilityVerdict::from).collect(),
        }
    }
}

impl EligibilityVerdict {
    /// The verdicts, each once, without those about who the caller is.
    pub(super) fn distinct(verdicts: Vec<Verdict>) -> Vec<Self> {
        let mut distinct: Vec<Verdict> = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            let is_about_caller = verdict.rule().is_some_and(RuleId::is_about_access);
            if !is_about_caller && !distinct.contains(&verdict) {
                distinct.push(verdict);
            }
        }
        distinct.into_iter().map(Self::from).collect()
    }
}

impl From<Verdict> for EligibilityVerdict {
    fn from(verdict: Verdict) -> Self {
        let (rule, passed) = (verdict.rule(), verdict.passed());
        let refusal = verdict.refusal();
        Self {
            rule: rule.map(|rule| rule.as_str().to_owned()),
            passed,
            message: refusal.as_ref().map(|refusal| refusal.message.clone()),
            microsoft_code: refusal.as_ref().and_then(|it| it.microsoft_code).and_then(|code| i32::try_from(code).ok()),
            options: refusal.map(|refusal| refusal.options).unwrap_or_default(),
        }
    }
}
