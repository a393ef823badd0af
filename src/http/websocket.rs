//! `/graphql/ws`: graphql-transport-ws. Its operations pass the same gate as those over HTTP.

use async_graphql::futures_util::StreamExt;
use async_graphql::futures_util::stream::{self, BoxStream};
use async_graphql::http::ALL_WEBSOCKET_PROTOCOLS;
use async_graphql::{Data, Executor, Request, Response as GraphqlResponse};
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::{State, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

use super::Server;
use crate::auth;
use crate::graphql::gate::{Gate, GateRequest};

/// The token of a connection, from its `connection_init`, else from the request that opened it.
struct Token(Option<String>);

pub(super) async fn serve(
    State(server): State<Server>,
    headers: HeaderMap,
    protocol: GraphQLProtocol,
    upgrade: WebSocketUpgrade,
) -> Response {
    let from_header = headers
        .get(axum::http::header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(auth::bearer)
        .map(str::to_owned);
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        GraphQLWebSocket::new(socket, Executing(server.gate), protocol)
            .on_connection_init(move |payload: Value| async move {
                let named = ["Authorization", "authorization"].iter().find_map(|name| payload.get(name)?.as_str());
                let token = named.and_then(auth::bearer).map(str::to_owned).or(from_header);
                let mut data = Data::default();
                data.insert(Token(token));
                Ok(data)
            })
            .serve()
            .await;
    })
}

/// The gate as async-graphql's protocol code calls it.
#[derive(Clone)]
struct Executing(Gate);

impl Executing {
    async fn one(&self, request: Request, token: Option<String>) -> GraphqlResponse {
        self.0
            .execute(GateRequest {
                query: request.query,
                operation_name: request.operation_name,
                variables: request.variables,
                token,
                request_id: Uuid::now_v7().to_string(),
                safe_only: false,
            })
            .await
    }
}

impl Executor for Executing {
    async fn execute(&self, request: Request) -> GraphqlResponse {
        self.one(request, None).await
    }

    fn execute_stream(
        &self,
        request: Request,
        session: Option<std::sync::Arc<Data>>,
    ) -> BoxStream<'static, GraphqlResponse> {
        let executing = self.clone();
        let token = session.as_ref().and_then(|data| {
            let token = data.get(&std::any::TypeId::of::<Token>())?.downcast_ref::<Token>()?;
            token.0.clone()
        });
        stream::once(async move { executing.one(request, token).await }).boxed()
    }
}
