use partnergraph_domain::{CustomerKey, CustomerRecordKey, SubscriptionKey};

struct Row {
    id: SubscriptionKey,
    customer_id: CustomerKey,
}

fn main() {
    let (record, customer) = (CustomerRecordKey::new(1), CustomerKey::new(2));
    // The key of a partner's record of a customer is not the customer's.
    let row = Row { id: SubscriptionKey::new(3), customer_id: record };
    let _ = (row.id, row.customer_id, customer);
}
