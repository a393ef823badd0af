// A customer and its subscriptions, which are paged from the end, and a customer by its global id only.

import { graphql } from "./artifact.js";

export const row = graphql`
  fragment CustomerRow_customer on Customer
  @refetchable(queryName: "CustomerRowRefetchQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
    id
    companyName
    version
    subscriptions(last: $count, before: $cursor) @connection(key: "CustomerRow_subscriptions") {
      edges {
        node {
          id
          quantity
          version
          provider {
            id
            name
          }
        }
      }
    }
  }
`;

export const byId = graphql`
  query CustomerRowQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Customer {
        companyName
      }
      ... on CustomerSubscription {
        quantity
      }
    }
  }
`;
