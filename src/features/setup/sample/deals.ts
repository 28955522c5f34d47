import { rowsOf } from './table.ts'

/** `client` is the client's domain without .example; empty for a deal that has no client yet, which then is in euros. */
const COLUMNS = ['client', 'name', 'stage', 'value', 'days', 'owner', 'tags', 'reason', 'notes'] as const
export type SampleDeal = Record<(typeof COLUMNS)[number], string>

/** The open stages a deal goes through on its way, in their order. */
export const ROUTE = ['prospecting', 'qualification', 'proposal', 'negotiation']

/**
 * client | name | stage | value, or value at first > later | days until it should close | owner, or owner at first > later | tags |
 * why it was once lost, before it was reopened | notes
 */
const open = rowsOf(
  COLUMNS,
  `
  nordhafen           | Reach trucks for hall 3                  | negotiation   | 184000 > 176500 | 9    | manager          | forklifts, urgent  | | Price agreed by word of mouth; waiting for the signature of the board.
  lindenhof-kliniken  | Automatic medicine store, Berlin-Marzahn | negotiation   | 412500          | 24   | member           | automation, tender
  alpenwerk           | Spare-part carousel, Arosa               | negotiation   | 98600           | -3   | manager          | automation
  harrowgateferries   | Terminal tractors, Dover                 | negotiation   | 236000 > 251000 | 17   | admin            | vehicles
  callowayfreight     | Night hub conveyor, phase 1              | negotiation   | 1280000         | 41   | member           | automation, key account | | Legal reads our terms of liability. They want a cap at the contract’s value.
  aoba-seisakusho     | 自動倉庫 第2期                             | negotiation   | 38500000        | 30   | admin            | automation
  brightharborhealth  | Pharmacy shelving and scanners           | negotiation   | 87450.50        | 6    | member           | scanners
  fjordlys            | Corrosion-proof stackers (4)             | negotiation   | 132000          | 12   | admin            | vehicles
  lumieredunord       | Parcel sorter before the season          | negotiation   | 219900          | -11  | manager          | automation, urgent | Budget frozen
  penhallowtregear    | Mobile archive, second floor             | negotiation   | 31250           | 20   | member           | racking
  nordhafen           | Maintenance contract, three years        | proposal      | 96000           | 33   | manager          | service
  bruecknersoehne     | Pallet racking, new dispatch hall        | proposal      | 74300           | 15   | manager          | racking
  isartal-papier      | Reel clamps for eight trucks             | proposal      | 46800           | 2    | manager          | vehicles
  stadtwerke-auental  | Tram depot: lifting platforms            | proposal      | 158000          | 52   | admin            | tender
  bergsegen           | Wheel-turning robot, cellar 2            | proposal      | 143000          | 28   | member           | automation, cold store
  northmoordairy      | Cold-store doors and curtains            | proposal      | 28750           | -6   | manager          | cold store
  penalara            | Barrel stacker, lease of five years      | proposal      | 63400           | 44   | manager > member | vehicles, lease
  soderhamntra        | Side loaders (2)                         | proposal      | 1450000         | 38   | member           | vehicles
  yunzhou-tech        | Automatic storage, two floors            | proposal      | 640000 > 585000 | 61   | member           | automation         | | Compared with a local maker; ours is dearer and takes half the floor.
  tallgrassoutfitters | Pick-by-light, 60 stations               | proposal      | 52900           | 11   | manager          | scanners
  costabrava-import   | Cross-dock extension                     | proposal      | 118000          | -19  | manager          | racking            | Import duty
  kitakaze-foods      | 冷凍倉庫用フォークリフト                     | proposal      | 12400000        | 26   | manager          | cold store, forklifts
  mapleridgeschools   | Central store: shelving                  | proposal      | 39800           | 70   |                  | racking, tender
  lindenhof-kliniken  | Stock software, 120 seats                | qualification | 54000           | 47   | member           | software
  vallotton-horlogerie | Secure carousel for movements           | qualification | 205000          | 55   | admin            | secure storage
  donauflor           | Trolley train, glasshouse 4              | qualification | 22600           | 90   | member           | vehicles
  osmarine            | Boat hoist overhaul                      | qualification | 18900           | 14   | member           | service
  molinosantelia      | Explosion-proof forklifts (3)            | qualification | 147000          | 35   | member           | forklifts, certificate
  beausejour-ateliers | Rail-guided order picker                 | qualification | 83500           | 42   | admin            | automation
  harrowgateferries   | Driver training, two ports               | qualification | 14500           | -2   | admin > manager  | training
  alpenwerk           | Valley store: mezzanine floor            | qualification | 67200           | 63   | manager          | racking
  bluemesabrewing     | Keg handling line                        | qualification | 91000           | 49   | admin            | automation, seasonal
  alnakheel-trading   | High-bay racking, Jebel Ali              | qualification | 310000          | 58   | admin            | racking
  brightharborhealth  | Autonomous carts, pilot                  | qualification | 120000          | 85   | member           | automation, pilot
  aoba-seisakusho     | 保守契約 3年                               | qualification | 5400000         | 22   | admin            | service
  aegean-metaforiki   | Container handler, used                  | qualification | 78000           | 31   |                  | vehicles, used
  stadtwerke-auental  | Water works: safe chemical store         | prospecting   | 36400           | 75   | admin            | safety
  bruecknersoehne     | Crane for the assembly hall              | prospecting   | 265000          | 120  | manager          | lifting
  isartal-papier      | Replace twelve forklifts                 | prospecting   | 390000          | 140  | manager          | forklifts
  northmoordairy      | Stock software, 25 seats                 | prospecting   | 11250           | 45   | manager          | software
  fjordlys            | Second harbour store                     | prospecting   |                 | 180  | admin            | automation
  callowayfreight     | Night hub conveyor, phase 2              | prospecting   | 960000          | 210  | member           | automation
  tallgrassoutfitters | Packing tables                           | prospecting   | 8750            | 19   | manager          | packing
  lumieredunord       | Returns desk with weighing               | prospecting   | 17300           | -8   | manager          | packing
  kitakaze-foods      | Driver training in Sapporo               | prospecting   | 880000          | 65   | manager          | training
  penalara            | Bottle store: inert shelving             | prospecting   | 24900           | 82   | manager          | racking
  soderhamntra        | Dust-proof scanners                      | prospecting   | 210000          | 54   | member           | scanners
  costabrava-import   | Dock levellers (6)                       | prospecting   | 43200           | 37   | manager          | docks
  molinosantelia      | Bag palletiser                           | prospecting   | 99000           |      | member           | automation
                      | Framework agreement, purchasing pool     | prospecting   | 500000          | 160  | admin            | tender             | | Five municipalities buy together; which of them signs is open.
  `,
)

/** client | name | won or lost | value | days since it was closed | owner | tags | why it was lost | notes */
const closed = rowsOf(
  COLUMNS,
  `
  nordhafen           | Forklifts for the bonded store (12)      | won  | 348000   | 4   | manager | forklifts, key account | | Delivered in three lots. They asked for one invoice a lot.
  bruecknersoehne     | Chip conveyor                            | won  | 41200    | 12  | manager | automation
  lindenhof-kliniken  | Linen trolleys (40)                      | won  | 26400    | 19  | member  | vehicles
  harrowgateferries   | Stern-ramp tractors (3)                  | won  | 174000   | 8   | admin   | vehicles
  callowayfreight     | Scanners for the night shift             | won  | 68750.25 | 15  | member  | scanners
  aoba-seisakusho     | 自動倉庫 第1期                             | won  | 42000000 | 33  | admin   | automation
  alpenwerk           | Maintenance contract                     | won  | 36000    | 41  | manager | service
  bergsegen           | Wheel-turning robot, cellar 1            | won  | 139500   | 58  | member  | automation, cold store
  fjordlys            | Lifting gear inspection                  | won  | 9800     | 27  | admin   | service
  lumieredunord       | Racking, Lille                           | won  | 88400    | 66  | manager | racking
  penhallowtregear    | Mobile archive, first floor              | won  | 29900    | 73  | member  | racking
  brightharborhealth  | Sterile goods store                      | won  | 154000   | 81  | member  | racking
  kitakaze-foods      | 冷凍倉庫 棚設備                             | won  | 9650000  | 95  | manager | cold store, racking
  vallotton-horlogerie | Vault shelving                          | won  | 57300    | 102 | admin   | secure storage
  tallgrassoutfitters | Conveyor between two halls               | won  | 47600    | 110 | manager | automation
  soderhamntra        | Log stacker                              | won  | 2380000  | 121 | member  | vehicles
  alnakheel-trading   | Electric pallet trucks (20)              | won  | 61000    | 134 | admin   | vehicles
  osmarine            | Boat stands                              | won  | 12750    | 147 | member  | lifting
  stadtwerke-auental  | Forklift driver training                 | won  | 7400     | 159 | admin   | training
  isartal-papier      | Paper-roll scanner gates                 | won  | 33100    | 172 | manager | scanners
  hansegrund          | Basement storage, 200 flats              | lost | 118000   | 6   | member  | racking        | The building was sold before the decision.
  ceramika-leczyca    | Kiln cars                                | lost | 86500    | 23  | manager | vehicles       | Bought from a maker in the next town: shorter way for service.
  northmoordairy      | Milk-crate washer                        | lost | 54000    | 38  | manager | cold store     | Price. We were 18 % above the second.
  wattleandstone      | Yard cranes (2)                          | lost | 172000   | 52  | manager | lifting        | No answer since the summer; written off.
  mapleridgeschools   | Furniture trolleys                       | lost | 15600    | 64  |         | vehicles       | The tender was cancelled.
  costabrava-import   | Container ramp                           | lost | 37500    | 77  | manager | docks          | Import duty made it a third dearer.
  bluemesabrewing     | Bottle depalletiser                      | lost | 128000   | 88  | admin   | automation     | Chose a used machine.
  yunzhou-tech        | Antistatic shelving                      | lost | 44000    | 99  | member  | racking        | Delivery in 14 weeks was too late for the opening.
  molinosantelia      | Silo weighing                            | lost | 29500    | 113 | member  | automation     | Missing certificate for dust zone 21.
  donauflor           | Irrigation pallets                       | lost | 6200     | 128 | member  | seasonal       | Postponed by a year; they will call again in the autumn.
  beausejour-ateliers | Overhead crane                           | lost | 93000    | 141 | admin   | lifting        | The roof does not carry it.
  aegean-metaforiki   | Port software                            | lost | 210000   | 156 |         | software       | Went to a maker who already serves the terminal.
  penalara            | Cellar ventilation                       | lost | 48900    | 177 | manager | cold store     | Not our trade after all.
  `,
)

export const sampleDeals: readonly SampleDeal[] = [...open, ...closed]
