//! How far an import is, on standard error: a bar for a person, lines of JSON for a program, or nothing.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use partnergraph_importer::{Phase, Position, Progress};

use super::print;

/// Lines of JSON come so often at most.
const PERIOD: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// A bar, where standard error is a terminal
    #[default]
    Auto,
    /// A JSON object a line
    Json,
    /// Nothing
    None,
}

/// Shows how far an import is.
pub(super) struct Bar {
    shown: Shown,
    bar: ProgressBar,
    phase: Cell<Option<Phase>>,
    told: Cell<Option<Instant>>,
}

impl Bar {
    pub(super) fn new(shown: Shown) -> Self {
        let visible = shown == Shown::Auto && std::io::stderr().is_terminal();
        let bar = if visible { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{msg:9} {wide_bar} {human_pos}/{human_len} rows {elapsed}") {
            bar.set_style(style);
        }
        Self { shown, bar, phase: Cell::new(None), told: Cell::new(None) }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn at(&self, position: Position) {
        let new_phase = self.phase.replace(Some(position.phase)) != Some(position.phase);
        self.bar.set_length(position.rows_total.unwrap_or(0));
        self.bar.set_position(position.rows_read);
        if new_phase {
            self.bar.set_message(position.phase.as_str());
            if position.phase == Phase::Waiting {
                print::note("another import is under way; waiting for it");
            }
        }
        let due = self.told.get().is_none_or(|told| told.elapsed() >= PERIOD);
        if self.shown == Shown::Json && (new_phase || due) {
            self.told.set(Some(Instant::now()));
            if let Ok(line) = serde_json::to_string(&position) {
                print::note(line);
            }
        }
    }
}
