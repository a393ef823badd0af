use partnergraph_domain::{ImportRunKey, ImportSourceKey};

fn main() {
    let (run, source) = (ImportRunKey::new(1), ImportSourceKey::new(1));
    assert!(run == source);
}
