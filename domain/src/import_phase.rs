//! The progress of an import.

use serde::{Deserialize, Serialize};

/// The phases of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportPhase {
    /// Another import is running.
    Waiting,
    /// Files are opened, and their formats detected.
    Opening,
    /// Rows are read and checked.
    Reading,
    /// Facts are compared with the stored state.
    Planning,
    /// The plan is written.
    Applying,
    /// The import has finished.
    Done,
}

impl ImportPhase {
    const ALL: [Self; 6] = [Self::Waiting, Self::Opening, Self::Reading, Self::Planning, Self::Applying, Self::Done];

    /// The name of the phase.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Opening => "opening",
            Self::Reading => "reading",
            Self::Planning => "planning",
            Self::Applying => "applying",
            Self::Done => "done",
        }
    }

    /// The phase with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == name)
    }

    /// The percentage of the whole import that is done, from 0 to 100, when `part` (0 to 1) of this phase is.
    ///
    /// Each phase has a share that is roughly its duration in a first load, so that the percentage never decreases from
    /// one phase to the next.
    #[must_use]
    pub fn percent(self, part: f64) -> f64 {
        let (from, to) = match self {
            Self::Waiting => (0.0, 0.0),
            Self::Opening => (0.0, 10.0),
            Self::Reading => (10.0, 40.0),
            Self::Planning => (40.0, 65.0),
            Self::Applying => (65.0, 99.0),
            Self::Done => (100.0, 100.0),
        };
        let percent: f64 = from + (to - from) * part.clamp(0.0, 1.0);
        (percent * 10.0).round() / 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_percentage_never_falls_and_is_100_only_at_the_end() {
        let mut last = 0.0;
        for phase in ImportPhase::ALL {
            assert_eq!(ImportPhase::named(phase.as_str()), Some(phase));
            for part in [0.0, 0.5, 1.0] {
                let percent = phase.percent(part);
                assert!(
                    percent >= last && (percent < 100.0 || phase == ImportPhase::Done),
                    "{phase:?} {part}: {percent}"
                );
                last = percent;
            }
        }
    }
}
