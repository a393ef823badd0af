//! The partners in the samples: the importing provider, the resellers, and the accounts that the demo sets up first.

/// An account that the demo sets up itself.
#[derive(Clone, Copy, Debug)]
pub struct Account {
    /// The company's name.
    pub name: &'static str,
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// The location account's MPN ID.
    pub mpn_id: u32,
    /// The CSP tenant id.
    pub tenant_id: &'static str,
    /// The default domain of the tenant.
    pub domain: &'static str,
    /// Its capabilities.
    pub capabilities: &'static [&'static str],
}

/// The indirect provider that the samples belong to.
pub const PROVIDER: Account = Account {
    name: "Vistula Distribution",
    country: "PL",
    mpn_id: 9_900_100,
    tenant_id: "bacf63c8-a16a-4bb5-a7cd-e14076792a40",
    domain: "vistula-distribution.example",
    capabilities: &["SUPPORT", "BILLING", "TRAINING", "MARKETING", "FINANCING"],
};

/// A direct-bill partner: a known account that is not an indirect reseller.
pub const DIRECT_BILL: Account = Account {
    name: "Beskid Cloud Direct",
    country: "PL",
    mpn_id: 9_900_200,
    tenant_id: "a3ccd14e-4ec0-4f85-acc1-37cd38ea4b5b",
    domain: "beskid-direct.example",
    capabilities: &["SUPPORT", "BILLING", "MANAGED_SERVICES"],
};

/// A reseller that is set up but has no partnership yet and occurs in no file.
pub const NEWCOMER: Account = Account {
    name: "Havelufer Digital GmbH",
    country: "DE",
    mpn_id: 9_910_041,
    tenant_id: "bf91e6a2-03d7-4c58-9b6e-52a1c7f8d034",
    domain: "havelufer.example",
    capabilities: &["SUPPORT"],
};

/// An indirect reseller of the provider.
#[derive(Clone, Copy, Debug)]
pub struct Reseller {
    /// The company name. The exports do not contain it, because they identify resellers only by MPN ID.
    pub name: &'static str,
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// The location account's MPN ID.
    pub mpn_id: u32,
    /// Its share of the provider's business, relative to the others.
    pub weight: u32,
    /// What the demo sets up; if `None`, the import creates a placeholder.
    pub account: Option<Setup>,
}

/// What the demo sets up for a reseller, in addition to its name.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// The CSP tenant id.
    pub tenant_id: &'static str,
    /// The default domain of the tenant.
    pub domain: &'static str,
    /// Its capabilities.
    pub capabilities: &'static [&'static str],
    /// Whether it has signed the Microsoft Partner Agreement.
    pub mpa_signed: bool,
}

const fn known(name: &'static str, country: &'static str, mpn_id: u32, weight: u32, setup: Setup) -> Reseller {
    Reseller { name, country, mpn_id, weight, account: Some(setup) }
}

const fn placeholder(name: &'static str, country: &'static str, mpn_id: u32, weight: u32) -> Reseller {
    Reseller { name, country, mpn_id, weight, account: None }
}

const fn setup(tenant_id: &'static str, domain: &'static str, capabilities: &'static [&'static str]) -> Setup {
    Setup { tenant_id, domain, capabilities, mpa_signed: true }
}

/// All resellers in the exports: first those that the demo sets up, then the others.
pub const RESELLERS: [Reseller; 40] = [
    known("Kormoran IT", "PL", 9_910_001, 60, KORMORAN),
    known("Bursztyn Systems", "PL", 9_910_002, 50, BURSZTYN),
    known("Sowa i Partnerzy Informatyka", "PL", 9_910_003, 40, SOWA),
    known("Halny Cloud", "PL", 9_910_004, 30, HALNY),
    known("Nordlicht IT-Service GmbH", "DE", 9_910_005, 45, NORDLICHT),
    known("Eichenhain Systemhaus GmbH", "DE", 9_910_006, 30, EICHENHAIN),
    known("Jizera Data s.r.o.", "CZ", 9_910_007, 45, JIZERA),
    known("Tatranet Služby s.r.o.", "SK", 9_910_008, 30, TATRANET),
    known("Donaublick IT GmbH", "AT", 9_910_009, 25, DONAUBLICK),
    known("Polderwolk B.V.", "NL", 9_910_010, 25, POLDERWOLK),
    known("Atelier Numérique Garonne SARL", "FR", 9_910_011, 25, GARONNE),
    known("Colle Informatica S.r.l.", "IT", 9_910_012, 25, COLLE),
    placeholder("Żuraw Komputery", "PL", 9_910_013, 15),
    placeholder("Pracownia Sieci Bocian", "PL", 9_910_014, 12),
    placeholder("Mazurska Chmura", "PL", 9_910_015, 12),
    placeholder("Warta Bit", "PL", 9_910_016, 10),
    placeholder("Krokus Informatyka", "PL", 9_910_017, 10),
    placeholder("Bieszczady Online", "PL", 9_910_018, 8),
    placeholder("Kaszub Serwis IT", "PL", 9_910_019, 8),
    placeholder("Limba Systemy", "PL", 9_910_020, 6),
    placeholder("Spreewolke GmbH", "DE", 9_910_021, 12),
    placeholder("Isartal Netzwerke GmbH", "DE", 9_910_022, 10),
    placeholder("Lindenhof Datentechnik", "DE", 9_910_023, 8),
    placeholder("Elbsand Consulting UG", "DE", 9_910_024, 6),
    placeholder("Sázava Systémy s.r.o.", "CZ", 9_910_025, 12),
    placeholder("Moravní Síť s.r.o.", "CZ", 9_910_026, 10),
    placeholder("Brdský Cloud s.r.o.", "CZ", 9_910_027, 8),
    placeholder("Váhonet s.r.o.", "SK", 9_910_028, 10),
    placeholder("Karpatské Riešenia s.r.o.", "SK", 9_910_029, 8),
    placeholder("Murtal IT Service e.U.", "AT", 9_910_030, 8),
    placeholder("Grachtenpand Automatisering", "NL", 9_910_031, 8),
    placeholder("Duinrand ICT B.V.", "NL", 9_910_032, 6),
    placeholder("Loire Horizon Informatique", "FR", 9_910_033, 8),
    placeholder("Vosges Réseaux SAS", "FR", 9_910_034, 6),
    placeholder("Laguna Servizi IT S.r.l.", "IT", 9_910_035, 8),
    placeholder("Ponte Digitale S.r.l.", "IT", 9_910_036, 6),
    placeholder("Nemuno Debesys UAB", "LT", 9_910_037, 10),
    placeholder("Balaton Felhő Kft.", "HU", 9_910_038, 10),
    placeholder("Scheldezicht IT BV", "BE", 9_910_039, 8),
    placeholder("Ardennes Informatique SRL", "BE", 9_910_040, 6),
];

const KORMORAN: Setup =
    setup("b81e8504-f0cc-4f67-b67d-ab32807ff65f", "kormoran-it.example", &["SUPPORT", "MANAGED_SERVICES", "TRAINING"]);
const BURSZTYN: Setup =
    setup("05ad6609-d267-437f-ab28-0d11a4d4dc67", "bursztyn-systems.example", &["SUPPORT", "BILLING"]);
const SOWA: Setup = setup("c0091698-b514-4840-910b-a5f40cc299f6", "sowa-partnerzy.example", &["TRAINING"]);
/// It has not signed the agreement: existing business is unchanged, new business with it is refused.
const HALNY: Setup = Setup {
    tenant_id: "eb95e640-7789-4668-86dc-e989fff32453",
    domain: "halny-cloud.example",
    capabilities: &[],
    mpa_signed: false,
};
const NORDLICHT: Setup =
    setup("6e06f9ff-9592-4229-81cf-dd31de33eaf5", "nordlicht-it.example", &["SUPPORT", "BILLING", "MANAGED_SERVICES"]);
const EICHENHAIN: Setup = setup("7f51c2d5-0a35-45b0-900a-8eba06dcf150", "eichenhain.example", &["SUPPORT"]);
const JIZERA: Setup =
    setup("9d01999b-2d67-4669-95a3-7b34ddc044c8", "jizera-data.example", &["SUPPORT", "MANAGED_SERVICES"]);
const TATRANET: Setup = setup("ec90b14a-13a0-48c8-9965-3755886f88e4", "tatranet.example", &["SUPPORT", "MARKETING"]);
const DONAUBLICK: Setup = setup("ca26bc78-527c-435b-acae-96d5602ebdf9", "donaublick-it.example", &["SUPPORT"]);
const POLDERWOLK: Setup =
    setup("e1ade54d-c85c-4a5d-9088-635ad7baae71", "polderwolk.example", &["SUPPORT", "BILLING", "FINANCING"]);
const GARONNE: Setup = setup("0bc38c28-e5c4-4508-a737-6da1ef6d202a", "atelier-garonne.example", &["TRAINING"]);
const COLLE: Setup = setup("8175a362-01c1-4745-ac88-71fb3e394505", "colle-informatica.example", &[]);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_two_partners_share_an_mpn_id_or_a_tenant() {
        let accounts = [PROVIDER, DIRECT_BILL, NEWCOMER];
        let mpn_ids: HashSet<u32> =
            RESELLERS.iter().map(|reseller| reseller.mpn_id).chain(accounts.iter().map(|one| one.mpn_id)).collect();
        assert_eq!(mpn_ids.len(), 43);
        assert!(mpn_ids.iter().all(|mpn_id| mpn_id.to_string().len() == 7));
        let tenants: HashSet<Uuid> = RESELLERS
            .iter()
            .filter_map(|reseller| reseller.account.map(|account| account.tenant_id))
            .chain(accounts.iter().map(|account| account.tenant_id))
            .map(|tenant| Uuid::parse_str(tenant).expect("a GUID"))
            .collect();
        assert_eq!(tenants.len(), 15);
    }
}
