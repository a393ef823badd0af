//! The closed sets of words of the domain, each in the one spelling that the schema, the tables and the reports share.
//!
//! Every word list here is an enum with `as_str`, `Display`, `FromStr`, serde by name and `iter()` (from
//! [`crate::IntoEnumIterator`]). The spelling stands beside each variant, so that it can be searched for.

/// Declares an enum whose every variant has one spelling, for `as_str`, `Display`, `FromStr` and serde alike.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[derive(strum::Display, strum::EnumString, strum::IntoStaticStr, strum::EnumIter)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] #[strum(serialize = $text)] $variant,)+
        }

        impl $name {
            /// The spelling in the schema, the tables and the reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    )+};
}
pub(crate) use words;

mod customer;
mod graph;
mod import;
mod operation;
mod partner;
mod subscription;

pub use customer::*;
pub use graph::*;
pub use import::*;
pub use operation::*;
pub use partner::*;
pub use subscription::*;

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::{Debug, Display};
    use std::str::FromStr;
    use strum::IntoEnumIterator;

    fn spellings<T>() -> Vec<String>
    where
        T: IntoEnumIterator + Display + FromStr + Debug + PartialEq + Into<&'static str> + Copy,
        <T as FromStr>::Err: Debug,
    {
        T::iter()
            .map(|word| {
                let text = word.to_string();
                assert_eq!(text.parse::<T>().unwrap(), word);
                assert_eq!(text, Into::<&'static str>::into(word));
                assert_eq!(text, text.to_ascii_uppercase());
                text
            })
            .collect()
    }

    #[test]
    fn the_words_are_those_of_the_real_interface() {
        assert_eq!(spellings::<Cloud>(), ["PUBLIC", "US_GOVERNMENT", "GERMANY"]);
        assert_eq!(spellings::<PartnerType>(), ["INDIRECT_PROVIDER", "INDIRECT_RESELLER", "DIRECT_BILL"]);
        assert_eq!(
            spellings::<Role>(),
            ["GLOBAL_ADMIN", "USER_ADMIN", "ADMIN_AGENT", "SALES_AGENT", "HELPDESK_AGENT", "OPERATOR"]
        );
        assert_eq!(
            spellings::<RelationshipToPartner>(),
            ["NONE", "RESELLER", "ADVISOR", "SYNDICATION", "MICROSOFT_SUPPORT"]
        );
        assert_eq!(
            spellings::<SubscriptionStatus>(),
            ["NONE", "ACTIVE", "PENDING", "SUSPENDED", "DELETED", "EXPIRED", "DISABLED"]
        );
        assert_eq!(spellings::<TermDuration>(), ["P1M", "P1Y", "P3Y"]);
        assert_eq!(spellings::<OrderChannel>(), ["PARTNER_CENTER", "M365_PORTAL", "AZURE_PORTAL"]);
        assert_eq!(
            spellings::<ImportStatus>(),
            ["QUEUED", "PLANNING", "PLANNED", "CHECKED", "APPLYING", "APPLIED", "FAILED", "REVERTED"]
        );
        assert_eq!(spellings::<VettingStatus>(), ["NONE", "PENDING", "AUTHORIZED", "REJECTED"]);
    }

    #[test]
    fn every_list_reads_what_it_writes() {
        spellings::<Capability>();
        spellings::<VettingSubStatus>();
        spellings::<PartnershipState>();
        spellings::<RemovalChannel>();
        spellings::<BillingType>();
        spellings::<BillingCycle>();
        spellings::<AcquisitionChannel>();
        spellings::<InvitationKind>();
        spellings::<InvitationState>();
        spellings::<AgreementType>();
        spellings::<OperationType>();
        spellings::<OperationStatus>();
        spellings::<MpnKind>();
        spellings::<MailKind>();
        spellings::<Via>();
        spellings::<GrantKind>();
        spellings::<ImportMode>();
        spellings::<Severity>();
        spellings::<OrganizationLinkKind>();
        spellings::<CustomerRight>();
        spellings::<AcceptancePortal>();
        spellings::<GraphNodeKind>();
        spellings::<GraphEdgeKind>();
        spellings::<ServiceRequestPath>();
        spellings::<DelegatedAdminPolicy>();
        spellings::<ChainRole>();
    }
}
