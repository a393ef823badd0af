use async_graphql::{Result, SimpleObject};
use partnergraph_store::read::json;
use serde_json::Value;

/// What the remover stated when it ended a partnership or a relationship with a customer (D-03). Visible only to the
/// organisation that made it and to operators.
#[derive(SimpleObject, Debug, Clone, Copy)]
pub struct RemovalRepresentation {
    /// The decision was made in good faith.
    good_faith: bool,
    /// The decision serves a legitimate business purpose.
    legitimate_business_purpose: bool,
    /// The decision is in accordance with the agreement with the other party.
    in_accordance_with_agreement: bool,
    /// The remover will defend and indemnify Microsoft against claims to the contrary.
    indemnify: bool,
}

impl RemovalRepresentation {
    /// As stored with the removal.
    pub(super) fn stored(text: Option<&str>) -> Result<Option<Self>> {
        let Some(text) = text else { return Ok(None) };
        let stated: Value = json(text, "a representation")?;
        let made = |statement: &str| stated[statement] == true;
        Ok(Some(Self {
            good_faith: made("goodFaith"),
            legitimate_business_purpose: made("legitimateBusinessPurpose"),
            in_accordance_with_agreement: made("inAccordanceWithAgreement"),
            indemnify: made("indemnify"),
        }))
    }
}
