import { rowsOf } from './table.ts'

/** `client` is the client's domain without .example; `deals` are names of its deals, between semicolons; days count from today, those gone by below 0. */
const PROJECT = ['client', 'name', 'status', 'startDays', 'endDays', 'deals', 'description'] as const
export type SampleProject = Record<(typeof PROJECT)[number], string>

/** client | name | status | days to its start | days to its end | deals | description */
export const sampleProjects = rowsOf(
  PROJECT,
  `
  nordhafen            | Bonded store, hall 3              | active    | -60  | 45  | Reach trucks for hall 3; Forklifts for the bonded store (12) | Customs closes the hall on Fridays at noon: nothing is delivered after eleven.
  nordhafen            | Service 2027                      | planned   | 40   |     | Maintenance contract, three years
  bruecknersoehne      | New dispatch hall                 | planned   | 30   | 210 | Pallet racking, new dispatch hall; Crane for the assembly hall | The floor carries five tonnes a square metre, by the structural report.
  lindenhof-kliniken   | Medicine logistics                | active    | -120 | 90  | Automatic medicine store, Berlin-Marzahn; Stock software, 120 seats | Three houses, one store. The works council has to agree to the software.
  alpenwerk            | Arosa valley station              | active    | -20  | 75  | Spare-part carousel, Arosa; Valley store: mezzanine floor | By cable car only; largest part 2.40 m.
  bergsegen            | Cellars                           | active    | -90  | 60  | Wheel-turning robot, cellar 1; Wheel-turning robot, cellar 2
  stadtwerke-auental   | Tram depot                        | planned   | 70   |     | Tram depot: lifting platforms
  hansegrund           | Basement storage                  | cancelled | -80  | -6  | Basement storage, 200 flats
  harrowgateferries    | Fleet renewal                     | active    | -30  | 120 | Stern-ramp tractors (3); Terminal tractors, Dover; Driver training, two ports | Salt water: every seal in the offer is named.
  penhallowtregear     | Mobile archive                    | active    | -75  | 40  | Mobile archive, first floor; Mobile archive, second floor
  fjordlys             | Ny havnehall                      | planned   | 100  |     | Second harbour store
  callowayfreight      | Night hub Memphis                 | active    | -15  | 240 | Night hub conveyor, phase 1; Night hub conveyor, phase 2; Scanners for the night shift | Phase 1 has to run before the peak season; phase 2 goes by its figures.
  aoba-seisakusho      | 自動倉庫                           | active    | -200 | 90  | 自動倉庫 第1期; 自動倉庫 第2期
  brightharborhealth   | Sterile goods                     | completed | -180 | -81 | Sterile goods store
  tallgrassoutfitters  | Second hall                       | completed | -150 | -95 | Conveyor between two halls
  `,
)

/** `deal` is the name of one of the client's deals; `days` count until the quote is no longer valid. */
const QUOTE = ['client', 'title', 'status', 'total', 'days', 'deal', 'notes'] as const
export type SampleQuote = Record<(typeof QUOTE)[number], string>

/** client | title | status | total in the client's currency | days it is valid for | deal | notes */
export const sampleQuotes = rowsOf(
  QUOTE,
  `
  nordhafen            | 8 reach trucks, hall 3                | sent     | 176500    | 12   | Reach trucks for hall 3 | Second version: without the side shifters.
  nordhafen            | 12 forklifts, bonded store            | accepted | 348000    | -40  | Forklifts for the bonded store (12)
  nordhafen            | Maintenance, 36 months                | sent     | 96000     | 30   | Maintenance contract, three years
  bruecknersoehne      | Pallet racking, 1,240 places          | sent     | 74300     | 10   | Pallet racking, new dispatch hall
  lindenhof-kliniken   | Medicine store, lot 2                 | sent     | 412500    | 20   | Automatic medicine store, Berlin-Marzahn | Prices bind us until the tender closes.
  isartal-papier       | Reel clamps, 8 trucks                 | sent     | 46800     | -4   | Reel clamps for eight trucks
  stadtwerke-auental   | Lifting platforms, depot              | draft    | 158000    |      | Tram depot: lifting platforms
  alpenwerk            | Carousel with 42 trays                | sent     | 98600     | -2   | Spare-part carousel, Arosa
  bergsegen            | Robot, cellar 2                       | sent     | 143000    | 25   | Wheel-turning robot, cellar 2
  vallotton-horlogerie | Secure carousel, class 4              | draft    | 205000    | 45   | Secure carousel for movements
  harrowgateferries    | 4 terminal tractors                   | sent     | 251000    | 16   | Terminal tractors, Dover
  northmoordairy       | Cold-store doors, 6 bays              | sent     | 28750     | 21   | Cold-store doors and curtains
  osmarine             | Overhaul of the boat hoist            | draft    |           |      | Boat hoist overhaul | Waits for the inspector’s report.
  lumieredunord        | Parcel sorter, 4,000 an hour          | sent     | 219900    | 5    | Parcel sorter before the season
  soderhamntra         | Log stacker                           | accepted | 2380000   | -130 | Log stacker
  ceramika-leczyca     | Kiln cars (14)                        | rejected | 86500     | -30  | Kiln cars
  callowayfreight      | Night hub conveyor, phase 1           | sent     | 1280000   | 35   | Night hub conveyor, phase 1
  brightharborhealth   | Shelving and 24 scanners              | draft    | 87450.50  | 30   | Pharmacy shelving and scanners
  aoba-seisakusho      | 自動倉庫 第2期 見積書                  | sent     | 38500000  | 28   | 自動倉庫 第2期
  mapleridgeschools    | Furniture trolleys (60)               | expired  | 15600     | -70  | Furniture trolleys
  `,
)
