//! Generates charge lines from events, in the format of the new-commerce reconciliation files.

use chrono::NaiveDate;

use super::catalog::{AZURE_PLAN, METERS, Meter, Product};
use super::customers::Customer;
use super::life::{Cause, Event, Kind, Plan, Subscription};
use super::partners::{PROVIDER, RESELLERS};
use super::record::Record;
use super::world::Purchase;
use crate::random::Random;

/// A generation of the file format: how it writes dates and a missing reseller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// The column order of the 2022 documentation; dates as an American spreadsheet writes them.
    Documented2022,
    /// The columns of an invoice tool; ISO dates, and MPN IDs are numbers, so 0 means none.
    InvoiceTool,
}

impl Generation {
    fn day(self, on: NaiveDate) -> String {
        match self {
            Self::Documented2022 => on.format("%-m/%-d/%Y").to_string(),
            Self::InvoiceTool => on.format("%Y-%m-%dT00:00:00").to_string(),
        }
    }

    fn first_moment(self, on: NaiveDate) -> String {
        match self {
            Self::Documented2022 => on.format("%-m/%-d/%Y 0:00").to_string(),
            Self::InvoiceTool => self.day(on),
        }
    }

    fn last_moment(self, on: NaiveDate) -> String {
        match self {
            Self::Documented2022 => on.format("%-m/%-d/%Y 23:59").to_string(),
            Self::InvoiceTool => on.format("%Y-%m-%dT23:59:59").to_string(),
        }
    }

    fn reseller(self, reseller: Option<usize>) -> String {
        match (reseller, self) {
            (Some(reseller), _) => RESELLERS[reseller].mpn_id.to_string(),
            (None, Self::Documented2022) => String::new(),
            (None, Self::InvoiceTool) => "0".to_owned(),
        }
    }
}

/// Generates the lines of one month's file.
#[derive(Debug)]
pub(super) struct Charges<'a> {
    /// The format of the file.
    pub(super) generation: Generation,
    /// The file's month.
    pub(super) month: u32,
    /// Random values that no rule depends on: meters, alternate ids.
    pub(super) random: &'a mut Random,
}

impl Charges<'_> {
    /// The lines of an event.
    pub(super) fn lines(&mut self, subscription: &Subscription, event: &Event, customer: &Customer) -> Vec<Record> {
        let (before, after) = event.seats;
        let (was, is) = event.products;
        let rate = Rate { plan: subscription.plan, event, currency: customer.market.currency };
        let mut lines = Vec::new();
        let mut seat_line = |kind: Kind, charge_type: &str, seats: u32, cents: i64| {
            let mut line = self.about(subscription, event, customer);
            self.product(&mut line, kind);
            line.set("ChargeType", charge_type);
            self.amount(&mut line, seats, cents);
            lines.push(line);
        };
        match event.cause {
            Cause::New => seat_line(is, "new", after, rate.payment(is)),
            Cause::Renew => seat_line(is, "renew", after, rate.payment(is)),
            Cause::Cycle => seat_line(is, "cycleCharge", after, rate.payment(is)),
            Cause::Add | Cause::Remove => {
                let charge_type = if event.cause == Cause::Add { "addQuantity" } else { "removeQuantity" };
                seat_line(was, charge_type, before, -rate.rest(was));
                seat_line(is, charge_type, after, rate.rest(is));
            }
            Cause::Cancel => seat_line(was, "cancelImmediate", before, -rate.rest(was)),
            Cause::Convert => {
                if before > 0 {
                    seat_line(was, "convert", before, -rate.rest(was));
                }
                seat_line(is, "convert", after, rate.rest(is));
            }
            Cause::Credit => {
                seat_line(is, "customerCredit", 1, -rate.payment(is) * i64::from(before).min(3));
                lines[0].set("CreditReasonCode", "Service outage").set("ReferenceID", "");
            }
            Cause::Usage => return self.meters(subscription, event, customer),
        }
        self.repeat(&mut lines, event);
        lines
    }

    /// Repeats the lines, as when a payment is split by price or SKU, or sent twice.
    fn repeat(&mut self, lines: &mut Vec<Record>, event: &Event) {
        if event.repeats == 0 {
            return;
        }
        let mut again = lines[0].clone();
        match event.repeats {
            1 => {
                let cents = cents_of(again.get("UnitPrice")) * 9 / 10;
                let seats = again.get("Quantity").parse().expect("a line of seats");
                self.amount(&mut again, seats, cents);
                again.set("PriceAdjustmentDescription", "[\"10.0% Promotion\"]").set("PromotionID", "39NFVSQT1PJN");
            }
            2 => {
                again.set("SkuId", "000X");
            }
            _ => {}
        }
        lines.push(again);
    }

    /// The columns that all lines of a subscription share.
    fn about(&mut self, subscription: &Subscription, event: &Event, customer: &Customer) -> Record {
        let mut line = self.frame(customer);
        let reseller = event.reseller_text.map_or_else(|| self.generation.reseller(event.reseller), str::to_owned);
        line.set("ResellerMPNID", reseller)
            .set("OrderId", subscription.order_id.as_str())
            .set("OrderDate", self.generation.day(event.on))
            .set("SubscriptionDescription", subscription.name())
            .set("SubscriptionId", subscription.id.to_string())
            .set("ChargeStartDate", self.generation.first_moment(event.on))
            .set("ChargeEndDate", self.generation.last_moment(event.until))
            .set("TermAndBillingCycle", term_and_billing(subscription))
            .set("AlternateId", self.random.token(12))
            .set("SubscriptionStartDate", self.generation.first_moment(event.term.0))
            .set("SubscriptionEndDate", self.generation.last_moment(event.term.1))
            .set("ReferenceID", event.reference.as_str());
        if let Kind::Reservation(_) = subscription.kind {
            line.set("ReservationOrderId", subscription.id.to_string())
                .set("SubscriptionId", "")
                .set("BillingFrequency", "Monthly");
        }
        if let Kind::AzurePlan = subscription.kind {
            // An Azure plan has no term.
            line.set("SubscriptionStartDate", "").set("SubscriptionEndDate", "");
        }
        line
    }

    /// The columns that all lines of a customer share.
    fn frame(&self, customer: &Customer) -> Record {
        let mut line = Record::default();
        let former = customer.former_name.as_ref().filter(|_| self.month == 8);
        let name = former.or(customer.name.as_ref());
        let currency = customer.market.currency;
        line.set("PartnerId", PROVIDER.tenant_id)
            .set("CustomerId", customer.tenant.to_string())
            .set("CustomerName", name.map_or("", String::as_str))
            .set("CustomerDomainName", customer.domain.as_deref().unwrap_or(""))
            .set("CustomerCountry", customer.market.country)
            .set("InvoiceNumber", format!("G0{}26{:02}1", currency_number(currency), self.month))
            .set("MPNID", PROVIDER.mpn_id.to_string())
            .set("PublisherName", "Microsoft")
            .set("Currency", currency)
            .set("PricingCurrency", currency)
            .set("PCToBCExchangeRate", "1");
        if self.generation == Generation::InvoiceTool {
            line.set("PCToBCExchangeRateDate", "0001-01-01T00:00:00");
        }
        line
    }

    fn product(&self, line: &mut Record, kind: Kind) {
        let (product, category) = match kind {
            Kind::Seats(product) | Kind::Trial(product) => (product, "Online services"),
            Kind::Reservation(product) => (product, "Azure reservations"),
            Kind::AzurePlan => (&AZURE_PLAN, "Azure"),
            Kind::Legacy(_) => unreachable!("legacy licences are in a separate file"),
        };
        self.identify(line, product, category);
    }

    fn identify(&self, line: &mut Record, product: &Product, category: &str) {
        line.set("ProductId", product.product_id)
            .set("SkuId", product.sku_id)
            .set("AvailabilityId", product.availability_id)
            .set("SkuName", product.name)
            .set("ProductName", product.name)
            .set("ProductCategory", category);
    }

    fn amount(&mut self, line: &mut Record, seats: u32, cents: i64) {
        let price = money(cents);
        let total = money(cents * i64::from(seats));
        // Some lines of the older generation leave the billable quantity blank and only state the quantity.
        let billable = self.generation == Generation::InvoiceTool || !self.random.chance(14);
        line.set("UnitPrice", price.as_str())
            .set("EffectiveUnitPrice", price)
            .set("Quantity", seats.to_string())
            .set("BillableQuantity", if billable { seats.to_string() } else { String::new() })
            .set("Subtotal", total.as_str())
            .set("TaxTotal", "0.00")
            .set("Total", total);
    }

    fn meters(&mut self, subscription: &Subscription, event: &Event, customer: &Customer) -> Vec<Record> {
        let count = self.random.between(3, 6);
        let first = self.random.below(METERS.len() as u32);
        (first..first + count)
            .map(|index| {
                let mut line = self.about(subscription, event, customer);
                self.product(&mut line, Kind::AzurePlan);
                self.usage(&mut line, &METERS[index as usize % METERS.len()], customer.market.currency);
                line
            })
            .collect()
    }

    fn usage(&mut self, line: &mut Record, meter: &Meter, currency: &str) {
        let milli_units = i64::from(meter.usual_milli_units) * i64::from(self.random.between(20, 160)) / 100;
        let micro_price = meter.micro_dollars * 85 / 100;
        let per_dollar = percent_of_euro(currency) * 92 / 100;
        let total = money(milli_units * micro_price / 10_000_000 * per_dollar / 100);
        let units = format!("{}.{:03}", milli_units / 1000, milli_units % 1000);
        line.set("ChargeType", "new")
            .set("UnitPrice", micros(meter.micro_dollars))
            .set("EffectiveUnitPrice", micros(micro_price))
            .set("UnitType", meter.unit)
            .set("Quantity", units.as_str())
            .set("BillableQuantity", units)
            .set("Subtotal", total.as_str())
            .set("TaxTotal", "0.00")
            .set("Total", total)
            .set("MeterDescription", meter.name)
            .set("PriceAdjustmentDescription", "[\"15.0% Partner earned credit for services managed\"]")
            .set("PricingCurrency", "USD")
            .set("PCToBCExchangeRate", money(per_dollar))
            .set("PCToBCExchangeRateDate", self.generation.day(super::life::day(2026, self.month, 1)));
        // Orders of Azure plans are identified by two numbers.
        let order = format!("{},{}", line.get("OrderId"), &line.get("ReferenceID")[24..]);
        line.set("OrderId", order);
    }

    /// The line of a one-time purchase.
    pub(super) fn purchase(&mut self, purchase: &Purchase, customer: &Customer) -> Record {
        let mut line = self.frame(customer);
        line.set("ResellerMPNID", self.generation.reseller(purchase.reseller))
            .set("OrderId", purchase.order_id.as_str())
            .set("OrderDate", self.generation.day(purchase.on))
            .set("ChargeType", "new")
            .set("ChargeStartDate", self.generation.first_moment(purchase.on))
            .set("ChargeEndDate", self.generation.last_moment(purchase.on))
            .set("TermAndBillingCycle", "One-Time commitment for one-time billing")
            .set("AlternateId", self.random.token(12));
        self.identify(&mut line, purchase.product, "Perpetual software");
        let cents = in_currency(purchase.product.monthly_cents, customer.market.currency);
        self.amount(&mut line, purchase.units, cents);
        line
    }
}

/// The price of a seat.
struct Rate<'a> {
    plan: Plan,
    event: &'a Event,
    currency: &'a str,
}

impl Rate<'_> {
    /// One payment for one seat, in hundredths of the currency.
    fn payment(&self, kind: Kind) -> i64 {
        let monthly = match kind {
            Kind::Seats(product) | Kind::Reservation(product) => product.monthly_cents,
            Kind::Trial(_) | Kind::AzurePlan => 0,
            Kind::Legacy(offer) => offer.monthly_cents,
        };
        // Without a one-year commitment, a month costs a fifth more.
        let monthly = if self.plan == Plan::Monthly { monthly * 6 / 5 } else { monthly };
        in_currency(monthly * i64::from(self.plan.paid_months()), self.currency)
    }

    /// The price of the rest of the paid period; never zero, because the sign of a line is that of its amount.
    fn rest(&self, kind: Kind) -> i64 {
        let days = (self.event.until - self.event.on).num_days() + 1;
        let period = i64::from(self.plan.paid_months()) * 30;
        (self.payment(kind) * days.min(period) / period).max(1)
    }
}

/// The text for term and billing.
fn term_and_billing(subscription: &Subscription) -> &'static str {
    match (subscription.kind, subscription.plan) {
        (Kind::Trial(_), _) => "One-Month commitment for trial",
        (Kind::AzurePlan, _) => "",
        (Kind::Reservation(product), _) if product.name.contains("Savings") => "1 Year Savings Plan, Monthly",
        (Kind::Reservation(_), Plan::TriennialByMonth) => "3 Years Reservation, Monthly",
        (Kind::Reservation(_), _) => "1 Year Reservation, Monthly",
        (_, Plan::Monthly) => "One-Month commitment for monthly billing",
        (_, Plan::AnnualByMonth) => "One-Year commitment for monthly billing",
        (_, Plan::AnnualUpFront) => "One-Year commitment for yearly billing",
        (_, Plan::TriennialByMonth) => "Three-Year commitment for monthly billing",
    }
}

/// Converts euro cents to hundredths of another currency.
pub(super) fn in_currency(euro_cents: i64, currency: &str) -> i64 {
    euro_cents * percent_of_euro(currency) / 100
}

fn percent_of_euro(currency: &str) -> i64 {
    match currency {
        "PLN" => 426,
        "CZK" => 2470,
        _ => 100,
    }
}

fn currency_number(currency: &str) -> u32 {
    match currency {
        "PLN" => 71,
        "CZK" => 72,
        _ => 70,
    }
}

/// Formats hundredths as a decimal number.
pub(super) fn money(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}

fn micros(micros: i64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

fn cents_of(money: &str) -> i64 {
    money.replace('.', "").parse().expect("an amount with two decimals")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_below_one_keeps_its_sign() {
        assert_eq!(money(-41), "-0.41");
        assert_eq!(cents_of("-0.41"), -41);
        assert_eq!(money(1008), "10.08");
    }

    #[test]
    fn a_price_in_zloty_is_of_the_same_kind() {
        assert_eq!(in_currency(1080, "PLN"), 4600);
        assert_eq!(in_currency(1080, "EUR"), 1080);
    }
}
