//! Managing on behalf (B-16): what a reseller changes itself, what it asks its provider for, how the provider decides, and who sees
//! that, on both databases.

mod automatic;
mod decisions;
mod own;
mod requests;
mod scope;
mod world;
