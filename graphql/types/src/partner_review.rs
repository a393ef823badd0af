use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Context, Result, SimpleObject};
use partnergraph_domain::rules::takeover::names_match;
use partnergraph_domain::{PartnerKey, VettingStatus};
use partnergraph_operation::batch::{BatchRow, CellKey};
use partnergraph_operation::context::Operation;
use partnergraph_operation::scalars::CountryCode;
use partnergraph_store::read::partner_reviews::{self, PlaceholderCounts, ReviewRow};
use partnergraph_store::read::partners::PartnerRow;

/// What an operator has to know to decide the review of an enrolment (E-09, E-17).
#[derive(SimpleObject, Debug, Clone)]
pub struct PartnerReview {
    /// The name that the enrolment claims.
    pub claimed_name: String,
    /// The company to which the MPN ID belongs according to the register of MPN profiles. Null if the register has no name
    /// for it.
    pub registered_company: Option<String>,
    /// The country of the MPN ID according to the register. Null if the register has none for it.
    pub registered_country: Option<CountryCode>,
    /// Whether the two names are the same, whatever their case and spacing. Null if the register has no name.
    pub names_match: Option<bool>,
    /// The placeholder that the account would take over. Null if there is none for its MPN ID.
    pub placeholder: Option<ReviewPlaceholder>,
}

/// What imports recorded under an MPN ID that no account has.
#[derive(SimpleObject, Debug, Clone)]
pub struct ReviewPlaceholder {
    /// The number of providers that have a partnership with it, or sold something that names it.
    pub providers: i64,
    /// The number of customers that it is the reseller of.
    pub customers: i64,
    /// The number of subscriptions that it is partner of record of. Excludes deleted subscriptions.
    pub subscriptions: i64,
    /// The number of licences on those subscriptions. Excludes trials and usage-based subscriptions.
    pub licenses: i64,
}

impl From<PlaceholderCounts> for ReviewPlaceholder {
    fn from(counts: PlaceholderCounts) -> Self {
        let PlaceholderCounts { providers, customers, subscriptions, licenses, .. } = counts;
        Self { providers, customers, subscriptions, licenses }
    }
}

impl PartnerReview {
    /// The review of an account, if it is under review and the caller is an operator. Those of all accounts of the page are
    /// read together.
    pub(super) async fn of(ctx: &Context<'_>, row: &BatchRow<PartnerRow>) -> Result<Option<Self>> {
        if row.vetting_status != VettingStatus::Pending {
            return Ok(None);
        }
        let batch = row.batch();
        let reviews: Arc<HashMap<PartnerKey, Self>> = batch
            .shared(CellKey::Name("reviews"), || async {
                let ids = batch.keys(|row| (row.vetting_status == VettingStatus::Pending).then_some(row.id));
                let read = Operation::of(ctx)
                    .read(move |conn, scope| {
                        let reviews = partner_reviews::of_accounts(conn, scope, &ids)?;
                        let named: Vec<PartnerKey> =
                            reviews.iter().filter_map(|review| review.placeholder_id).collect();
                        let counts = partner_reviews::placeholder_counts(conn, scope, &named)?;
                        Ok((reviews, counts))
                    })
                    .await?;
                let (reviews, counts) = read;
                let counts: HashMap<PartnerKey, PlaceholderCounts> =
                    counts.into_iter().map(|one| (one.partner_id, one)).collect();
                Ok(reviews.into_iter().map(|review| (review.partner_id, Self::from_row(review, &counts))).collect())
            })
            .await?;
        Ok(reviews.get(&row.id).cloned())
    }

    fn from_row(row: ReviewRow, counts: &HashMap<PartnerKey, PlaceholderCounts>) -> Self {
        let placeholder = row.placeholder_id.and_then(|id| counts.get(&id)).copied();
        Self {
            names_match: names_match(&row.claimed_name, row.registered_company.as_deref()),
            claimed_name: row.claimed_name,
            registered_company: row.registered_company,
            registered_country: row.registered_country.map(CountryCode),
            placeholder: placeholder.map(ReviewPlaceholder::from),
        }
    }
}
