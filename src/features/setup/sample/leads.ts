import { rowsOf } from './table.ts'

/**
 * `mail` is what stands before .example, with the person's name unless something stands before an @. `fate` is a lead's status, or 'client' and
 * 'deal' for what it was converted into; `then` is why it was lost, or the stage its deal has
 * reached, and the deal's name.
 */
const COLUMNS = [
  'firstName',
  'lastName',
  'company',
  'title',
  'mail',
  'source',
  'value',
  'score',
  'owner',
  'fate',
  'then',
  'tags',
  'phone',
] as const
export type SampleLead = Record<(typeof COLUMNS)[number], string>

/**
 * first name | last name | company | title | mail | source | estimated value | score, or score at first > later | owner | fate | then | tags |
 * phone
 */
export const sampleLeads: readonly SampleLead[] = rowsOf(
  COLUMNS,
  `
  Nadia      | Rahimi        | Riverton Grain Elevators     | Operations Manager     | rivertongrain       | Trade fair  | 64000 USD   | 55      | member  | new       | | bulk            | +1 402 555 0143
  Bastian    | Köhler        | Köhler Küchentechnik         | Inhaber                | koehler-kuechen     | Website     | 18500 EUR   | 30      | manager | new       | | racking
  Ingrid     | Solheim       | Solheim Havbruk AS           | Innkjøp                | solheim-havbruk     | Referral    | 92000 EUR   | 62      | admin   | new       | | cold store
  Marcus     | Adeyemi       | Adeyemi Print Works          | Director               | adeyemiprint        | Website     | 12400 GBP   |         |         | new
  Yuki       | Tanabe        | Tanabe Sake Brewery          | Logistics              | tanabe-sake         | Trade fair  | 4200000 JPY | 41      | admin   | new       | | food
  Chiara     | Bellomo       | Bellomo Ceramiche            | Acquisti               | bellomo-ceramiche   | Newsletter  | 27500 EUR   | 22      | member  | new       | |                 | +39 081 555 0177
  Petra      | Vondráčková   | Vltava Optika s.r.o.         | Výroba                 | vltava-optika       | Partner     | 38000 EUR   | 48      | manager | new       | | secure storage
  Owen       | Gethin        | Gethin Slate Quarry          | Quarry Manager         |                     | Phone call  |             |         |         | new       | |                 | +44 20 7946 0871
  Lakshmi    | Iyer          | Malabar Spice Exports        | Export Manager         | malabarspice        | Website     | 31000 USD   | 37      | member  | new       | | food
  Dirk       | Vandenbroucke | Brouwerij De Drie Torens     | Logistiek              | drietorens           | Trade fair  | 46000 EUR   | 58      | manager | new       | | food, vehicles
  Rania      | Haddad        | Haddad Pharma Distribution   | Warehouse Director     | haddadpharma        | Website     | 155000 USD  | 71      | admin   | new       | | healthcare
  Esteban    | Quispe        | Textiles Quispe              | Gerente                | textiles-quispe     | Referral    | 9800 USD    |         | member  | new
  Freya      | Lindholm      | Nordic Parcel Hub            | Head of Automation     | nordicparcel        | LinkedIn    | 480000 EUR  | 80      | admin   | new       | | automation, key account
  Gareth     | Pugh-Davies   | Severn Vale Orchards         | Owner                  | severnvale          | Newsletter  | 7600 GBP    | 18      | manager | new       | | seasonal
  Ahmet      | Karadağ       | Karadağ Lojistik             | Genel Müdür            | karadag-lojistik    | Partner     | 88000 EUR   | 52      | member  | new       | | logistics
  Josephine  | Mbeki         | Table Bay Cold Storage       | Facility Manager       | tablebaycold        | Website     | 124000 USD  | 66      | manager | new       | | cold store
  李         | 娜            | 苏州锦绣丝绸                 | 采购经理               | na.li@jinxiu-silk   | Trade fair  | 42000 USD   | 33      | member  | new       | | textile
  Tamsin     | Roe           |                              |                        | tamsin.roe@freemail | Website     |             |         |         | new
  Vincent    | Abergel       | Abergel Frères               | Directeur              | abergel-freres      | Phone call  | 21500 EUR   | 27      | manager | new       | |                 | +33 1 99 00 72 18
  Stefano    | Baumgartner   | Bergbahnen Silvaplana        | Technischer Leiter     | bb-silvaplana       | Referral    | 58000 CHF   | 60      | manager | new       | | engineering
  Hannah     | Okafor-Smith  | Thames Film Archive          | Head of Collections    | thamesfilm          | Website     | 34000 GBP   | 44      | admin   | new       | | archive
  Ömer       | Aydın         | Aydın Mermer                 | Satın Alma             | aydin-mermer        | Cold e-mail | 15500 EUR   | 12      | member  | new
  Kelly-Ann  | Featherstone  | Prairie Seed Company         | Plant Manager          | prairieseed         | Trade fair  | 73000 USD   | 50      | member  | new       | | bulk, seasonal  | +1 316 555 0119
  دانا       | العلي         | مخازن الخليج                 | مديرة المشتريات        | d.alali@gulfstores  | Partner     | 97000 USD   | 47      | admin   | new       | | wholesale
  Joris      | de Vries      | Van Dijk & de Vries Bloemen  | Veiling                | vandijkdevries      | Newsletter  | 19900 EUR   | 35      |         | new       | | horticulture
  Abigail    | Thornbury     | Thornbury Antiques           | Owner                  | thornburyantiques   | Website     | 4250.75 GBP | 8       | manager | new
  Milan      | Horvat        | Adria Boats d.o.o.           | Voditelj skladišta     | adria-boats         | Trade fair  | 33500 EUR   | 45 > 52 | member  | contacted | | marine
  Dolores    | Fuentes       | Frutas del Segura            | Jefa de almacén        | frutas-segura       | Referral    | 61000 EUR   | 57 > 63 | manager | contacted | | food, cold store
  Matthias   | Engelhardt    | Engelhardt Fenster GmbH      | Fertigungsleiter       | engelhardt-fenster  | Website     | 44700 EUR   | 40      | manager | contacted | | manufacturing   | +49 69 90009 412
  Shu-Fen    | Chen          | Formosa Bicycle Parts        | Purchasing             | formosabicycle      | Trade fair  | 52000 USD   | 54 > 49 | member  | contacted | | manufacturing
  Patrick    | Mac Giolla    | Donegal Knitwear             | Production             | donegalknit         | Website     | 11300 EUR   | 29      | member  | contacted | | textile
  Svetlana   | Morozova      | Balt Amber House             | Director               | baltamber           | Newsletter  | 8900 EUR    | 20      |         | contacted
  Emeka      | Nwosu         | Lagos Cold Chain             | Founder                | lagoscoldchain      | LinkedIn    | 138000 USD  | 68 > 74 | admin   | contacted | | cold store, key account
  Valérie    | Marchetti     | Parfums de l’Estérel         | Supply Chain           | esterel-parfums     | Referral    | 76500 EUR   | 59      | manager | contacted | | secure storage
  Bjarne     | Thygesen      | Thygesen Møbler              | Lagerchef              | thygesen-moebler    | Partner     | 29800 EUR   | 43      | manager | contacted | | furniture
  Cassandra  | Whitehorse    | Redstone Outfitters          | Fulfilment             | redstoneoutfit      | Website     | 25000 USD   | 38 > 46 | member  | contacted | | e-commerce
  Arjun      | Menon         | Coastal Ayurveda             | Managing Director      | coastalayurveda     | Trade fair  | 17400 USD   | 31      | member  | contacted
  Urs        | Zgraggen      | Zgraggen Transporte AG       | Disposition            | zgraggen-transporte | Phone call  | 84000 CHF   | 61      | manager | contacted | | logistics       | +41 41 555 20 33
  Beatriz    | Sequeira      | Cortiças do Alentejo         | Compras                | corticas-alentejo   | Trade fair  | 22800 EUR   | 36      | admin   | contacted | | manufacturing
  Tyler      | Nakagawa      | Pacific Rim Guitars          | Shop Manager           | pacificrimguitars   | Website     | 6900 USD    | 15      |         | contacted
  Hye-jin    | Park          | Hanbit Cosmetics             | Logistics Lead         | hanbitcosmetics     | LinkedIn    | 112000 USD  | 64 > 70 | admin   | contacted | | e-commerce
  Fergus     | MacIntyre     | Speyside Cooperage           | General Manager        | speysidecoop        | Referral    | 41500 GBP   | 56      | admin   | contacted | | food
  Eszter     | Szűcs         | Szűcs Gépgyár Kft.           | Beszerzés              | szucs-gepgyar       | Partner     | 35600 EUR   | 42      | manager | contacted | | manufacturing
  Réka       | Nagy-Balogh   | Tokaj Borház                 | Pincemester            | tokaj-borhaz        | Newsletter  | 14200 EUR   | 26      | member  | contacted | | food, seasonal
  Leonard    | Kipchoge      | Rift Valley Flowers          | Cold Chain Manager     | riftvalleyflowers   | Website     | 95000 USD   | 60 > 78 | member  | qualified | | horticulture, cold store
  Annemarie  | Vogt          | Vogt Feinmechanik AG         | Einkauf                | vogt-feinmechanik   | Referral    | 127000 CHF  | 65 > 82 | manager | qualified | | manufacturing
  Desmond    | Achebe        | Achebe & Partners Books      | Managing Director      | achebebooks         | Website     | 23400 GBP   | 40 > 58 | admin   | qualified | | archive
  Camille    | Rousselet     | Laboratoires Rousselet       | Responsable logistique | labo-rousselet      | Trade fair  | 168000 EUR  | 66 > 85 | manager | qualified | | healthcare      | +33 1 99 00 63 04
  Hiroko     | Matsuda       | Matsuda Precision            | Procurement            | matsuda-precision   | Trade fair  | 15800000 JPY | 58 > 72 | admin  | qualified | | manufacturing
  Wojciech   | Zieliński     | Bałtyk Stocznia              | Kierownik logistyki    | baltyk-stocznia     | Partner     | 204000 EUR  | 70 > 76 | manager | qualified | | marine, lifting
  Monique    | Tjaden        | Tjaden Zaden B.V.            | Inkoop                 | tjaden-zaden        | Newsletter  | 31900 EUR   | 39 > 61 | member  | qualified | | horticulture
  Brandon    | Littlefeather | Great Plains Solar           | Project Director       | greatplainssolar    | LinkedIn    | 355000 USD  | 72 > 88 | member  | qualified | | energy, key account | +1 605 555 0164
  Soraya     | Benali        | Atlas Conserverie            | Directrice d’usine     | atlas-conserverie   | Referral    | 78000 EUR   | 55 > 69 | manager | qualified | | food
  Kjell      | Strömqvist    | Strömqvist Bygg AB           | Inköpschef             | stromqvist-bygg     | Website     | 640000 SEK  | 50 > 66 | member  | qualified | | construction
  Margarethe | Löwenstein    | Schloss Löwenstein Weingut   | Kellerei               | weingut-loewenstein | Phone call  | 37000 EUR   | 47 > 60 | manager | qualified | | food, seasonal
  Terrence   | O'Hare        | Shamrock Tool Rental         | Fleet                  | shamrocktools       | Website     | 49500 USD   | 52 > 67 | member  | qualified | | vehicles
  Mpho       | Dlamini       | Drakensberg Water            | Stores                 | drakensbergwater    | Trade fair  | 58000 USD   | 49 > 64 | admin   | qualified | | utilities
  Giulia     | Tessari       | Tessari Occhiali             | Logistica              | tessari-occhiali    | Partner     | 66400 EUR   | 57 > 73 | admin   | qualified | | e-commerce
  Alan       | Prescott      | Prescott Removals            | Owner                  | prescottremovals    | Website     | 9200 GBP    | 25      | manager | lost      | No budget before next year.
  Ewa        | Maj           | Maj Kosmetyka                | Właścicielka           | maj-kosmetyka       | Newsletter  | 5400 EUR    | 14      | member  | lost      | Only wanted the brochure.
  Carl       | Oppenheim     | Oppenheim Teppiche           | Inhaber                | oppenheim-teppiche  | Phone call  | 13800 EUR   | 32      | manager | lost      | Closes the warehouse at the end of the year.
  Winston    | Achterberg    | Achterberg Dairy             | Plant Manager          | achterbergdairy     | Trade fair  | 47000 EUR   | 51      | member  | lost      | Bought from a competitor.
  Rosalía    | Montenegro    | Aceites Montenegro           | Gerente                | aceites-montenegro  | Website     | 28600 EUR   | 35      | manager | lost      | Three letters and two calls without an answer.
  Jessica    | Tran          | Sunset Surf Supply           | Operations             | sunsetsurf          | LinkedIn    | 16500 USD   | 28      | member  | lost      | Has moved to a logistics provider.
  Günter     | Schmitz       |                              |                        | g.schmitz@freemail  | Website     |             | 3       |         | lost      | A student writing a thesis.
  Poppy      | Ashdown       | Ashdown Farm Shop            | Owner                  | ashdownfarm         | Newsletter  | 3900 GBP    | 10      | admin   | lost      | Too small for us; sent on to a dealer.
  Ibrahim    | Diallo        | Diallo Import-Export         | Directeur              | diallo-import       | Partner     | 52000 EUR   | 46      | admin   | lost      | Could not agree on the terms of payment.
  Ritva      | Mäkinen       | Mäkinen Puu Oy               | Ostopäällikkö          | makinen-puu         | Trade fair  | 39500 EUR   | 44      | manager | lost      | Bought from a competitor.
  Dennis     | Groothuis     | Groothuis Staal              | Magazijn               | groothuis-staal     | Cold e-mail | 71000 EUR   | 19      | member  | lost      | Wrong person; the group buys centrally.
  Nomvula    | Khumalo       | Umhlanga Sugar               | Procurement            | umhlangasugar       | Website     | 83000 USD   | 53      | member  | lost      | Project stopped by the new owners.
  Frédéric   | Castelain     | Brasserie Castelain-Dumont   | Logistique             | castelain-dumont    | Referral    | 26500 EUR   | 61 > 75 | manager | client    | | food
  Solveig    | Haugen        | Haugen Rederi AS             | Innkjøpssjef           | haugen-rederi       | Trade fair  | 145000 EUR  | 69 > 81 | admin   | client    | | marine
  Marisol    | Vega          | Vega Citrus Growers          | Packing House          | vegacitrus          | Website     | 57500 USD   | 63 > 77 | member  | client    | | food, seasonal  | +1 559 555 0182
  Clemens    | Rautenberg    | Rautenberg Arzneimittel GmbH | Lagerleitung           | rautenberg-arznei   | Referral    | 187000 EUR  | 71 > 90 | manager | deal      | negotiation: Medicine store, as in Berlin       | healthcare, automation
  Aoife      | Brennan       | Brennan Whiskey Bond         | Bond Manager           | brennanbond         | Trade fair  | 73500 EUR   | 64 > 83 | member  | deal      | won: Cask racking with customs records          | food
  Jonathan   | Kwok          | Harbour City Archives        | Director               | harbourcityarchives | LinkedIn    | 91000 USD   | 60 > 79 | admin   | deal      | proposal: Fireproof shelving, nine kilometres   | archive
  Lucía      | Zambrano      | Zambrano Flores              | Logística              | zambranoflores      | Website     | 34800 USD   | 55 > 68 | member  | deal      | lost: Cold room for cut roses                   | horticulture
  Henrik     | Dahlgaard     | Dahlgaard Vind ApS           | Supply Base            | dahlgaard-vind      | Partner     | 226000 EUR  | 74 > 86 | admin   | deal      | qualification: Stackers for the harbour base    | energy
  Yvonne     | Amstutz       | Amstutz Präzision AG         | Geschäftsleitung       | amstutz-praezision  | Referral    | 118000 CHF  | 67 > 84 | manager | deal      | proposal: Small-parts store                     | manufacturing
  Trudy      | Kaczmarek     | Calloway Freight Systems, Inc. | Ground Support       | callowayfreight     | Referral    | 43000 USD   | 70 > 80 | member  | deal      | prospecting: Belt loaders for the apron (2)     | vehicles        | +1 901 555 0191
  `,
)

/** What was heard of a company: the first conversation, as the owner wrote it down. */
export const leadNotes: Readonly<Record<string, string>> = {
  'Riverton Grain Elevators':
    'Met at our stand. Three elevators, all with vehicles from before 2010. Call after the harvest.',
  'Solheim Havbruk AS': 'Salmon. Needs stainless steel throughout; sent the list of alloys.',
  'Nordic Parcel Hub': 'Wants to see a running sorter before anything else. Lumière du Nord would let us show theirs.',
  'Haddad Pharma Distribution': 'Temperature has to be proven for every pallet, day and night.',
  'Gethin Slate Quarry': 'Called about a telehandler. No e-mail, and the line is bad: ring before seven.',
  'Table Bay Cold Storage': 'Power fails twice a week. Asks what our batteries do in that time.',
  'Lagos Cold Chain': 'Financed until March, wants a first site by then. Numbers look sound.',
  'Frutas del Segura': 'Recommended by María José at Viñedos Peñalara.',
  'Zgraggen Transporte AG':
    'Two offers on the table already.\nWhat decides: service within four hours, in the mountains, in winter.',
  'Speyside Cooperage': 'Casks weigh 500 kg and roll. Everybody has tried, nobody has solved it.',
  'Rift Valley Flowers': 'Budget approved. Site visit agreed; needs an invitation letter for the visa.',
  'Vogt Feinmechanik AG': 'Same building type as Alpenwerk. Wants their reference.',
  'Laboratoires Rousselet': 'Validation documents are half the work. Ask the hospital team how they did it.',
  'Great Plains Solar': 'Panels arrive in 40-foot containers, 12 a day. First order in spring, then every quarter.',
  'Bałtyk Stocznia': 'Decision by the supervisory board; Mr Zieliński prepares the paper and wants our help with it.',
  'Shamrock Tool Rental': 'Would take used vehicles as well.',
  'Rautenberg Arzneimittel GmbH': 'Has seen the store in Berlin and wants the same, a third smaller.',
  'Brennan Whiskey Bond': 'Bonded store, so every move is a customs record. Interface to their software is the point.',
  'Harbour City Archives': 'Nine kilometres of shelves. Fire protection takes part in every meeting.',
  'Dahlgaard Vind ApS': 'Knows Fjordlys and asks for the same stackers.',
}
