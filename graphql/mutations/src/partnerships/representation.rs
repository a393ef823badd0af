use async_graphql::InputObject;
use partnergraph_domain::rules::removal::Representation;

/// Statements that the person who ends the relationship must confirm. All four are required, and are recorded with the
/// removal (X-06, D-03).
#[derive(InputObject, Debug, Clone, Copy, Default)]
pub struct RepresentationInput {
    /// The decision was made in good faith.
    #[graphql(default)]
    good_faith: bool,
    /// It serves a legitimate business purpose.
    #[graphql(default)]
    legitimate_business_purpose: bool,
    /// It accords with the agreement with the other party.
    #[graphql(default)]
    in_accordance_with_agreement: bool,
    /// Whoever ends it defends and indemnifies Microsoft against claims to the contrary.
    #[graphql(default)]
    indemnify: bool,
}

impl RepresentationInput {
    /// As the rules are asked about it.
    pub(crate) fn facts(self) -> Representation {
        Representation {
            good_faith: self.good_faith,
            legitimate_business_purpose: self.legitimate_business_purpose,
            in_accordance_with_agreement: self.in_accordance_with_agreement,
            indemnify: self.indemnify,
        }
    }

    /// As it is recorded.
    pub(crate) fn recorded(self) -> serde_json::Value {
        serde_json::json!({
            "goodFaith": self.good_faith,
            "legitimateBusinessPurpose": self.legitimate_business_purpose,
            "inAccordanceWithAgreement": self.in_accordance_with_agreement,
            "indemnify": self.indemnify,
        })
    }
}
