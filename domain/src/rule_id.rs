//! The ids of the rules, as constants.

use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::IdError;
use crate::{RuleArea, catalogue};

/// The id of a rule in `domain/data/rules.tsv`, such as [`RuleId::M_02`].
///
/// Its text is private to this file, so an id that is not in the catalogue cannot be constructed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(&'static str);

/// Declares the constants and the list of all of them.
macro_rules! rule_ids {
    ($($name:ident = $id:literal),+ $(,)?) => {
        impl RuleId {
            $(#[doc = concat!("`", $id, "`; see its row in `domain/data/rules.tsv`.")]
            pub const $name: Self = Self($id);)+

            /// Every id, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }

        /// The names of the constants with their ids.
        #[cfg(test)]
        const NAMES: &[(&str, &str)] = &[$((stringify!($name), $id)),+];
    };
}

rule_ids! {
    A_01 = "A-01", A_02 = "A-02", A_03 = "A-03", A_04 = "A-04", A_05 = "A-05", A_06 = "A-06", A_07 = "A-07",
    T_01 = "T-01", T_02 = "T-02", T_03 = "T-03", T_04 = "T-04", T_05 = "T-05", T_06 = "T-06", T_07 = "T-07",
    T_08 = "T-08",
    E_01 = "E-01", E_02 = "E-02", E_03 = "E-03", E_04 = "E-04", E_05 = "E-05", E_06 = "E-06", E_07 = "E-07",
    E_08 = "E-08", E_09 = "E-09", E_10 = "E-10", E_11 = "E-11", E_12 = "E-12", E_13 = "E-13", E_14 = "E-14",
    E_15 = "E-15", E_16 = "E-16", E_17 = "E-17",
    M_01 = "M-01", M_02 = "M-02", M_03 = "M-03", M_04 = "M-04", M_05 = "M-05", M_06 = "M-06", M_07 = "M-07",
    P_01 = "P-01", P_02 = "P-02", P_03 = "P-03", P_04 = "P-04", P_05 = "P-05", P_06 = "P-06", P_07 = "P-07",
    P_08 = "P-08", P_09 = "P-09", P_10 = "P-10", P_11 = "P-11", P_12 = "P-12", P_13 = "P-13", P_14 = "P-14",
    P_15 = "P-15", P_16 = "P-16", P_17 = "P-17",
    X_01 = "X-01", X_02 = "X-02", X_03 = "X-03", X_04 = "X-04", X_05 = "X-05", X_06 = "X-06", X_07 = "X-07",
    X_08 = "X-08", X_09 = "X-09", X_10 = "X-10", X_11 = "X-11",
    C_01 = "C-01", C_02 = "C-02", C_03 = "C-03", C_04 = "C-04", C_05 = "C-05", C_06 = "C-06", C_07 = "C-07",
    C_08 = "C-08", C_09 = "C-09", C_10 = "C-10", C_11 = "C-11", C_12 = "C-12", C_13 = "C-13", C_14 = "C-14",
    C_15 = "C-15", C_16 = "C-16", C_17 = "C-17", C_18 = "C-18", C_19 = "C-19", C_20 = "C-20", C_21 = "C-21",
    C_22 = "C-22", C_23 = "C-23", C_24 = "C-24", C_25 = "C-25", C_26 = "C-26", C_27 = "C-27", C_28 = "C-28",
    C_29 = "C-29", C_30 = "C-30", C_31 = "C-31", C_32 = "C-32",
    D_01 = "D-01", D_02 = "D-02", D_03 = "D-03", D_04 = "D-04", D_05 = "D-05", D_06 = "D-06",
    N_01 = "N-01", N_02 = "N-02", N_03 = "N-03", N_04 = "N-04", N_05 = "N-05", N_06 = "N-06", N_07 = "N-07",
    N_08 = "N-08", N_09 = "N-09", N_10 = "N-10", N_11 = "N-11",
    B_01 = "B-01", B_02 = "B-02", B_03 = "B-03", B_04 = "B-04", B_05 = "B-05", B_06 = "B-06", B_07 = "B-07",
    B_08 = "B-08", B_09 = "B-09", B_10 = "B-10", B_11 = "B-11", B_12 = "B-12", B_13 = "B-13", B_14 = "B-14",
    B_15 = "B-15", B_16 = "B-16",
    K_01 = "K-01", K_02 = "K-02", K_03 = "K-03", K_04 = "K-04",
    Q_01 = "Q-01", Q_02 = "Q-02", Q_03 = "Q-03", Q_04 = "Q-04", Q_05 = "Q-05", Q_06 = "Q-06", Q_07 = "Q-07",
    Q_08 = "Q-08", Q_09 = "Q-09", Q_10 = "Q-10", Q_11 = "Q-11", Q_12 = "Q-12", Q_13 = "Q-13", Q_14 = "Q-14",
    Q_15 = "Q-15", Q_16 = "Q-16", Q_17 = "Q-17",
    R_01 = "R-01", R_02 = "R-02",
    V_01 = "V-01", V_02 = "V-02", V_03 = "V-03", V_04 = "V-04",
}

impl RuleId {
    /// The id as in the catalogue.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether the rule is about who may do something, and not about whether it can be done.
    #[must_use]
    pub fn is_about_access(self) -> bool {
        catalogue::rule(self).is_some_and(|row| row.area == RuleArea::Access)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl FromStr for RuleId {
    type Err = IdError;
    /// Finds the id among all ids. Any other text is an error.
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL.iter().find(|id| id.0 == text).copied().ok_or(IdError::NoSuchRule)
    }
}

impl Serialize for RuleId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_rule_id_is_found_by_its_text_only() {
        assert_eq!("M-02".parse::<RuleId>().unwrap(), RuleId::M_02);
        assert_eq!("M-99".parse::<RuleId>(), Err(IdError::NoSuchRule));
        assert_eq!("m-02".parse::<RuleId>(), Err(IdError::NoSuchRule));
    }

    #[test]
    fn a_constant_has_the_name_of_its_id() {
        for (name, id) in NAMES {
            assert_eq!(name.replace('_', "-"), *id);
        }
    }

    #[test]
    fn the_constants_are_the_rows_of_the_catalogue() {
        let constants: BTreeSet<_> = RuleId::ALL.iter().copied().collect();
        let rows: BTreeSet<_> = crate::rules().iter().map(|rule| rule.id).collect();
        assert_eq!((constants.len(), &constants), (RuleId::ALL.len(), &rows));
    }

    #[test]
    fn a_rule_is_about_access_by_its_area() {
        use RuleId as Id;
        let about: Vec<_> = RuleId::ALL.iter().copied().filter(|id| id.is_about_access()).collect();
        assert_eq!(about, [Id::A_01, Id::A_02, Id::A_03, Id::A_04, Id::A_05, Id::A_06, Id::A_07]);
    }
}
