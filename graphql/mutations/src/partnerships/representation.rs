use async_graphql::InputObject;
use partnergraph_domain::rules::removal::Representation;

/// The statements that you must confirm to end a relationship. All four are required and are recorded with the removal
/// (X-06, D-03).
#[derive(InputObject, Debug, Clone, Copy, Default)]
pub struct RepresentationInput {
    /// The decision was made in good faith.
    #[graphql(default)]
    good_faith: bool,
    /// The decision serves a legitimate business purpose.
    #[graphql(default)]
    legitimate_business_purpose: bool,
    /// The decision is in accordance with the agreement with the other party.
    #[graphql(default)]
    in_accordance_with_agreement: bool,
    /// You will defend and indemnify Microsoft against claims to the contrary.
    #[graphql(default)]
    indemnify: bool,
}

impl RepresentationInput {
    /// As the facts that the rules need.
    pub(crate) fn facts(self) -> Representation {
        Representation {
            good_faith: self.good_faith,
            legitimate_business_purpose: self.legitimate_business_purpose,
            in_accordance_with_agreement: self.in_accordance_with_agreement,
            indemnify: self.indemnify,
        }
    }

    /// As stored with the removal.
    pub(crate) fn recorded(self) -> serde_json::Value {
        serde_json::json!({
            "goodFaith": self.good_faith,
            "legitimateBusinessPurpose": self.legitimate_business_purpose,
            "inAccordanceWithAgreement": self.in_accordance_with_agreement,
            "indemnify": self.indemnify,
        })
    }
}
