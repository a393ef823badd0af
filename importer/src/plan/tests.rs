//! Tests of the stages as tables of cases: the stored state, what the files state, and the resulting plan.

mod customers;
mod decisions;
mod subscriptions;
