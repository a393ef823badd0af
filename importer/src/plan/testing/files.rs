//! Hand-written files, read as in an import.

use chrono::NaiveDateTime;
use partnergraph_domain::PartnerType;

use super::{day, subscription, tenant};
use crate::decode::Input;
use crate::intake::{Collector, Intake};
use crate::read::{self, ReadOptions};

/// A file: its text, its date, and its customer if the format does not name it.
#[derive(Clone, Debug)]
pub(crate) struct TestFile {
    pub(crate) text: String,
    pub(crate) as_of: NaiveDateTime,
    pub(crate) customer: Option<u32>,
    pub(crate) source: &'static str,
}

fn file(header: &str, lines: &[String]) -> TestFile {
    let text = format!("{header}\n{}\n", lines.join("\n"));
    TestFile { text, as_of: day(6, 1), customer: None, source: "portal" }
}

/// Lines of an invoice: customer, subscription, seats, reseller; ordered on the given day of June.
pub(crate) fn charges(lines: &[(u32, u32, u32, &str, u32)]) -> TestFile {
    let lines: Vec<String> = lines
        .iter()
        .map(|(customer, id, seats, reseller, on)| {
            let (tenant, id) = (tenant(*customer), subscription(*id));
            format!("{tenant},Firm {customer},firm{customer}.example,PL,{id},new,{seats},2024-06-{on:02},R{on},10,EUR,{reseller}")
        })
        .collect();
    file(
        "CustomerId,CustomerName,CustomerDomainName,CustomerCountry,SubscriptionId,ChargeType,BillableQuantity,OrderDate,\
         ReferenceId,Subtotal,Currency,ResellerMpnId",
        &lines,
    )
}

/// A customer list: tenant, name, domain.
pub(crate) fn list(lines: &[(u32, &str, &str)]) -> TestFile {
    let lines: Vec<String> =
        lines.iter().map(|(n, name, domain)| format!("{},{name},{domain},Cloud Reseller", tenant(*n))).collect();
    file("Microsoft ID,Company name,Primary domain name,Relationship", &lines)
}

/// All subscriptions of one customer: seats.
pub(crate) fn subscriptions_of(customer: u32, lines: &[(u32, u32)]) -> TestFile {
    let lines: Vec<String> =
        lines.iter().map(|(id, seats)| format!("{},Basic,{seats},Active,", subscription(*id))).collect();
    TestFile { customer: Some(customer), ..file("Subscription ID,Subscription,Quantity,Status,Reseller", &lines) }
}

/// A granular relationship with a customer, changed on 2 June and ending on 20 December.
pub(crate) fn relationship(customer: u32, name: &str, status: &str) -> TestFile {
    let line = format!(
        "rel-1,x,Support,{},{name},{},P730D,{status},01/01/2024 00:00:00,01/01/2024 00:00,06/02/2024 00:00,12/20/2024 00:00,v1",
        tenant(900),
        tenant(customer)
    );
    let header = "Id,CustomerDelegatedAdminRelationshipId,DisplayName,TenantId,DisplayName,TenantId,Duration,Status,\
                  CreatedDateTime,ActivatedDateTime,LastModifiedDateTime,EndDateTime,VersionStamp";
    file(header, &[line])
}

/// Reads files as in an import.
pub(crate) fn intake(files: &[TestFile]) -> Intake {
    let mut collector = Collector::new(PartnerType::IndirectProvider).unwrap();
    let mut taken = Vec::new();
    for (number, file) in (0..).zip(files) {
        let customer = file.customer.map(|n| tenant(n).parse().unwrap());
        let options = ReadOptions {
            as_of: Some(file.as_of.date()),
            source: Some(file.source.to_owned()),
            customer,
            ..ReadOptions::new(day(7, 1))
        };
        let input = Input::bytes("test.csv", file.text.clone().into_bytes());
        let mut opened = read::open(input, number, &options).unwrap();
        collector.begin(number, &opened).unwrap();
        opened.records(|batch| batch.records.into_iter().try_for_each(|parsed| collector.take(parsed))).unwrap();
        taken.push(collector.end(opened, customer));
    }
    collector.finish(taken).unwrap()
}
