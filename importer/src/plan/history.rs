//! Partners of record before the one that holds.

use crate::reconcile::{Earlier, moment};

/// A former partner of record, as it goes to history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Former {
    pub(crate) mpn_id: String,
    /// From when, where a file says so.
    pub(crate) from: Option<String>,
    /// Until when.
    pub(crate) to: String,
    /// The row that shows it.
    pub(crate) row: u32,
}

/// The former partners of record: those that the files name (`earlier`, each with the row that shows it), and the one who stood
/// (`had`), where it is another one now. `changed_at` is the newest time of any word about the partner of record.
pub(crate) fn former(
    earlier: &[(Earlier, u32)],
    (had, has): (Option<&str>, Option<&str>),
    changed_at: i64,
    first_row: u32,
) -> Vec<Former> {
    let mut former: Vec<Former> = earlier
        .iter()
        .map(|(earlier, row)| Former {
            mpn_id: earlier.reseller.to_string(),
            from: earlier.from.map(moment),
            to: moment(earlier.to),
            row: *row,
        })
        .collect();
    if let Some(had) = had.filter(|had| has != Some(*had) && !former.iter().any(|one| one.mpn_id == *had)) {
        let to = moment(chrono::DateTime::from_timestamp(changed_at, 0).unwrap_or_default().naive_utc());
        former.insert(0, Former { mpn_id: had.to_owned(), from: None, to, row: first_row });
    }
    former.retain(|one| Some(one.mpn_id.as_str()) != has);
    former
}

#[cfg(test)]
mod tests {
    use super::*;
    use partnergraph_domain::MpnId;

    #[test]
    fn who_stood_goes_to_history_unless_the_files_name_it_or_it_still_holds() {
        let at = |seconds| chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
        let earlier = |id| (Earlier { reseller: MpnId(id), from: Some(at(0)), to: at(60) }, 5);
        let cases: [(&str, Vec<(Earlier, u32)>, Option<&str>, Option<&str>, &[(&str, u32)]); 8] = [
            ("nobody before and after", vec![], None, None, &[]),
            ("the first one", vec![], None, Some("1"), &[]),
            ("the same one", vec![], Some("1"), Some("1"), &[]),
            ("another one", vec![], Some("1"), Some("2"), &[("1", 3)]),
            ("nobody any more", vec![], Some("1"), None, &[("1", 3)]),
            ("a new subscription that was moved already", vec![earlier(1)], None, Some("2"), &[("1", 5)]),
            ("the files name who stood", vec![earlier(1)], Some("1"), Some("2"), &[("1", 5)]),
            ("there and back", vec![earlier(1), earlier(2)], Some("1"), Some("1"), &[("2", 5)]),
        ];
        for (name, earlier, had, has, expected) in cases {
            let found = former(&earlier, (had, has), 86_400, 3);
            let short: Vec<(&str, u32)> = found.iter().map(|one| (one.mpn_id.as_str(), one.row)).collect();
            assert_eq!(short, expected, "{name}");
            let stood = found.iter().find(|one| one.row == 3);
            assert!(stood.is_none_or(|one| one.from.is_none() && one.to == "1970-01-02 00:00:00"), "{name}");
        }
    }
}
