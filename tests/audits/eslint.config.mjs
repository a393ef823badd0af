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

/** What is found nowhere by an id of its own: it is read where it hangs, and changes with that. */
const PARTS = {
  "of a customer": ["Agreement", "CustomerAssociation", "CustomerBillingProfile", "CustomerPartner", "CustomerPartnerRight"],
  "of a grant": ["DelegatedAdmin", "DelegatedAdminCustomer"],
  "of a record of the history": ["FieldChange"],
  "of an import run": [
    ...["ImportAbsent", "ImportChange", "ImportControl", "ImportCounts", "ImportFile", "ImportIssue"],
    ...["ImportProgress", "ImportRows", "ImportSubtotal"],
  ],
  "of an order": ["OrderLine", "OrderReview", "OrderReviewLine"],
  "of a partner": ["PartnerAddress", "PartnerContact", "PartnerStatus", "PartnerSupport", "PartnershipRemaining"],
  "of a subscription": ["PartnerOfRecordPeriod", "PartnerOfRecordSource", "SalesLink", "SupportContact"],
  "of an answer, computed for the caller": [
    ...["CustomerCredentials", "EligibilityVerdict", "EmailDraft", "PageInfo", "RelationshipGraph", "SalesEligibility"],
    ...["UserError", "Viewer"],
  ],
  "of the register, which is another system's: its key is the MPN ID": ["MpnProfile"],
};

/** ESLint has no comments in a file that a program writes, so these lines of it are let off: each a rule, the lines, and why. */
const LET_OFF = [
  ["no-typename-prefix", /^(entitlementId|orderNumber|userPrincipalName):/, "Partner Center calls them so"],
  ["no-typename-prefix", /^orderedBy:/, "here `ordered` is a word of its own"],
  ["relay-edge-types", /^type (ImportChange|ImportIssue)Edge /, "they are the lines of a report, paged only since there may be many"],
  ["relay-edge-types", /^type MpnProfileEdge /, "the register is another system's, and its key the MPN ID"],
];

/** Front ends use these documents as they stand; they leave the id out where they show no more than a name. */
const WITHOUT_IDS = [
  ...["AcceptInvitation", "AcceptPartnerAgreement", "AcceptPartnership", "AddCustomer", "AssignSupportContact"],
  ...["AssociateReseller", "AssociateResellers", "AuditEvents", "ClearSupportContact", "Customer", "DelegatedAdminGrants"],
  ...["DissociateReseller", "GrantTenantOwner", "IndirectProviders", "IndirectResellers", "MyDirectoryProfile"],
  ...["PartnerOfRecordHistory", "RecordRenegotiation", "RelationshipEvents", "RemoveCustomerRelationship", "RemovePartnership"],
  ...["RemoveProviderAdminAccess", "ReviewPartner", "SubmitOrder", "Subscriptions", "UpdateSubscription", "UpdateUserRoles"],
  ...["UpgradeSubscription", "VerifyPrimaryContact", "Viewer"],
];

/** The same, for names: here "subscription" is what a customer has bought, not an operation. */
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
      ...unused.map(([rule, pattern]) => ({ ruleId: rule, severity: 2, line: 1, column: 1, message: `nothing to let off at ${pattern}` })),
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
      // The program prints the schema: one line where a description fits, a block where it does not.
      "@graphql-eslint/description-style": "off",
      // Connections have `nodes` beside `edges`, and what is short and never paged is a plain list with its @listSize.
      "@graphql-eslint/relay-edge-types": ["error", { listTypeCanWrapOnlyEdgeType: false }],
      // Pages, payloads and results of items are places in an answer, and so are the parts of other things.
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
