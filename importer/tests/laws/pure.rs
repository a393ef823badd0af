//! Laws of the numbers alone, without files and without a database: for the module that makes seats of charges.
