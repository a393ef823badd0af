//! The enums of the domain. Each value has one spelling, which the schema, the tables and the reports share.
//!
//! Every enum here has `as_str`, `Display`, `FromStr`, serde by name and `iter()` (from [`crate::IntoEnumIterator`]). The
//! spelling is written beside each variant, so that it can be searched for.
//!
//! With the feature `sql`, a value can be stored in a text column. With the feature `graphql`, the enum is part of the schema
//! under the same name, with the doc comments as descriptions. No enum is declared a second time elsewhere.

/// Declares an enum in which every variant has one spelling, used by `as_str`, `Display`, `FromStr`, serde, the tables and the
/// schema. The text beside the name describes one value of the enum, for the error about a text that is not one.
macro_rules! closed_enums {
    ($($(#[$attribute:meta])* $name:ident, $one:literal {
        $($(#[$variant_attribute:meta])* $variant:ident = $text:literal),+ $(,)?
    })+) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[derive(strum::Display, strum::AsRefStr, strum::IntoStaticStr, strum::EnumIter)]
        #[cfg_attr(feature = "graphql", derive(async_graphql::Enum))]
        #[cfg_attr(feature = "sql", derive(diesel::expression::AsExpression, diesel::deserialize::FromSqlRow))]
        #[cfg_attr(feature = "sql", diesel(sql_type = diesel::sql_types::Text))]
        pub enum $name {
            $(
                $(#[$variant_attribute])*
                #[serde(rename = $text)]
                #[strum(serialize = $text)]
                #[cfg_attr(feature = "graphql", graphql(name = $text))]
                $variant,
            )+
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

        impl std::str::FromStr for $name {
            type Err = $crate::enums::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::enums::UnknownValue { value: text.to_owned(), expected: $one }),
                }
            }
        }

        #[cfg(feature = "sql")]
        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(<String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(value)?.parse()?)
            }
        }

        #[cfg(feature = "sql")]
        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }
    )+};
}
pub(crate) use closed_enums;

mod action;
mod change_request;
mod customer;
mod graph;
mod import;
mod operation;
mod partner;
mod subscription;

pub use action::*;
pub use change_request::*;
pub use customer::*;
pub use graph::*;
pub use import::*;
pub use operation::*;
pub use partner::*;
pub use subscription::*;

/// A text that is not a value of the expected enum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct UnknownValue {
    /// The text.
    pub value: String,
    /// What a value of the enum is, such as `a cloud`.
    pub expected: &'static str,
}

/// Calls a macro with the names of all enums, for code that is repeated for each of them.
#[macro_export]
macro_rules! for_each_enum {
    ($callback:ident) => {
        $callback! {
            AcceptancePortal, AcquisitionChannel, ActionName, AgreementEvidence, AgreementType, AutoApproval, BillingCycle, BillingType, Capability,
            ChangeRequestKind, ChangeRequestState, Cloud, CustomerRight,
            DelegatedAdminPolicy, ErrorPolicy, GrantKind, GraphEdgeKind, GraphNodeKind, ImportMode, ImportStatus,
            InvitationKind, InvitationState, MailKind, MovedKind, MovedPart, MpnKind, OperationStatus, OperationType, OrderChannel,
            OrganizationLinkKind, PartnerType, PartnershipState, PortalFamily, RelationshipToPartner, RemovalChannel, ReviewGround,
            Role, SalesRole, ServiceRequestPath, Severity, SubscriptionStatus, TenantKind, TermDuration, VettingStatus, VettingSubStatus, Via
        }
    };
}

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
            .map(|value| {
                let text = value.to_string();
                assert_eq!(text.parse::<T>().unwrap(), value);
                assert_eq!(text, Into::<&'static str>::into(value));
                assert_eq!(text, text.to_ascii_uppercase());
                text
            })
            .collect()
    }

    #[test]
    fn the_values_are_those_of_the_real_interface() {
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
    fn every_enum_reads_what_it_writes() {
        macro_rules! spelled {
            ($($list:ident),+) => {[$((stringify!($list), spellings::<$list>())),+]};
        }
        let lists = for_each_enum!(spelled);
        let files = [
            include_str!("enums/action.rs"),
            include_str!("enums/change_request.rs"),
            include_str!("enums/customer.rs"),
            include_str!("enums/graph.rs"),
            include_str!("enums/import.rs"),
            include_str!("enums/operation.rs"),
            include_str!("enums/partner.rs"),
            include_str!("enums/subscription.rs"),
        ];
        let declared = |line: &&str| line.ends_with("\" {");
        let names =
            files.iter().flat_map(|text| text.lines()).filter(declared).filter_map(|line| line.split(',').next());
        let mut names: Vec<&str> = names.map(str::trim).collect();
        names.sort_unstable();
        assert_eq!(lists.map(|(name, _)| name).to_vec(), names, "the lists that are declared");
    }

    #[test]
    fn an_unknown_value_is_named_with_what_was_expected() {
        for text in ["MARS", "public", " PUBLIC", ""] {
            let error = text.parse::<Cloud>().unwrap_err();
            assert_eq!(error.to_string(), format!("{text:?} is not a cloud"));
        }
    }
}
