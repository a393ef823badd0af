// graphql-eslint's rules for the schema and for the documents of docs/operations, with every exception and its reason.

import graphql from "@graphql-eslint/eslint-plugin";

const root = new URL("../../", import.meta.url).pathname;
export const SCHEMA = "schema.graphql";
export const DOCUMENTS = "docs/operations/*.graphql";

const known = {
  plugins: { "@graphql-eslint": graphql },
  languageOptions: {
    parser: graphql.parser,
    parserOptions: { graphQLConfig: { schema: root + SCHEMA, documents: root + DOCUMENTS } },
  },
};

/** Types without an id: they are read as a part of another object, and change with it. */
const PARTS = {
  "of a customer": ["Agreement", "AgreementContact", "CustomerAssociation", "CustomerBillingProfile", "CustomerPartner", "CustomerPartnerRight", "CustomerRelationshipRemaining"],
  "of a grant": ["DelegatedAdmin", "DelegatedAdminCustomer"],
  "of an audit record": ["FieldChange"],
  "of an import run": [
    ...["ImportAbsent", "ImportChange", "ImportControl", "ImportCounts", "ImportFile", "ImportIssue"],
    ...["ImportProgress", "ImportRows", "ImportSubtotal", "ResellerMove", "ResellerMoveRefusal"],
  ],
  "of a change request": ["ChangeRequestLine"],
  "of an order": ["OrderLine", "OrderReview", "OrderReviewLine"],
  "of a partner": [
    ...["PartnerAddress", "PartnerContact", "PartnerReview", "PartnerStatus", "PartnerSupport", "PartnershipRemaining"],
    ...["RemovalRepresentation", "ResellerListing", "ReviewPlaceholder"],
  ],
  "of a subscription": ["PartnerOfRecordPeriod", "PartnerOfRecordSource", "SalesLink", "SupportContact"],
  "of a response, computed for the caller": [
    ...["Action", "ActionVerdict"],
    ...["CustomerCredentials", "EligibilityVerdict", "EmailDraft", "InvitingPartner", "PageInfo", "ReceivedInvitation"],
    ...["RelationshipGraph", "SalesEligibility", "UserError", "Viewer"],
  ],
  "of another system, whose key is the MPN ID": ["MpnProfile"],
};

/** A generated file cannot contain ESLint comments, so these lines of it are exempt: each with the rule, the lines and the reason. */
const LET_OFF = [
  ["no-typename-prefix", /^(entitlementId|orderNumber|userPrincipalName):/, "Partner Center's names"],
  ["no-typename-prefix", /^orderedBy:/, "here `ordered` is a separate word"],
  ["relay-edge-types", /^type (ImportChange|ImportIssue)Edge /, "they are the lines of a report, and paged only because there can be many"],
  ["relay-edge-types", /^type MpnProfileEdge /, "MPN profiles belong to another system, and their key is the MPN ID"],
];

/** Front ends use these documents as they are; they omit the id if they only show a name. */
const WITHOUT_IDS = [
  ...["AcceptInvitation", "AcceptPartnerAgreement", "AcceptPartnership", "AddCustomer", "AssignSupportContact", "AssignSupportContacts"],
  ...["AssociateReseller", "AssociateResellers", "AuditEvents", "ChangeRequests", "ClearSupportContact", "ConfirmCustomerAgreement"],
  ...["ConfirmCustomerAgreements", "Customer", "DecideChange", "DelegatedAdminGrants"],
  ...["DissociateReseller", "DissociateResellers", "FormerCustomers", "FormerPartnerships", "GrantTenantOwner", "IndirectProviders", "IndirectResellers"],
  ...["MyDirectoryProfile", "Orders"],
  ...["PartnerOfRecordHistory", "PartnerReview", "RecordRenegotiation", "RelationshipEvents", "RemoveCustomerRelationship", "RemovePartnership"],
  ...["RemoveProviderAdminAccess", "RequestChange", "ReviewPartner", "SubmitOrder", "Subscriptions", "UpdatePartnership", "UpdateSubscription", "UpdateUserRoles"],
  ...["UpgradeSubscription", "VerifyPrimaryContact", "Viewer"],
];

/** The same for names: here "subscription" is a customer's purchase, not an operation. */
const NAMED_AFTER_SUBSCRIPTIONS = ["Subscriptions", "UpdateSubscription", "UpgradeSubscription"];

const documents = (names) => names.map((name) => `docs/operations/${name}.graphql`);

let lines = [];
const isLetOff = ({ ruleId, line }, [rule, pattern]) => ruleId === `@graphql-eslint/${rule}` && pattern.test(lines[line - 1]);
const lettingOff = {
  preprocess(text) {
    lines = text.split("\n").map((line) => line.trim());
    return [text];
  },
  postprocess([messages]) {
    const unused = LET_OFF.filter((one) => !messages.some((message) => isLetOff(message, one)));
    return [
      ...messages.filter((message) => !LET_OFF.some((one) => isLetOff(message, one))),
      ...unused.map(([rule, pattern]) => ({ ruleId: rule, severity: 2, line: 1, column: 1, message: `the exception ${pattern} is not needed` })),
    ];
  },
};

export default [
  {
    ...known,
    files: [SCHEMA],
    processor: lettingOff,
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // The program prints the schema: descriptions on one line if they fit, else as a block.
      "@graphql-eslint/description-style": "off",
      // Connections have `nodes` in addition to `edges`, and short lists that are never paged are plain lists with a @listSize.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      // Pages, payloads and results of items are only parts of a response, as are the parts of other objects.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        { exceptions: { suffixes: ["Connection", "Edge", "Payload", "Result"], types: Object.values(PARTS).flat() } },
      ],
    },
  },
  { ...known, files: [DOCUMENTS], rules: graphql.configs["flat/operations-recommended"].rules },
  { files: documents(WITHOUT_IDS), rules: { "@graphql-eslint/require-selections": "off" } },
  { files: documents(NAMED_AFTER_SUBSCRIPTIONS), rules: { "@graphql-eslint/naming-convention": "off" } },
];
