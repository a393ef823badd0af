//! What happened and how things hang together: the history, who is told of it, and the relationship graph.

mod audit_events;
mod command_line;
mod relationship_graph;
mod viewers;
