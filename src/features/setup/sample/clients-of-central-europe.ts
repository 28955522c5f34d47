import type { SampleClient } from './clients.ts'

export const clientsOfCentralEurope: readonly SampleClient[] = [
  {
    name: 'Nordhafen Logistik GmbH',
    currencyCode: 'EUR',
    domain: 'nordhafen.example',
    line: '+49 40 66969 1',
    address: 'Am Sandspeicher 41\n20457 Hamburg\nGermany',
    owner: 'manager',
    tags: ['logistics', 'key account'],
    description:
      'Four bonded warehouses in the port, 180 forklifts, open day and night. Buys once a year, after the summer.',
    people: `
      Annika | Petersen | Head of Operations | Operations | primary
      Jörg | Schäfer | Fleet Manager | Operations | technical
      Meltem | Yıldız | Purchasing | Finance | billing | meltem.yildiz
      Hauke | Claaßen | Site Manager, Hall 3`,
  },
  {
    name: 'Brückner & Söhne Maschinenbau GmbH & Co. KG',
    currencyCode: 'EUR',
    domain: 'bruecknersoehne.example',
    line: '+49 911 5550 3',
    address: 'Gießereistraße 8\n90461 Nürnberg\nGermany',
    owner: 'manager',
    tags: ['manufacturing'],
    description: 'Family business in the fourth generation; decisions take two meetings and a lunch.',
    people: `
      Dr. Friedrich | Brückner | Managing Partner | | primary | friedrich.brueckner | Prefers the telephone, before nine.
      Sabine | Größl | Production Planning | Production | technical
      Karl-Heinz | Mößmer | Accounts | Finance | billing`,
  },
  {
    name: 'Lindenhof Klinikgruppe gGmbH',
    currencyCode: 'EUR',
    domain: 'lindenhof-kliniken.example',
    line: '+49 30 23125 4',
    address: 'Lindenhofallee 2\n12683 Berlin\nGermany',
    owner: 'member',
    tags: ['healthcare', 'public tender'],
    description: 'Nine hospitals with one central store. Everything above 25,000 goes through a public tender.',
    people: `
      Prof. Dr. Cordula | Ziegenhagen-Wieczorek | Medical Director | Board | primary | ziegenhagen
      Tobias | Ehrlich | Head of Supply | Logistics | technical
      Nurcan | Öztürk | Tender Office | Administration
      Beate | Lüdtke | Invoices | Finance | billing`,
  },
  {
    name: 'Papierfabrik Isartal GmbH',
    currencyCode: 'EUR',
    domain: 'isartal-papier.example',
    line: '+49 89 99998 2',
    address: 'Mühlkanal 17\n82515 Wolfratshausen\nGermany',
    owner: 'manager',
    tags: ['manufacturing', 'paper'],
    contactPerson: 'Frau Huber (reception)',
    people: `
      Maria-Theresia | von und zu Hohenfels-Wolkenstein | Owner | Board | primary | mt.hohenfels
      Xaver | Huber | Plant Engineer | Technology | technical
      Jo | Ng | Working student | Purchasing`,
  },
  {
    name: 'Stadtwerke Auental',
    currencyCode: 'EUR',
    domain: 'stadtwerke-auental.example',
    line: '+49 341 5551 7',
    address: 'Am Gaswerk 1\n04177 Leipzig\nGermany',
    owner: 'admin',
    tags: ['utilities', 'public tender'],
    description: 'Municipal utility: electricity, water, trams. The tram depot is the biggest of their stores.',
    people: `
      Katrin | Süß | Head of Procurement | Procurement | primary
      Uwe | Kretzschmar | Depot Manager | Trams | technical
      Sandra | Pohl | Works Council
      Thi Hằng | Nguyễn | Controlling | Finance | billing`,
  },
  {
    name: 'Hansegrund Immobilien AG',
    currencyCode: 'EUR',
    domain: 'hansegrund.example',
    line: '+49 451 5552 0',
    address: 'Mengstraße 90\n23552 Lübeck\nGermany',
    owner: 'member',
    tags: ['real estate'],
    status: 'inactive',
    people: `
      Henning | Ohlsen | Asset Manager | | primary
      Wiebke | Matthießen | Legal | Legal
      Bashir | Ahmadzai | Facility Management | Buildings | technical`,
  },
  {
    name: 'Donauflor Gartenbau e.U.',
    currencyCode: 'EUR',
    domain: 'donauflor.example',
    line: '+43 1 5550 8',
    address: 'Breitenleer Straße 210\n1220 Wien\nAustria',
    owner: 'member',
    tags: ['horticulture', 'seasonal'],
    description: 'Glasshouses on the Danube. Nothing can be delivered between March and June.',
    people: `
      Leopold | Zöchling | Inhaber | | primary
      Jelena | Đorđević | Packing and Dispatch | Logistics | technical | jelena.djordjevic
      Resi | Kräuter | Bookkeeping | Office | billing`,
  },
  {
    name: 'Alpenwerk Seilbahntechnik AG',
    currencyCode: 'CHF',
    domain: 'alpenwerk.example',
    line: '+41 81 555 12 ',
    address: 'Talstation 5\n7050 Arosa\nSwitzerland',
    owner: 'manager',
    tags: ['engineering', 'key account'],
    description: 'Ropeways and their spare parts. The spare-part store must answer within the hour in the season.',
    people: `
      Ursina | Caduff | Chief Operating Officer | Board | primary
      Reto | Bühler | Spare Parts | Service | technical
      Gian-Andri | Tönz | Service Engineer | Service | technical
      Florence | Maître | Finance | Finance | billing`,
  },
  {
    name: 'Uhrenmanufaktur Vallotton SA',
    currencyCode: 'CHF',
    domain: 'vallotton-horlogerie.example',
    line: '+41 32 555 48 ',
    address: 'Rue du Balancier 12\n2400 Le Locle\nSwitzerland',
    owner: 'admin',
    tags: ['luxury', 'secure storage'],
    people: `
      Aurèle | Vallotton | Directeur général | Direction | primary
      Élodie | Jeanneret-Gris | Supply Chain | Logistique | technical
      Noël | Perregaux | Comptabilité | Finance | billing`,
  },
  {
    name: 'Käserei Bergsegen Genossenschaft',
    currencyCode: 'CHF',
    domain: 'bergsegen.example',
    line: '+41 71 555 30 ',
    address: 'Chäslagerweg 3\n9050 Appenzell\nSwitzerland',
    owner: 'member',
    tags: ['food', 'cold store'],
    description: 'Eleven thousand wheels in the ripening cellar, turned by hand until last year.',
    people: `
      Barbara | Inauen | Präsidentin | | primary
      Sepp | Fässler | Cellar Master | Production | technical
      Idris | Haile | Dispatch | Logistics`,
  },
]
