//! The progress of an import on standard error: a bar for people, JSON lines for programs, or nothing.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use partnergraph_domain::ImportPhase;
use partnergraph_importer::{Position, Progress};
use serde::Serialize;

use super::interrupt::Interrupt;
use super::print;

/// The shortest time between two JSON lines.
const PERIOD: Duration = Duration::from_millis(250);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Shown {
    /// A progress bar, if standard error is a terminal
    #[default]
    Auto,
    /// One JSON object per line
    Json,
    /// No progress
    None,
}

/// Shows the progress of an import, and tells the import when it has to stop.
pub(super) struct Bar {
    shown: Shown,
    bar: ProgressBar,
    phase: Cell<Option<ImportPhase>>,
    last_printed: Cell<Option<Instant>>,
    interrupt: Interrupt,
}

/// One line of `--progress json`.
#[derive(Serialize)]
struct Line {
    #[serde(flatten)]
    position: Position,
    percent: f64,
}

impl Bar {
    pub(super) fn new(shown: Shown, interrupt: Interrupt) -> Self {
        let visible = shown == Shown::Auto && std::io::stderr().is_terminal();
        let bar = if visible { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if visible {
            // Keep the spinner moving in phases of unknown length.
            bar.enable_steady_tick(PERIOD);
        }
        Self { shown, bar, phase: Cell::new(None), last_printed: Cell::new(None), interrupt }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Sets the style for a phase. A phase of unknown length has no bar, because a bar that is stuck at the end would be
    /// misleading.
    fn style(&self, position: &Position) {
        let template = match (position.phase, position.total) {
            (ImportPhase::Opening, Some(_)) => "{msg:9} {wide_bar} {human_pos}/{human_len} files {elapsed}",
            (_, Some(_)) => "{msg:9} {wide_bar} {human_pos}/{human_len} rows {elapsed}",
            (_, None) => "{msg:9} {spinner} {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }
}

impl Progress for Bar {
    fn at(&self, position: Position) {
        let new_phase = self.phase.replace(Some(position.phase)) != Some(position.phase);
        let measured = self.bar.length() != position.total;
        if new_phase || measured {
            self.style(&position);
            match position.total {
                Some(total) => self.bar.set_length(total),
                None => self.bar.unset_length(),
            }
        }
        self.bar.set_position(position.done);
        if new_phase {
            self.bar.set_message(position.phase.as_str());
            if position.phase == ImportPhase::Waiting {
                print::note("another import is running; waiting for it to finish");
            }
        }
        let due = self.last_printed.get().is_none_or(|last_printed| last_printed.elapsed() >= PERIOD);
        if self.shown == Shown::Json && (new_phase || due) {
            self.last_printed.set(Some(Instant::now()));
            if let Ok(line) = serde_json::to_string(&Line { position, percent: position.percent() }) {
                print::note(line);
            }
        }
    }

    fn is_cancelled(&self) -> bool {
        self.interrupt.is_asked_for()
    }
}
