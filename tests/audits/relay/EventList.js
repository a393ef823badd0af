// Past events and live events.

import { graphql } from "./artifact.js";

export const query = graphql`
  query EventListQuery {
    ...EventList_query
  }
`;

export const list = graphql`
  fragment EventList_query on Query
  @refetchable(queryName: "EventListPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    auditEvents(first: $count, after: $cursor) @connection(key: "EventList_auditEvents") {
      __id
      edges {
        node {
          id
          operationType
          partner {
            id
            name
          }
        }
      }
    }
  }
`;

export const events = graphql`
  subscription EventListSubscription($after: ID, $connections: [ID!]!) {
    relationshipEvents(after: $after) @prependNode(connections: $connections, edgeTypeName: "AuditRecordEdge") {
      id
      operationType
      partner {
        id
        name
      }
    }
  }
`;
