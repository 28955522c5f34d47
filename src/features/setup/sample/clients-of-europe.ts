import type { SampleClient } from './clients.ts'

export const clientsOfEurope: readonly SampleClient[] = [
  {
    name: 'Harrowgate Ferries Ltd',
    currencyCode: 'GBP',
    domain: 'harrowgateferries.example',
    line: '+44 20 7946 01',
    address: 'Eastern Docks, Terminal 2\nDover CT16 1JA\nUnited Kingdom',
    owner: 'admin',
    tags: ['transport', 'key account'],
    description: 'Six ships, two ports. Vehicles work in salt water: corrosion decides.',
    people: `
      Imogen | Featherstonehaugh | Port Director | Ports | primary
      Rhys | Llewellyn | Engineering Manager | Engineering | technical
      Oluwaseun | Adébáyò | Commercial Manager | Commercial | | seun.adebayo
      Priscilla | Nkemelu | Accounts Payable | Finance | billing`,
  },
  {
    name: 'Penhallow & Tregear Solicitors',
    currencyCode: 'GBP',
    domain: 'penhallowtregear.example',
    line: '+44 20 7946 02',
    address: '7 Boscawen Row\nTruro TR1 2QU\nUnited Kingdom',
    owner: 'member',
    tags: ['legal', 'archive'],
    people: `
      Loveday | Penhallow | Partner | | primary
      Jago | Tregear | Partner
      Winifred | O'Shaughnessy | Practice Manager | Office | billing | | The files may not leave the building, not even for a week.`,
  },
  {
    name: 'Northmoor Dairy Co-operative',
    currencyCode: 'GBP',
    domain: 'northmoordairy.example',
    line: '+44 20 7946 03',
    address: 'Moor Lane\nSkipton BD23 4HT\nUnited Kingdom',
    owner: 'manager',
    tags: ['food', 'cold store'],
    people: `
      Alistair | Braithwaite | Chair | Board | primary
      Gurpreet | Dhillon | Cold Chain Manager | Operations | technical
      Mairi | MacAskill | Purchasing Ledger | Finance | billing
      Bogdan | Ionescu | Night Shift | Operations`,
  },
  {
    name: 'Ó Súilleabháin Marine Ltd',
    currencyCode: 'EUR',
    domain: 'osmarine.example',
    line: '+353 21 555 01',
    address: 'Horgan’s Quay\nCork T23 XY8A\nIreland',
    owner: 'member',
    tags: ['marine'],
    people: `
      Caoimhe | Ó Súilleabháin | Managing Director | | primary
      Diarmuid | O'Dwyer | Yard Foreman | Yard | technical
      Zofia | Wiśniewska | Office Manager | Office | billing`,
  },
  {
    name: 'Lumière du Nord',
    currencyCode: 'EUR',
    domain: 'lumieredunord.example',
    line: '+33 1 99 00 41 ',
    address: '18, rue de la Monnaie\n59800 Lille\nFrance',
    owner: 'manager',
    tags: ['retail', 'e-commerce'],
    description: 'Lamps by mail: three quarters of a year’s parcels leave in eleven weeks.',
    people: `
      Clémence | Lefèbvre | Directrice logistique | Logistique | primary
      Jean-Baptiste | N'Diaye | Responsable entrepôt | Logistique | technical
      Anaïs | Çelik | Contrôle de gestion | Finance | billing
      Loïc | Le Goff | Chef de projet | Informatique`,
  },
  {
    name: 'Ateliers Beauséjour SARL',
    currencyCode: 'EUR',
    domain: 'beausejour-ateliers.example',
    line: '+33 1 99 00 57 ',
    address: '3, quai des Étroits\n69005 Lyon\nFrance',
    owner: 'admin',
    tags: ['manufacturing'],
    people: `
      Solène | d'Aubigné | Gérante | | primary
      Yacine | Benkhaled | Chef d’atelier | Production | technical
      Françoise | Œuvrard | Comptabilité | Finance | billing | f.oeuvrard`,
  },
  {
    name: 'Molino Sant’Elia S.r.l.',
    currencyCode: 'EUR',
    domain: 'molinosantelia.example',
    line: '+39 051 555 02',
    address: 'Via dei Mugnai 66\n40132 Bologna\nItaly',
    owner: 'member',
    tags: ['food', 'bulk'],
    description: 'Flour mill. Dust means that every electric vehicle needs a certificate.',
    people: `
      Niccolò | D'Angelo | Amministratore delegato | Direzione | primary
      Beatrice | Fornasièr | Acquisti | Acquisti
      Amara | Okonkwo | Responsabile sicurezza | Stabilimento | technical`,
  },
  {
    name: 'Viñedos Peñalara S.A.',
    currencyCode: 'EUR',
    domain: 'penalara.example',
    line: '+34 947 555 0',
    address: 'Camino de la Ermita s/n\n09400 Aranda de Duero\nSpain',
    owner: 'manager',
    tags: ['food', 'seasonal'],
    people: `
      María José | Ibáñez de la Peña | Directora de bodega | Bodega | primary
      Íñigo | Echeverría | Enólogo | Bodega | technical
      Núria | Puigdemont i Ferrer | Administración | Finanzas | billing`,
  },
  {
    name: 'Fjordlys Energi AS',
    currencyCode: 'EUR',
    domain: 'fjordlys.example',
    line: '+47 55 55 01 ',
    address: 'Bryggen 23\n5003 Bergen\nNorway',
    owner: 'admin',
    tags: ['energy', 'offshore'],
    description: 'Offshore wind. Their harbour store loads one vessel a day, whatever the weather.',
    people: `
      Sigrid | Ørjasæter | Supply Base Manager | Operations | primary
      Håkon | Bjørnstad | Lifting Equipment | Operations | technical
      Ingeborg | Åsgård | Contracts | Legal
      Tomasz | Kowalczyk | Warehouse | Operations`,
  },
  {
    name: 'Söderhamn Trävaror AB',
    currencyCode: 'SEK',
    domain: 'soderhamntra.example',
    line: '+46 270 555 0',
    address: 'Sågverksgatan 4\n826 40 Söderhamn\nSweden',
    owner: 'member',
    tags: ['timber'],
    people: `
      Göran | Åkerblom | VD | Ledning | primary
      Märta | Sjögren | Produktion | Sågverk | technical
      Amina | Yusuf | Ekonomi | Ekonomi | billing`,
  },
  {
    name: 'Zakłady Ceramiczne Łęczyca Sp. z o.o.',
    currencyCode: 'EUR',
    domain: 'ceramika-leczyca.example',
    line: '+48 24 555 03 ',
    address: 'ul. Garncarska 19\n99-100 Łęczyca\nPoland',
    owner: 'manager',
    tags: ['manufacturing'],
    status: 'inactive',
    people: `
      Małgorzata | Brzęczyszczykiewicz | Prezes | Zarząd | primary
      Paweł | Świątek | Kierownik magazynu | Logistyka | technical
      Олена | Ткаченко | Production Planning | Production | | olena.tkachenko`,
  },
  {
    name: 'Αιγαίο Μεταφορική Α.Ε.',
    currencyCode: 'EUR',
    domain: 'aegean-metaforiki.example',
    line: '+30 21 0555 01',
    address: 'Ακτή Μιαούλη 85\n185 38 Πειραιάς\nGreece',
    owner: '',
    tags: ['logistics', 'marine'],
    people: `
      Ελευθερία | Παπαδοπούλου | Διευθύνουσα σύμβουλος | Διοίκηση | primary | e.papadopoulou
      Κωνσταντίνος | Οικονόμου | Αποθήκη | Logistics | technical | k.oikonomou
      Nikos | Vlachos | Accounts | Finance | billing`,
  },
]
