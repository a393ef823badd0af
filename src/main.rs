//! The program.

use std::process::ExitCode;

// The allocator of the whole program. The system's allocator keeps memory that large imports have freed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    partnergraph::cli::main()
}
