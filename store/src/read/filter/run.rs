use serde::Serialize;

use super::{Column, Filter, Spelling, Test};
use crate::on::{ImportChange, Issue, On};

/// A field of an issue of an import run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum IssueField {
    /// Its code.
    Code,
    /// Its severity.
    Severity,
    /// The name of the file.
    File,
}

impl IssueField {
    fn column(self) -> Column {
        match self {
            Self::Code => Column::plain("@.code", Spelling::Shown),
            Self::Severity => Column::plain("@.severity", Spelling::Upper),
            Self::File => Column::plain("@.file", Spelling::Shown),
        }
    }
}

/// A condition on an issue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IssueTerm(pub IssueField, pub Test);

impl Filter<IssueTerm> {
    /// Converts to a condition on an issue, for lists that contain only what the caller sees.
    pub fn on_issues(&self) -> On<Issue> {
        On::new(self.sql(&|IssueTerm(field, test)| field.column().test(test)))
    }
}

/// A field of a change of an import run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ChangeField {
    /// The type of record.
    Entity,
    /// What was done.
    Action,
    /// The changed field.
    Field,
    /// The record's id in the portals.
    Key,
}

impl ChangeField {
    fn column(self) -> Column {
        match self {
            Self::Entity => Column::plain("@.entity", Spelling::Upper),
            Self::Action => Column::plain("@.action", Spelling::Upper),
            Self::Field => Column::plain("@.field", Spelling::Shown),
            Self::Key => Column::plain("@.key", Spelling::Shown),
        }
    }
}

/// A condition on a change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangeTerm(pub ChangeField, pub Test);

impl Filter<ChangeTerm> {
    /// Converts to a condition on a change, for lists that contain only what the caller sees.
    pub fn on_changes(&self) -> On<ImportChange> {
        On::new(self.sql(&|ChangeTerm(field, test)| field.column().test(test)))
    }
}
