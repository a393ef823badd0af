// A list of customers, page after page.

import { graphql } from "./artifact.js";

export const query = graphql`
  query CustomerListQuery($count: Int!, $filter: CustomerFilter) {
    ...CustomerList_query @arguments(count: $count, filter: $filter)
  }
`;

export const list = graphql`
  fragment CustomerList_query on Query
  @refetchable(queryName: "CustomerListPaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "String" }, filter: { type: "CustomerFilter" }) {
    customers(first: $count, after: $cursor, filter: $filter, orderBy: [{ field: COMPANY_NAME, direction: ASC }])
      @connection(key: "CustomerList_customers", filters: ["filter"]) {
      totalCount
      edges {
        node {
          id
          ...CustomerRow_customer
        }
      }
    }
  }
`;
