//! The JSON of the handwritten implementation.

use chrono::NaiveDate;
use serde::Serialize;

#[derive(Serialize)]
pub(crate) struct Data<'a> {
    pub(crate) data: Customers<'a>,
}

#[derive(Serialize)]
pub(crate) struct Customers<'a> {
    pub(crate) customers: CustomerPage<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CustomerPage<'a> {
    pub(crate) total_count: i64,
    pub(crate) edges: Vec<Edge>,
    pub(crate) nodes: Vec<Customer<'a>>,
    pub(crate) page_info: PageInfo,
}

#[derive(Serialize)]
pub(crate) struct Edge {
    pub(crate) cursor: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageInfo {
    pub(crate) has_next_page: bool,
    pub(crate) has_previous_page: bool,
    pub(crate) start_cursor: Option<String>,
    pub(crate) end_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer<'a> {
    pub(crate) id: String,
    pub(crate) tenant_id: &'a str,
    pub(crate) company_name: Option<&'a str>,
    pub(crate) domain: Option<&'a str>,
    pub(crate) country: Option<&'a str>,
    pub(crate) region: Option<&'static str>,
    pub(crate) cloud: &'a str,
    pub(crate) relationship_to_partner: &'a str,
    pub(crate) allow_delegated_access: bool,
    pub(crate) tags: Vec<String>,
    pub(crate) version: i64,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) indirect_resellers: Resellers<'a>,
    pub(crate) subscriptions: Subscriptions<'a>,
}

#[derive(Serialize)]
pub(crate) struct Resellers<'a> {
    pub(crate) nodes: Vec<Partner<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Partner<'a> {
    pub(crate) id: String,
    pub(crate) mpn_id: Option<&'a str>,
    pub(crate) name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscriptions<'a> {
    pub(crate) total_count: i64,
    pub(crate) nodes: Vec<Subscription<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Subscription<'a> {
    pub(crate) id: String,
    pub(crate) subscription_id: &'a str,
    pub(crate) offer_id: Option<&'a str>,
    pub(crate) offer_name: Option<&'a str>,
    pub(crate) friendly_name: Option<&'a str>,
    pub(crate) quantity: Option<i64>,
    pub(crate) status: &'a str,
    pub(crate) billing_type: &'a str,
    pub(crate) auto_renew_enabled: Option<bool>,
    pub(crate) billing_cycle: &'a str,
    pub(crate) term_duration: Option<&'a str>,
    pub(crate) commitment_end_date: Option<NaiveDate>,
    pub(crate) partner_of_record: Option<Partner<'a>>,
    pub(crate) support_contact: SupportContact<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SupportContact<'a> {
    pub(crate) support_tenant_id: Option<&'a str>,
    pub(crate) support_mpn_id: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
    pub(crate) is_default: bool,
}
