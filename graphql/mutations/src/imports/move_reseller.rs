use async_graphql::{Context, Enum, InputObject, MaybeUndefined, Object};
use chrono::NaiveDateTime;
use partnergraph_domain::{ErrorPolicy, ImportMode, ImportRunKey, MovedPart, PartnerKey, PartnerType, checks};
use partnergraph_importer::MoveRequest;
use partnergraph_store::imports::moves::{self, Move};
use partnergraph_store::imports::runs;
use partnergraph_store::read::filter::{Filter, SubscriptionTerm};
use partnergraph_store::write::facts;
use partnergraph_store::{Actor, Conn, Scope};

use super::ImportRunPayload;
use super::work::{self, Task, Work};
use crate::start_import::importer;
use crate::targets::named_partner;
use crate::task::{self, Attempt, Creation, bad_input, not_found};
use partnergraph_operation::Operation;
use partnergraph_operation::lookups::PartnerLookup;
use partnergraph_operation::nullable::Nullable;
use partnergraph_operation::payload::user_errors;
use partnergraph_types::filters::{Budget, SubscriptionFilter};

/// How far a move goes.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveMode {
    /// Store the plan, to be reviewed and applied later.
    Plan,
    /// Apply the plan immediately.
    Apply,
}

/// What to move, from which reseller and to which.
#[derive(InputObject, Debug, Clone)]
pub struct MoveResellerInput {
    /// The provider whose subscriptions and customers these are. Only operators set this. Defaults to your own account.
    #[graphql(name = "as")]
    provider: Option<PartnerLookup>,
    /// The reseller that loses. Its partnership may have ended.
    from: PartnerLookup,
    /// The reseller that gains; for partners of record, name it by the location MPN ID that its account is tied to. Must be set:
    /// null leaves nobody in the place of the reseller.
    to: MaybeUndefined<PartnerLookup>,
    /// What to move. Each part is independent of the others (K-03).
    what: Vec<MovedPart>,
    /// The subscriptions to move, of the live ones on which the reseller is partner of record (of an entitlement too) or support
    /// contact. Null for all. Accounts are moved only for customers whose every such subscription matches; with a filter, there must
    /// be at least one.
    filter: Option<Box<SubscriptionFilter>>,
    /// How far the move goes.
    mode: MoveMode,
    /// What happens to the other rows if a rule rejects one. It is part of the plan.
    error_policy: ErrorPolicy,
    /// Makes it safe to retry: repeating a request with the same key and input returns the first result, without secrets, and
    /// creates nothing. From 1 to 200 characters. If null, every request is new.
    idempotency_key: Option<String>,
    /// Validate without saving.
    #[graphql(default)]
    validate_only: bool,
}

/// `moveReseller`.
#[derive(Debug, Default)]
pub struct MoveReseller;

#[Object]
impl MoveReseller {
    /// Moves what a reseller has with a provider to another reseller, or takes it away: partners of record, support contacts and
    /// associations with customer accounts, for any number of subscriptions.
    ///
    /// Returns immediately with an import run that continues in the background. A PLAN run ends as PLANNED: `importRun.move` has
    /// the totals, `issues` what rules reject and why, `changes` each row. `applyImport` then applies exactly that plan, or
    /// refuses with `plan.stale` if any of it has changed; `revertImport` moves everything back that is still as the run left it.
    /// The rules are those of `associateReseller`, `dissociateReseller` and `assignSupportContact`. What the reseller's own
    /// portal shows changes only when it is changed there; until an import shows it, the move stands as an edit. Allowed for
    /// Global admins and Admin agents of an indirect provider, and for operators.
    async fn move_reseller(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Parameters for `moveReseller`.")] input: MoveResellerInput,
    ) -> Nullable<ImportRunPayload> {
        let answer = async {
            let operation = Operation::of(ctx);
            let mode = input.validate_only.into();
            let filter = input.filter.clone().unwrap_or_default().build(&mut Budget::default())?;
            let outcome =
                task::write(operation, mode, move |conn, actor, now| queue(conn, actor, now, (&input, &filter)))
                    .await?;
            let queued = match task::queued(outcome, mode) {
                Ok(Some(queued)) => queued,
                Ok(None) => return Ok(ImportRunPayload::rejected(Vec::new())),
                Err(refusals) => return Ok(ImportRunPayload::rejected(user_errors(refusals))),
            };
            if let Some(request) = queued.request {
                let task = Task::Move(Box::new(request));
                let work = Work { run_id: queued.run_id, task, actor: operation.actor()?.clone() };
                work::start(operation.database().url().clone(), work)?;
            }
            ImportRunPayload::of(operation, Ok(queued.run_id)).await
        };
        Nullable::from(answer.await)
    }
}

/// A stored run.
struct Queued {
    run_id: ImportRunKey,
    /// The work to do. `None` if an earlier request with the same key started the run.
    request: Option<MoveRequest>,
}

fn queue(
    conn: &mut Conn,
    actor: &Actor,
    now: NaiveDateTime,
    (input, filter): (&MoveResellerInput, &Filter<SubscriptionTerm>),
) -> Attempt<Queued> {
    let provider_id = importer(conn, actor, input.provider.as_ref())?;
    let provider = facts::partner(conn, provider_id)?;
    let role = checks::move_reseller(&facts::actor(actor)?, &provider);
    let creation = Creation::of("moveReseller", input.idempotency_key.as_deref(), input);
    let refused = role.clone();
    let (run_id, request) = task::once(
        conn,
        actor,
        now,
        &creation,
        |_| task::refuse_if(refused),
        |conn| {
            task::refuse_if(role)?;
            let terms = terms(conn, provider_id, input)?;
            if let Some((_, choice)) = &terms.to {
                task::refuse_if(checks::moves_to(&provider, &terms.what, choice))?;
            }
            let mode = match input.mode {
                MoveMode::Plan => ImportMode::Plan,
                MoveMode::Apply => ImportMode::Apply,
            };
            let run_id = runs::create(conn, provider_id, &actor.user_principal_name, mode, "{}", now)?;
            let moved = Move {
                run_id,
                provider_id,
                from: terms.from,
                to: terms.to.as_ref().map(|(id, _)| *id),
                to_mpn_id: terms.to.as_ref().map(|(_, choice)| choice.mpn_id.to_string()),
                what: terms.what,
                error_policy: input.error_policy,
                applied_at: None,
            };
            moves::create(conn, &moved)?;
            Ok((run_id, MoveRequest { moved, mode, filter: filter.clone() }))
        },
    )?;
    Ok(Queued { run_id, request })
}

/// What the input names.
struct Terms {
    from: PartnerKey,
    to: Option<(PartnerKey, partnergraph_domain::ResellerChoice)>,
    what: Vec<MovedPart>,
}

fn terms(conn: &mut Conn, provider_id: PartnerKey, input: &MoveResellerInput) -> Attempt<Terms> {
    // An operator moves for the provider, with what the provider sees.
    let scope = Scope::Partner { id: provider_id, partner_type: PartnerType::IndirectProvider };
    let mut what = input.what.clone();
    what.sort_unstable();
    what.dedup();
    if what.is_empty() {
        return Err(bad_input("Set what to move.", &["what"]).into());
    }
    let from = match input.from.key() {
        Some(key) => moves::loser(conn, &scope, provider_id, key)?,
        None => None,
    };
    let from = from.ok_or_else(|| not_found("partner", "from"))?;
    let to = match &input.to {
        MaybeUndefined::Undefined => {
            let message = "Set the reseller that gains, or null to leave nobody in the place of the reseller.";
            return Err(bad_input(message, &["to"]).into());
        }
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(lookup) => {
            let named = named_partner(conn, &scope, provider_id, lookup, "to")?;
            if named.id == Some(from) {
                return Err(bad_input("The two resellers are the same.", &["to"]).into());
            }
            match named.id {
                Some(id) => Some((id, named.choice)),
                None => {
                    let provider = facts::partner(conn, provider_id)?;
                    return Err(checks::moves_to(&provider, &what, &named.choice).into());
                }
            }
        }
    };
    Ok(Terms { from, to, what })
}
