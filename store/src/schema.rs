//! The tables as diesel knows them: the same on both databases. A test compares them with the result of the migrations.
#![allow(missing_docs, unreachable_pub)]

diesel::table! {
    regions (code) {
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    markets (country) {
        country -> Text,
        region_code -> Text,
        name -> Text,
        currency -> Nullable<Text>,
    }
}

diesel::table! {
    tenants (tenant_id) {
        tenant_id -> Text,
        kind -> Text,
        default_domain -> Nullable<Text>,
        country -> Nullable<Text>,
        cloud -> Text,
        created_at -> Timestamp,
        customer_since -> Nullable<Timestamp>,
    }
}

diesel::table! {
    companies (id) {
        id -> BigInt,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    company_affiliations (company_a, company_b) {
        company_a -> BigInt,
        company_b -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    mpn_profiles (mpn_id) {
        mpn_id -> Text,
        kind -> Text,
        global_mpn_id -> Nullable<Text>,
        country -> Nullable<Text>,
        active -> Bool,
        in_partner_membership_center -> Bool,
        company -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    partners (id) {
        id -> BigInt,
        tenant_id -> Nullable<Text>,
        company_id -> Nullable<BigInt>,
        partner_type -> Text,
        name -> Text,
        name_key -> Text,
        name_sort -> Text,
        country -> Nullable<Text>,
        cloud -> Text,
        mpn_id -> Nullable<Text>,
        global_mpn_id -> Nullable<Text>,
        capabilities -> Text,
        onboarded -> Bool,
        enrolled -> Bool,
        vetting_status -> Text,
        vetting_sub_status -> Text,
        address_line1 -> Nullable<Text>,
        city -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        contact_first_name -> Nullable<Text>,
        contact_last_name -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        support_email -> Nullable<Text>,
        support_telephone -> Nullable<Text>,
        support_website -> Nullable<Text>,
        created_by_run -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    directory_entries (partner_id) {
        partner_id -> BigInt,
        services -> Text,
        programs -> Text,
        support_level -> Nullable<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        tenant_id -> Nullable<Text>,
        partner_id -> Nullable<BigInt>,
        organization -> Text,
        user_principal_name -> Text,
        upn_key -> Text,
        display_name -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    user_roles (user_id, role) {
        user_id -> BigInt,
        role -> Text,
    }
}

diesel::table! {
    access_tokens (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        roles -> Text,
        created_at -> Timestamp,
        expires_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    partnerships (id) {
        id -> BigInt,
        provider_id -> BigInt,
        reseller_id -> BigInt,
        state -> Text,
        provider_admin_access -> Bool,
        requested_at -> Nullable<Timestamp>,
        accepted_at -> Nullable<Timestamp>,
        removed_at -> Nullable<Timestamp>,
        removal_channel -> Nullable<Text>,
        removal_ticket -> Nullable<Text>,
        representation -> Nullable<Text>,
        created_by_run -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        label -> Nullable<Text>,
        auto_approve -> Text,
        auto_approve_by -> Nullable<Text>,
        auto_approve_user -> Nullable<BigInt>,
        auto_approve_roles -> Nullable<Text>,
    }
}

diesel::table! {
    change_requests (id) {
        id -> BigInt,
        kind -> Text,
        state -> Text,
        seller_id -> BigInt,
        reseller_id -> BigInt,
        customer_id -> BigInt,
        subscription_pk -> Nullable<BigInt>,
        quantity -> Nullable<BigInt>,
        auto_renew_enabled -> Nullable<Bool>,
        to_offer_id -> Nullable<Text>,
        to_offer_name -> Nullable<Text>,
        if_version -> Nullable<BigInt>,
        note -> Nullable<Text>,
        requested_by -> Text,
        requested_at -> Timestamp,
        expires_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decision_note -> Nullable<Text>,
        is_automatic -> Bool,
        withdrawn_at -> Nullable<Timestamp>,
        order_id -> Nullable<BigInt>,
        version -> BigInt,
    }
}

diesel::table! {
    change_request_lines (request_id, line_number) {
        request_id -> BigInt,
        line_number -> BigInt,
        offer_id -> Text,
        offer_name -> Text,
        quantity -> Nullable<BigInt>,
        billing_type -> Nullable<Text>,
        billing_cycle -> Nullable<Text>,
        term_duration -> Nullable<Text>,
        auto_renew_enabled -> Nullable<Bool>,
        friendly_name -> Nullable<Text>,
        publisher_name -> Nullable<Text>,
        is_through_requester -> Bool,
        is_supported_by_requester -> Bool,
    }
}

diesel::table! {
    customers (id) {
        id -> BigInt,
        tenant_id -> Text,
        company_name -> Nullable<Text>,
        domain -> Nullable<Text>,
        country -> Nullable<Text>,
        internal_use_of -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        name_key -> Nullable<Text>,
        name_sort -> Nullable<Text>,
        domain_key -> Nullable<Text>,
    }
}

diesel::table! {
    customer_records (id) {
        id -> BigInt,
        partner_id -> BigInt,
        customer_id -> BigInt,
        company_name -> Nullable<Text>,
        name_key -> Text,
        name_sort -> Text,
        domain -> Nullable<Text>,
        domain_key -> Nullable<Text>,
        country -> Nullable<Text>,
        tags -> Text,
        custom_domains -> Text,
        associated_partner_id -> Nullable<Text>,
        acquisition -> Nullable<Text>,
        new_business_blocked -> Nullable<Text>,
        created_by_run -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    reseller_relationships (id) {
        id -> BigInt,
        partner_id -> BigInt,
        customer_id -> BigInt,
        relationship_to_partner -> Text,
        since -> Timestamp,
        removed_at -> Nullable<Timestamp>,
        representation -> Nullable<Text>,
        renegotiated_at -> Nullable<Timestamp>,
        created_by_run -> Nullable<BigInt>,
    }
}

diesel::table! {
    delegated_admin_grants (id) {
        id -> BigInt,
        partner_id -> BigInt,
        customer_id -> BigInt,
        kind -> Text,
        external_id -> Text,
        scope -> Nullable<Text>,
        granted_at -> Timestamp,
        end_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
        last_sign_in_at -> Nullable<Timestamp>,
        partner_agent_count -> Nullable<BigInt>,
        partner_sign_in_count -> Nullable<BigInt>,
        global_admin_sign_in_count -> Nullable<BigInt>,
        created_by_run -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    customer_associations (id) {
        id -> BigInt,
        provider_id -> BigInt,
        customer_id -> BigInt,
        reseller_id -> BigInt,
        since -> Timestamp,
        tenant_owner -> Bool,
        removed_at -> Nullable<Timestamp>,
        created_by_run -> Nullable<BigInt>,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> BigInt,
        subscription_id -> Text,
        seller_id -> BigInt,
        customer_id -> BigInt,
        reseller_id -> Nullable<BigInt>,
        support_contact_id -> Nullable<BigInt>,
        offer_id -> Nullable<Text>,
        offer_name -> Nullable<Text>,
        friendly_name -> Nullable<Text>,
        offer_name_key -> Nullable<Text>,
        name_sort -> Text,
        quantity -> Nullable<BigInt>,
        unit_type -> Nullable<Text>,
        status -> Text,
        billing_type -> Text,
        billing_cycle -> Text,
        term_duration -> Nullable<Text>,
        auto_renew_enabled -> Nullable<Bool>,
        creation_date -> Nullable<Timestamp>,
        effective_start_date -> Nullable<Date>,
        commitment_end_date -> Nullable<Date>,
        order_id -> Nullable<Text>,
        parent_subscription_id -> Nullable<Text>,
        is_trial -> Bool,
        partner_of_record_fixed -> Bool,
        publisher_name -> Nullable<Text>,
        product_type -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        removed_at -> Nullable<Timestamp>,
    }
}

// The same table, with who set its partner of record. diesel's compile time triples if a table can have more than 32 columns.
diesel::table! {
    #[sql_name = "subscriptions"]
    partners_of_record (id) {
        id -> BigInt,
        reseller_id -> Nullable<BigInt>,
        partner_of_record_since -> Nullable<Timestamp>,
        partner_of_record_run -> Nullable<BigInt>,
        partner_of_record_by -> Nullable<Text>,
        created_by_run -> Nullable<BigInt>,
    }
}

diesel::table! {
    partner_of_record_history (id) {
        id -> BigInt,
        subscription_pk -> BigInt,
        reseller_id -> BigInt,
        valid_from -> Nullable<Timestamp>,
        valid_to -> Timestamp,
        run_id -> Nullable<BigInt>,
        set_by -> Nullable<Text>,
    }
}

diesel::table! {
    partner_of_record_edits (subscription_pk, at) {
        subscription_pk -> BigInt,
        at -> Timestamp,
        reseller_id -> Nullable<BigInt>,
        set_by -> Text,
        run_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    entitlements (id) {
        id -> BigInt,
        subscription_pk -> BigInt,
        entitlement_id -> Text,
        description -> Nullable<Text>,
        reseller_id -> Nullable<BigInt>,
        created_by_run -> Nullable<BigInt>,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    orders (id) {
        id -> BigInt,
        order_number -> Text,
        seller_id -> BigInt,
        customer_id -> BigInt,
        channel -> Text,
        ordered_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    order_lines (order_id, line_number) {
        order_id -> BigInt,
        line_number -> BigInt,
        subscription_pk -> Nullable<BigInt>,
        offer_id -> Text,
        offer_name -> Nullable<Text>,
        quantity -> Nullable<BigInt>,
        reseller_id -> Nullable<BigInt>,
        support_contact_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    order_reviews (id) {
        id -> BigInt,
        token_hash -> Text,
        partner_id -> BigInt,
        input_hash -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        cancelled_at -> Nullable<Timestamp>,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        kind -> Text,
        partner_id -> BigInt,
        joint_provider_id -> Nullable<BigInt>,
        invited_partner_id -> Nullable<BigInt>,
        customer_id -> Nullable<BigInt>,
        recipient -> Text,
        country -> Nullable<Text>,
        cloud -> Text,
        delegated_admin -> Bool,
        provider_delegated_admin -> Bool,
        message -> Text,
        token_hash -> Text,
        state -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        done_at -> Nullable<Timestamp>,
        accepted_at -> Nullable<Timestamp>,
        accepted_by -> Nullable<Text>,
        revoked_at -> Nullable<Timestamp>,
        version -> BigInt,
        answered_by_tenant -> Nullable<Text>,
        declined_at -> Nullable<Timestamp>,
        invited_tenant_id -> Nullable<Text>,
        reseller_id -> Nullable<BigInt>,
        internal_use_of_mpn_id -> Nullable<Text>,
    }
}

diesel::table! {
    partner_agreements (id) {
        id -> BigInt,
        partner_id -> BigInt,
        accepted_by -> Text,
        accepted_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    customer_agreements (id) {
        id -> BigInt,
        customer_id -> BigInt,
        partner_id -> BigInt,
        evidence -> Text,
        accepted_at -> Nullable<Timestamp>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        recorded_by -> Nullable<Text>,
        recorded_at -> Timestamp,
        run_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_events (id) {
        id -> BigInt,
        operation_type -> Text,
        operation_status -> Text,
        operation_date -> Timestamp,
        user_principal_name -> Text,
        actor_partner_id -> Nullable<BigInt>,
        actor_customer_id -> Nullable<BigInt>,
        customer_id -> Nullable<BigInt>,
        partner_id -> Nullable<BigInt>,
        subscription_pk -> Nullable<BigInt>,
        run_id -> Nullable<BigInt>,
        changes -> Text,
        partnership_id -> Nullable<BigInt>,
        invitation_id -> Nullable<BigInt>,
        change_request_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_event_viewers (viewer_partner_id, event_id) {
        viewer_partner_id -> BigInt,
        event_id -> BigInt,
        customer_name -> Nullable<Text>,
        customer_domain -> Nullable<Text>,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        kind -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        partner_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
        attempts -> BigInt,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    idempotency_keys (organization, key) {
        organization -> Text,
        key -> Text,
        operation -> Text,
        input_hash -> Text,
        answer -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    import_runs (id) {
        id -> BigInt,
        partner_id -> BigInt,
        started_by -> Text,
        mode -> Text,
        status -> Text,
        phase -> Text,
        rows_read -> BigInt,
        rows_total -> Nullable<BigInt>,
        options -> Text,
        report -> Nullable<Text>,
        issues_total -> BigInt,
        changes_total -> BigInt,
        error_code -> Nullable<Text>,
        error_message -> Nullable<Text>,
        created_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_uploads (id) {
        id -> Text,
        partner_id -> Nullable<BigInt>,
        name -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        uploaded_by -> Text,
        created_at -> Timestamp,
        run_id -> Nullable<BigInt>,
        removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_upload_chunks (upload_id, ordinal) {
        upload_id -> Text,
        ordinal -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    import_files (run_id, ordinal) {
        run_id -> BigInt,
        ordinal -> BigInt,
        name -> Text,
        upload_id -> Nullable<Text>,
        profile -> Nullable<Text>,
        source -> Nullable<Text>,
        encoding -> Nullable<Text>,
        delimiter -> Nullable<Text>,
        date_order -> Nullable<Text>,
        as_of -> Nullable<Timestamp>,
        sha256 -> Nullable<Text>,
        row_count -> Nullable<BigInt>,
        options -> Text,
    }
}

diesel::table! {
    import_issues (run_id, ordinal) {
        run_id -> BigInt,
        ordinal -> BigInt,
        severity -> Text,
        file -> BigInt,
        line -> BigInt,
        column_name -> Nullable<Text>,
        code -> Text,
        rule -> Nullable<Text>,
        message -> Text,
        hint -> Nullable<Text>,
        value -> Nullable<Text>,
    }
}

diesel::table! {
    import_changes (run_id, ordinal) {
        run_id -> BigInt,
        ordinal -> BigInt,
        entity -> Text,
        key -> Text,
        action -> Text,
        field -> Nullable<Text>,
        before -> Nullable<Text>,
        after -> Nullable<Text>,
        file -> Nullable<BigInt>,
        line -> Nullable<BigInt>,
        partner_id -> Nullable<BigInt>,
        record_id -> Nullable<BigInt>,
        tenant_id -> Nullable<Text>,
    }
}

diesel::table! {
    import_change_viewers (viewer_partner_id, record_id) {
        viewer_partner_id -> BigInt,
        record_id -> BigInt,
        customer_name -> Nullable<Text>,
        customer_domain -> Nullable<Text>,
    }
}

diesel::table! {
    import_absences (run_id, entity, key) {
        run_id -> BigInt,
        entity -> Text,
        key -> Text,
    }
}

diesel::table! {
    import_sources (id) {
        id -> BigInt,
        partner_id -> BigInt,
        name -> Text,
        created_at -> Timestamp,
        portal_family -> Text,
    }
}

diesel::table! {
    import_baselines (source_id, entity, entity_id) {
        source_id -> BigInt,
        entity -> Text,
        entity_id -> BigInt,
        as_of -> Timestamp,
        run_id -> BigInt,
        fields -> Text,
        absent_since_run -> Nullable<BigInt>,
    }
}

diesel::table! {
    import_plan_pieces (run_id, ordinal) {
        run_id -> BigInt,
        ordinal -> BigInt,
        bytes -> Binary,
    }
}

diesel::table! {
    import_agreements (id) {
        id -> BigInt,
        run_id -> BigInt,
        customer_id -> BigInt,
        evidence -> Text,
        accepted_at -> Nullable<Timestamp>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone_number -> Nullable<Text>,
    }
}

diesel::table! {
    reseller_moves (run_id) {
        run_id -> BigInt,
        from_id -> BigInt,
        to_id -> Nullable<BigInt>,
        to_mpn_id -> Nullable<Text>,
        what -> Text,
        error_policy -> Text,
        applied_at -> Nullable<Timestamp>,
        applied_by -> Nullable<Text>,
    }
}

diesel::table! {
    reseller_move_items (run_id, kind, entity_id) {
        run_id -> BigInt,
        ordinal -> BigInt,
        kind -> Text,
        entity_id -> BigInt,
        subscription_pk -> Nullable<BigInt>,
        customer_id -> BigInt,
        version -> BigInt,
        rule -> Nullable<Text>,
        refusal -> Nullable<Text>,
        moved_at -> Nullable<Timestamp>,
        reverted -> Bool,
        awaited_since -> Nullable<Timestamp>,
    }
}

diesel::table! {
    import_baselines_before (run_id, source_id, entity, entity_id) {
        run_id -> BigInt,
        source_id -> BigInt,
        entity -> Text,
        entity_id -> BigInt,
        as_of -> Timestamp,
        before_run_id -> BigInt,
        fields -> Text,
        absent_since_run -> Nullable<BigInt>,
    }
}

diesel::table! {
    reseller_customers (provider_id, reseller_id, customer_id) {
        provider_id -> BigInt,
        reseller_id -> BigInt,
        customer_id -> BigInt,
        name_sort -> Text,
        by_account -> Bool,
        subscription_count -> BigInt,
        license_count -> BigInt,
    }
}

diesel::table! {
    customer_views (viewer_id, customer_id) {
        viewer_id -> BigInt,
        customer_id -> BigInt,
        record_id -> BigInt,
        level -> BigInt,
        name_sort -> Text,
    }
}

diesel::table! {
    contact_verifications (id) {
        id -> BigInt,
        partner_id -> BigInt,
        recipient -> Text,
        token_hash -> Text,
        outbox_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        signed_up -> Nullable<Bool>,
        email_belongs_to_company -> Nullable<Bool>,
    }
}

diesel::table! {
    awaiting_invitation (reseller_id, customer_id) {
        reseller_id -> BigInt,
        customer_id -> BigInt,
        since -> Timestamp,
    }
}

diesel::table! {
    user_credentials (user_id) {
        user_id -> BigInt,
        password_hash -> Text,
        is_temporary -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    customer_billing_profiles (record_id) {
        record_id -> BigInt,
        email -> Text,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        phone_number -> Nullable<Text>,
        address_line1 -> Nullable<Text>,
        city -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        country -> Nullable<Text>,
        language -> Nullable<Text>,
        organization_registration_number -> Nullable<Text>,
    }
}

diesel::table! {
    reseller_statements (id) {
        id -> BigInt,
        provider_id -> BigInt,
        reseller_id -> BigInt,
        as_of -> Timestamp,
        name -> Nullable<Text>,
        name_key -> Nullable<Text>,
        name_sort -> Nullable<Text>,
        country -> Nullable<Text>,
        tenant_id -> Nullable<Text>,
        vetting_status -> Nullable<Text>,
        mpa_signed_on -> Nullable<Date>,
        run_id -> BigInt,
    }
}

diesel::joinable!(partners -> companies (company_id));
diesel::joinable!(users -> partners (partner_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(access_tokens -> users (user_id));
diesel::joinable!(customers -> partners (internal_use_of));
diesel::joinable!(customer_records -> partners (partner_id));
diesel::joinable!(customer_records -> customers (customer_id));
diesel::joinable!(reseller_relationships -> partners (partner_id));
diesel::joinable!(reseller_relationships -> customers (customer_id));
diesel::joinable!(delegated_admin_grants -> partners (partner_id));
diesel::joinable!(delegated_admin_grants -> customers (customer_id));
diesel::joinable!(customer_associations -> customers (customer_id));
diesel::joinable!(subscriptions -> customers (customer_id));
diesel::joinable!(partner_of_record_history -> subscriptions (subscription_pk));
diesel::joinable!(partner_of_record_history -> partners (reseller_id));
diesel::joinable!(entitlements -> subscriptions (subscription_pk));
diesel::joinable!(entitlements -> partners (reseller_id));
diesel::joinable!(orders -> partners (seller_id));
diesel::joinable!(orders -> customers (customer_id));
diesel::joinable!(order_lines -> orders (order_id));
diesel::joinable!(order_lines -> subscriptions (subscription_pk));
diesel::joinable!(order_reviews -> partners (partner_id));
diesel::joinable!(invitations -> customers (customer_id));
diesel::joinable!(partner_agreements -> partners (partner_id));
diesel::joinable!(customer_agreements -> partners (partner_id));
diesel::joinable!(customer_agreements -> customers (customer_id));
diesel::joinable!(customer_agreements -> import_runs (run_id));
diesel::joinable!(audit_event_viewers -> audit_events (event_id));
diesel::joinable!(outbox -> partners (partner_id));
diesel::joinable!(contact_verifications -> partners (partner_id));
diesel::joinable!(contact_verifications -> outbox (outbox_id));
diesel::joinable!(awaiting_invitation -> partners (reseller_id));
diesel::joinable!(awaiting_invitation -> customers (customer_id));
diesel::joinable!(user_credentials -> users (user_id));
diesel::joinable!(customer_billing_profiles -> customer_records (record_id));
diesel::joinable!(import_runs -> partners (partner_id));
diesel::joinable!(import_uploads -> partners (partner_id));
diesel::joinable!(import_upload_chunks -> import_uploads (upload_id));
diesel::joinable!(import_files -> import_runs (run_id));
diesel::joinable!(import_issues -> import_runs (run_id));
diesel::joinable!(import_changes -> import_runs (run_id));
diesel::joinable!(import_absences -> import_runs (run_id));
diesel::joinable!(import_sources -> partners (partner_id));
diesel::joinable!(import_baselines -> import_sources (source_id));
diesel::joinable!(import_plan_pieces -> import_runs (run_id));
diesel::joinable!(import_baselines_before -> import_runs (run_id));
diesel::joinable!(import_agreements -> import_runs (run_id));
diesel::joinable!(import_agreements -> customers (customer_id));
diesel::joinable!(reseller_statements -> import_runs (run_id));
diesel::joinable!(reseller_moves -> import_runs (run_id));
diesel::joinable!(reseller_move_items -> import_runs (run_id));

diesel::allow_tables_to_appear_in_same_query!(
    regions,
    markets,
    tenants,
    companies,
    company_affiliations,
    mpn_profiles,
    partners,
    users,
    user_roles,
    access_tokens,
    partnerships,
    change_requests,
    change_request_lines,
    customers,
    customer_records,
    reseller_relationships,
    delegated_admin_grants,
    customer_associations,
    subscriptions,
    partner_of_record_history,
    partner_of_record_edits,
    entitlements,
    orders,
    order_lines,
    order_reviews,
    invitations,
    partner_agreements,
    customer_agreements,
    audit_events,
    audit_event_viewers,
    outbox,
    idempotency_keys,
    import_runs,
    import_uploads,
    import_upload_chunks,
    import_files,
    import_issues,
    import_change_viewers,
    import_changes,
    import_absences,
    import_sources,
    import_baselines,
    import_plan_pieces,
    import_baselines_before,
    import_agreements,
    reseller_statements,
    reseller_moves,
    reseller_move_items,
    reseller_customers,
    customer_views,
    contact_verifications,
    awaiting_invitation,
    user_credentials,
    customer_billing_profiles,
);
