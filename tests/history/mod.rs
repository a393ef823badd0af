//! The history, who is notified about events, and the relationship graph.

mod audit_events;
mod command_line;
mod imported;
mod relationship_graph;
mod subjects;
mod viewers;
