use partnergraph::graphql::error_catalogue::{TOP_LEVEL, WITHOUT_RULE, document};

/// `docs/ERRORS.md` is generated from the catalogue. `UPDATE_ERRORS=1 tests/run --test tests api::errors` updates it.
#[test]
fn the_document_of_errors_is_current() {
    let root = env!("CARGO_MANIFEST_DIR");
    let rules = std::fs::read_to_string(format!("{root}/domain/data/refusal-codes.tsv")).unwrap();
    let path = format!("{root}/docs/ERRORS.md");
    if std::env::var_os("UPDATE_ERRORS").is_some() {
        std::fs::write(&path, document(&rules)).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == document(&rules),
        "docs/ERRORS.md is not current: run `UPDATE_ERRORS=1 tests/run --test tests api::errors`"
    );
}

#[test]
fn no_code_has_two_meanings() {
    let mut codes: Vec<&str> = TOP_LEVEL.iter().chain(WITHOUT_RULE).map(|meaning| meaning.code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}
