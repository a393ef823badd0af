//! What a provider sold, and what it can still do with it after it left the customer.

use std::collections::BTreeSet;

use crate::act::{Act, Op};
use crate::model::{State, Subscription};

impl State {
    /// The subscription, if the provider sold it. After the provider left the customer, it still reads the subscription (D-06), but
    /// every change of it is refused (C-01), and naming a partner of record is a sale as well (C-02).
    pub(crate) fn sold(&self, me: usize, act: &Act, refused: &mut BTreeSet<String>) -> Option<&Subscription> {
        let sold = self.subscriptions.get(&act.subscription).filter(|sold| sold.seller == me)?;
        if !self.related.contains(&(me, sold.customer)) {
            refused.insert("C-01".to_owned());
            refused.extend(matches!(act.op, Op::PutOnSubscription { .. }).then(|| "C-02".to_owned()));
        }
        Some(sold)
    }
}
