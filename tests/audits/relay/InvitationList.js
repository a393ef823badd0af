// The invitations; one is added and one is removed.

import { graphql } from "./artifact.js";

export const query = graphql`
  query InvitationListQuery {
    ...InvitationList_query
  }
`;

export const list = graphql`
  fragment InvitationList_query on Query
  @refetchable(queryName: "InvitationListPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
    invitations(first: $count, after: $cursor) @connection(key: "InvitationList_invitations") {
      __id
      edges {
        node {
          id
          state
          recipient
        }
      }
    }
  }
`;

export const invite = graphql`
  mutation InvitationListInviteMutation($input: InviteCustomerInput!, $connections: [ID!]!) {
    inviteCustomer(input: $input) {
      invitation @appendNode(connections: $connections, edgeTypeName: "InvitationEdge") {
        id
        state
        recipient
      }
      userErrors {
        code
        field
      }
    }
  }
`;

export const check = graphql`
  mutation InvitationListCheckMutation($input: InviteCustomerInput!) {
    inviteCustomer(input: $input) {
      invitation {
        id
      }
      userErrors {
        code
        field
      }
    }
  }
`;

export const revoke = graphql`
  mutation InvitationListRevokeMutation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      invitation {
        id @deleteRecord
      }
      userErrors {
        code
        field
      }
    }
  }
`;
