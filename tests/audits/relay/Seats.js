// A change of the seats of a subscription.

import { graphql } from "./artifact.js";

export const change = graphql`
  mutation SeatsChangeMutation($input: UpdateSubscriptionInput!) {
    updateSubscription(input: $input) {
      customerSubscription {
        id
        quantity
        version
      }
      userErrors {
        code
        message
        field
        rule
      }
    }
  }
`;
