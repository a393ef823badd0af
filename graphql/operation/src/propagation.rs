//! Error propagation as required by section 6.4.4 of the specification: a field that fails is null, its parent is null only if
//! the field cannot be null, and the error contains the path of the field that failed.
//!
//! The pinned version of the library sets the parent of any failing field to null, and below lists it drops the end of the
//! path. [`Propagation`] corrects both. Because it slows down every field, queries run without it first ([`is_reported_correctly`]).

use std::iter;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextResolve, ResolveInfo};
use async_graphql::{PathSegment, QueryPathSegment, Response, ServerError, ServerResult, Value, async_trait};

/// The error that the library propagates in place of a failure that has already been recorded. It never leaves the server.
const NOTED: &str = "the failure of a nested field was recorded";

/// The recorded failures of one operation.
#[derive(Debug, Clone, Default)]
pub struct Failures(Arc<Mutex<Vec<ServerError>>>);

impl Failures {
    fn note(&self, error: ServerError) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(error);
    }

    /// Adds the recorded failures to the response.
    pub fn add_to(&self, response: &mut Response) {
        response.errors.retain(|error| error.message != NOTED);
        response.errors.append(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The extension. A request to a schema with this extension must carry [`Failures`] as data.
#[derive(Debug, Clone, Copy)]
pub struct Propagation;

impl ExtensionFactory for Propagation {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait::async_trait]
impl Extension for Propagation {
    async fn resolve(
        &self,
        ctx: &ExtensionContext<'_>,
        info: ResolveInfo<'_>,
        next: NextResolve<'_>,
    ) -> ServerResult<Option<Value>> {
        let (is_nullable, path_node) = (!info.return_type.ends_with('!'), info.path_node);
        let error = match next.run(ctx, info).await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        if error.message != NOTED {
            let mut path: Vec<PathSegment> =
                iter::once(path_node).chain(path_node.parents()).map(|node| segment(&node.segment)).collect();
            path.reverse();
            ctx.data_unchecked::<Failures>().note(ServerError { path, ..error });
        }
        if is_nullable { Ok(Some(Value::Null)) } else { Err(ServerError::new(NOTED, None)) }
    }
}

fn segment(segment: &QueryPathSegment<'_>) -> PathSegment {
    match segment {
        QueryPathSegment::Name(name) => PathSegment::Field((*name).to_owned()),
        QueryPathSegment::Index(index) => PathSegment::Index(*index),
    }
}

/// Whether every error in a response that was made without the extension concerns a field that is null itself. For any other
/// error, too much may have been set to null, or part of the path may be missing.
#[must_use]
pub fn is_reported_correctly(response: &Response) -> bool {
    response.errors.iter().all(|error| {
        let mut value = Some(&response.data);
        for segment in &error.path {
            value = match (segment, value) {
                (PathSegment::Field(name), Some(Value::Object(members))) => members.get(name.as_str()),
                (PathSegment::Index(index), Some(Value::List(items))) => items.get(*index),
                _ => None,
            };
        }
        error.path.is_empty() || value == Some(&Value::Null) && matches!(error.path.last(), Some(PathSegment::Field(_)))
    })
}
