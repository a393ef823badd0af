use async_graphql::{InputObject, SimpleObject};
use partnergraph_domain::Verdict;

use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::scalars::{CountryCode, Guid};

/// A sale as it might be.
#[derive(InputObject, Debug, Clone)]
pub struct SalesEligibilityInput {
    /// Who would order from Microsoft.
    pub seller: PartnerLookup,
    /// The reseller in between. Null for none.
    pub reseller: Option<PartnerLookup>,
    /// The partner for whose own use it would be, by its MPN ID or its tenant id. Null for a third party, and where the
    /// tenant is marked for somebody's use already.
    pub buyer: Option<PartnerLookup>,
    /// The tenant to which services would go. Null for one that is yet to be made.
    pub customer_tenant_id: Option<Guid>,
    /// The customer's country. Null: as the caller knows it of the customer.
    pub country: Option<CountryCode>,
}

/// One rule that was asked about the sale.
#[derive(SimpleObject, Debug, Clone)]
pub struct EligibilityVerdict {
    /// The id of the rule. Null where no row of the rules says it.
    rule: Option<String>,
    /// Whether it has nothing against the sale. Null where a fact is missing, which counts as a no.
    passed: Option<bool>,
    /// What is against it, or what is missing. Null where it passed.
    message: Option<String>,
    /// The code with which Microsoft's own interface refuses the same. Null where it passed, or has none.
    microsoft_code: Option<i32>,
    /// What could be done instead, a sentence each; mostly empty.
    options: Vec<String>,
}

/// Whether a sale would be allowed, and what each rule says of it.
#[derive(SimpleObject, Debug, Clone)]
pub struct SalesEligibility {
    /// Whether every rule passed.
    allowed: bool,
    /// The rules that were asked, each with its verdict.
    verdicts: Vec<EligibilityVerdict>,
}

impl SalesEligibility {
    /// What the verdicts come to: one that cannot be decided counts as a no.
    pub fn of(verdicts: Vec<Verdict>) -> Self {
        Self {
            allowed: verdicts.iter().all(|verdict| verdict.passed() == Some(true)),
            verdicts: verdicts.into_iter().map(EligibilityVerdict::from).collect(),
        }
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
