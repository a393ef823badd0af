//! The cost that each token may use per minute.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{ErrorExtensions, ServerError};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest, Sha256};

use partnergraph_operation::errors::code;

/// After this many checks, tokens that have been idle are forgotten.
const SWEEP: usize = 10_000;

/// The budgets of all tokens. Clones share them.
#[derive(Clone)]
pub(super) struct Budgets {
    limiter: Arc<DefaultKeyedRateLimiter<[u8; 16]>>,
    per_minute: NonZeroU32,
}

impl Budgets {
    /// The budget of each token per minute. `None` means no limit.
    pub(super) fn per_minute(units: u32) -> Option<Self> {
        let per_minute = NonZeroU32::new(units)?;
        Some(Self { limiter: Arc::new(RateLimiter::keyed(Quota::per_minute(per_minute))), per_minute })
    }

    /// Takes an operation's cost from the token's budget. An operation that costs more than a whole minute's budget
    /// takes all of it.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the number of seconds to wait.
    pub(super) fn take(&self, token: &str, cost: u64) -> Result<(), ServerError> {
        if self.limiter.len() > SWEEP {
            self.limiter.retain_recent();
        }
        let mut key = [0; 16];
        key.copy_from_slice(&Sha256::digest(token)[..16]);
        let units = u32::try_from(cost)
            .ok()
            .and_then(NonZeroU32::new)
            .map_or(self.per_minute, |units| units.min(self.per_minute));
        match self.limiter.check_key_n(&key, units) {
            Ok(Err(too_early)) => Err(limited(too_early.wait_time_from(DefaultClock::default().now()))),
            // The inner error, a request for more than a minute's budget, was ruled out above.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }
}

fn limited(wait: Duration) -> ServerError {
    let seconds = wait.as_secs() + 1;
    let message = format!("this token has used its cost budget for this minute; try again in {seconds} seconds");
    let error = async_graphql::Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code::RATE_LIMITED);
        extensions.set("retryAfter", seconds);
    });
    ServerError { locations: Vec::new(), ..error.into_server_error(async_graphql::Pos::default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_has_used_its_budget_waits_and_no_other() {
        let budgets = Budgets::per_minute(100).unwrap();
        assert!(budgets.take("one", 60).is_ok());
        let error = budgets.take("one", 60).unwrap_err();
        assert_eq!(partnergraph_operation::errors::code_of(&error), Some(code::RATE_LIMITED));
        assert!(budgets.take("two", 1_000_000).is_ok(), "an operation over a minute's budget takes all of it");
        assert!(budgets.take("two", 1).is_err());
        assert!(Budgets::per_minute(0).is_none());
    }
}
