//! Customer names, composed for each country from a trade, a place or surname, and a legal form.

use std::collections::HashSet;

use crate::random::Random;

/// A country in which the provider has customers.
#[derive(Clone, Copy, Debug)]
pub struct Market {
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    /// The invoice currency.
    pub currency: &'static str,
    /// The approximate share of the customers, in thousandths.
    pub weight: u32,
    trades: &'static [&'static str],
    stems: &'static [&'static str],
    forms: &'static [&'static str],
}

/// The markets, all in one CSP region.
pub const MARKETS: [Market; 11] = [
    Market {
        country: "PL",
        currency: "PLN",
        weight: 380,
        trades: &[
            "Piekarnia",
            "Hurtownia",
            "Biuro Rachunkowe",
            "Przychodnia",
            "Stolarnia",
            "Drukarnia",
            "Transport",
            "Meble",
            "Szkoła Językowa",
            "Kancelaria",
            "Ogrodnictwo",
            "Apteka",
            "Pensjonat",
            "Warsztat",
        ],
        stems: &[
            "Jasinów",
            "Borowina",
            "Zielony Zdrój",
            "Wrzosowa",
            "Kalinka",
            "Modrzew",
            "Pod Lipami",
            "Żabieniec",
            "Łąkowa",
            "Srebrna",
            "Dębowy Gród",
            "Malinówka",
            "Stary Młyn",
            "Przystań",
            "Złota Rybka",
            "Śnieżka",
            "Czarny Bór",
            "Wierzba",
            "Orle Gniazdo",
            "Jutrzenka",
            "Grodzisko",
            "Rumianek",
        ],
        forms: &["Sp. z o.o.", "Sp. z o.o.", "S.A.", "s.c.", "Sp. k."],
    },
    Market {
        country: "DE",
        currency: "EUR",
        weight: 135,
        trades: &["Tischlerei", "Bäckerei", "Autohaus", "Gartenbau", "Metallbau", "Weingut", "Spedition", "Kanzlei"],
        stems: &[
            "Sommerfeld",
            "Grünwald",
            "Altmühle",
            "Rosenthal",
            "Birkenhof",
            "Kranichsee",
            "Lindner",
            "Holunder",
            "Südhang",
            "Fuchsbau",
            "Möwe",
            "Steinbrück",
            "Krähenwald",
            "Ostwind",
        ],
        forms: &["GmbH", "GmbH", "GmbH & Co. KG", "KG", "e.K."],
    },
    Market {
        country: "CZ",
        currency: "CZK",
        weight: 125,
        trades: &["Pekařství", "Truhlářství", "Pila", "Stavby", "Účetnictví", "Lékárna", "Doprava", "Pivovar"],
        stems: &[
            "Vysočina",
            "U Lípy",
            "Na Kopci",
            "Modřín",
            "Stříbrný Potok",
            "Havran",
            "Podlesí",
            "Jeřabina",
            "Zlatý Klas",
            "Kamenný Most",
            "Bříza",
            "Ostružina",
            "Šípek",
            "Horní Mlýn",
        ],
        forms: &["s.r.o.", "s.r.o.", "a.s.", "v.o.s."],
    },
    Market {
        country: "SK",
        currency: "EUR",
        weight: 70,
        trades: &[
            "Pekáreň",
            "Stolárstvo",
            "Účtovníctvo",
            "Lekáreň",
            "Doprava",
            "Vinárstvo",
            "Kníhkupectvo",
            "Záhradníctvo",
        ],
        stems: &["Čučoriedka", "Pod Hradom", "Jaseň", "Biela Skala", "Kosodrevina", "Zvonček", "Údolie", "Medveď"],
        forms: &["s.r.o.", "s.r.o.", "a.s."],
    },
    Market {
        country: "AT",
        currency: "EUR",
        weight: 60,
        trades: &["Gasthof", "Tischlerei", "Weinbau", "Sägewerk", "Steuerberatung", "Gärtnerei", "Apotheke"],
        stems: &["Almrausch", "Zirbenhof", "Bachwirt", "Enzian", "Sonnleiten", "Kogel", "Marille", "Auerhahn"],
        forms: &["GmbH", "GmbH", "OG", "e.U."],
    },
    Market {
        country: "NL",
        currency: "EUR",
        weight: 55,
        trades: &["Bakkerij", "Kwekerij", "Transport", "Drukkerij", "Scheepswerf", "Fietsenwinkel", "Apotheek"],
        stems: &[
            "De Reiger",
            "Waterland",
            "Het Anker",
            "Zonnebloem",
            "Oude Molen",
            "Noorderlicht",
            "De Kievit",
            "Rietveen",
        ],
        forms: &["B.V.", "B.V.", "V.O.F.", "N.V."],
    },
    Market {
        country: "FR",
        currency: "EUR",
        weight: 55,
        trades: &["Boulangerie", "Menuiserie", "Imprimerie", "Pépinière", "Cabinet", "Domaine", "Librairie"],
        stems: &[
            "du Lavoir",
            "Bellerive",
            "des Tilleuls",
            "Clairefontaine",
            "du Héron",
            "Montaubois",
            "de l'Étang",
            "Roquebrise",
        ],
        forms: &["SARL", "SARL", "SAS", "SA"],
    },
    Market {
        country: "IT",
        currency: "EUR",
        weight: 50,
        trades: &["Panificio", "Officina", "Tipografia", "Cantina", "Studio", "Vivaio", "Farmacia"],
        stems: &[
            "Belcolle",
            "San Ginepro",
            "Tre Pini",
            "Fontechiara",
            "La Civetta",
            "Roccalta",
            "Del Mulino",
            "Acquadolce",
        ],
        forms: &["S.r.l.", "S.r.l.", "S.p.A.", "S.n.c."],
    },
    Market {
        country: "LT",
        currency: "EUR",
        weight: 25,
        trades: &["Kepykla", "Baldai", "Statyba", "Vaistinė", "Knygynas"],
        stems: &["Ąžuolynas", "Gintarėlis", "Pušynas", "Žemuogė", "Gervė", "Saulėtekis"],
        forms: &["UAB", "UAB", "MB"],
    },
    Market {
        country: "HU",
        currency: "EUR",
        weight: 25,
        trades: &["Pékség", "Asztalos", "Könyvelő", "Borászat", "Kertészet"],
        stems: &["Tölgyes", "Napraforgó", "Kőhíd", "Gesztenye", "Szarvas", "Nyárfa"],
        forms: &["Kft.", "Kft.", "Zrt."],
    },
    Market {
        country: "BE",
        currency: "EUR",
        weight: 20,
        trades: &["Brouwerij", "Atelier", "Bakkerij", "Logistics", "Librairie"],
        stems: &["Ter Linde", "Hoge Kempen", "Fagnes", "De Zwaluw", "Vallonia", "Grand-Pré"],
        forms: &["BV", "SRL", "NV"],
    },
];

/// Generates unique names and domains.
#[derive(Debug, Default)]
pub struct Names {
    names: HashSet<String>,
    domains: HashSet<String>,
}

impl Names {
    /// A name for a company of this market.
    pub fn company(&mut self, market: &Market, random: &mut Random) -> String {
        loop {
            let (trade, stem, form) =
                (random.pick(market.trades), random.pick(market.stems), random.pick(market.forms));
            // The same name with another legal form would look like an unintended mistake.
            if self.names.insert(format!("{trade} {stem}")) {
                return format!("{trade} {stem} {form}");
            }
        }
    }

    /// A domain for the name without its legal form, below `.example`.
    pub fn domain(&mut self, company: &str) -> String {
        let plain = plain_letters(company);
        let tells = |word: &&str| word.len() > 1 && !LEGAL_FORMS.contains(word);
        let words: Vec<_> = plain.split('-').filter(tells).take(3).collect();
        let stem = words.join("-");
        let free = (1..)
            .map(|number| if number == 1 { format!("{stem}.example") } else { format!("{stem}-{number}.example") })
            .find(|domain| !self.domains.contains(domain))
            .expect("the numbers do not end");
        self.domains.insert(free.clone());
        free
    }
}

/// Words in legal forms, except single letters.
const LEGAL_FORMS: [&str; 16] =
    ["sp", "gmbh", "co", "kg", "og", "mbb", "sarl", "sas", "sa", "srl", "uab", "mb", "kft", "zrt", "bv", "nv"];

/// The name in lower-case ASCII letters and digits, with `-` for everything else.
fn plain_letters(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter(|letter| *letter != '\'')
        .map(|letter| match letter {
            'a'..='z' | '0'..='9' => letter,
            'ą' | 'á' | 'ä' | 'à' | 'â' => 'a',
            'ć' | 'č' | 'ç' => 'c',
            'ď' => 'd',
            'ę' | 'é' | 'ě' | 'è' | 'ê' | 'ė' => 'e',
            'í' | 'į' => 'i',
            'ł' | 'ľ' => 'l',
            'ń' | 'ň' => 'n',
            'ó' | 'ö' | 'ô' | 'ő' => 'o',
            'ř' => 'r',
            'ś' | 'š' | 'ß' => 's',
            'ť' => 't',
            'ú' | 'ü' | 'ů' | 'ű' | 'ū' => 'u',
            'ý' => 'y',
            'ź' | 'ż' | 'ž' => 'z',
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_plain_ascii_and_given_once() {
        let mut names = Names::default();
        assert_eq!(names.domain("Bäckerei Südhang GmbH & Co. KG"), "backerei-sudhang.example");
        assert_eq!(names.domain("Bäckerei Südhang GmbH"), "backerei-sudhang-2.example");
        assert_eq!(names.domain("Cabinet de l'Étang SAS"), "cabinet-de-letang.example");
    }

    #[test]
    fn every_market_has_names_enough() {
        let total: u32 = MARKETS.iter().map(|market| market.weight).sum();
        for market in MARKETS {
            let needed = 600 * market.weight / total;
            let there = (market.trades.len() * market.stems.len()) as u32;
            assert!(there > needed + needed / 4, "{}: {there} for {needed}", market.country);
        }
    }
}
