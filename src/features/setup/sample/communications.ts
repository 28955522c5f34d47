import { rowsOf } from './table.ts'

/**
 * `client` is its domain without .example; `person` the place in its list of people. `when` is days from today and the time of day where whoever looks
 * after the client is: none in the small hours, of which the clocks skip one a year. `followUp` is days from today, with "done" where it is
 * completed. A communication about a deal is about that deal's project and quote too.
 */
const COLUMNS = [
  'client',
  'person',
  'type',
  'direction',
  'when',
  'followUp',
  'deal',
  'status',
  'subject',
  'content',
] as const
export type SampleCommunication = Record<(typeof COLUMNS)[number], string>

export const sampleCommunications: readonly SampleCommunication[] = rowsOf(
  COLUMNS,
  `
  nordhafen            | 1 | call    | outbound | -1 10:15  | 2         | Reach trucks for hall 3                  | completed | Price agreed by word of mouth          | Annika takes 176,500 to the board on Thursday. She wants the delivery dates in writing before that.
  nordhafen            | 2 | meeting | outbound | -9 09:00  | -4 done   | Reach trucks for hall 3                  | completed | Test drive in hall 3                   | Jörg drove both trucks for an hour. The turning circle is fine between B and C, tight at the charging station.
  nordhafen            | 3 | email   | inbound  | -12 16:42 |           | Reach trucks for hall 3                  | completed | Re: offer for reach trucks             | Thanks for the revised offer. Please split the invoice by lot, as with the forklifts last time.
  nordhafen            | 1 | email   | outbound | -3 08:50  | 1         | Maintenance contract, three years        | completed | Maintenance contract: draft            | Sent the draft with the four-hour response time she asked for, and the price with eight hours beside it.
  nordhafen            | 4 | message | inbound  | 0 07:20   |           |                                          | completed | Gate code of hall 3                    | Hauke sends the new code for the fitters. Valid until Friday.
  nordhafen            | 1 | meeting | outbound | 6 11:00   |           | Reach trucks for hall 3                  | scheduled | Signature, at their place              | Bring two copies and the delivery plan.
  bruecknersoehne      | 2 | call    | inbound  | -2 11:30  | 0         | Pallet racking, new dispatch hall        | completed | Columns in the wrong place             | The architect moved two columns by 40 cm. Sabine sends the new drawing; we have to count the bays again.
  bruecknersoehne      | 1 | meeting | outbound | -20 14:00 | -6 done   | Pallet racking, new dispatch hall        | completed | Walk through the new hall              | Dr. Brückner wants everything out of one hand, floor markings included.
  bruecknersoehne      | 3 | email   | inbound  | -14 09:05 |           | Chip conveyor                            | completed | Rechnung Späneförderer                 | Herr Mößmer bittet um eine Rechnung mit der Bestellnummer 4711-B.
  bruecknersoehne      | 1 | note    | outbound | -40 17:30 | 21        | Crane for the assembly hall              | completed | Crane: not before the summer           | The hall has to be finished first. Ask again when the floor is poured.
  lindenhof-kliniken   | 2 | call    | outbound | -4 15:10  | -1        | Automatic medicine store, Berlin-Marzahn | completed | Questions of the tender board          | Three open points: emergency power, cleaning, who trains the night shift. Answers were promised in writing.
  lindenhof-kliniken   | 3 | email   | outbound | -6 12:25  |           | Automatic medicine store, Berlin-Marzahn | completed | Tender documents, part 2               | Sent the signed declarations and the list of subcontractors.
  lindenhof-kliniken   | 1 | meeting | outbound | 4 10:00   |           | Automatic medicine store, Berlin-Marzahn | scheduled | Presentation to the medical directors  | Twenty minutes, then questions. Prof. Ziegenhagen-Wieczorek wants to see figures from Hamburg.
  lindenhof-kliniken   | 2 | call    | inbound  | -18 09:40 | -11 done  | Stock software, 120 seats                | completed | Do the old scanners still work?        | They do, all but the ones without a display. Sent him the list.
  lindenhof-kliniken   | 4 | email   | inbound  | -22 13:00 |           | Linen trolleys (40)                      | completed | Invoice received                       | Paid on the 15th, says Frau Lüdtke.
  isartal-papier       | 2 | call    | outbound | -5 08:30  | -2        | Reel clamps for eight trucks             | completed | Opening width of the clamps            | Xaver measures the largest reel on Monday. Without it nobody can order anything.
  isartal-papier       | 1 | email   | outbound | -30 10:00 | 14        | Replace twelve forklifts                 | completed | Age of the fleet                       | Sent the comparison: keep, replace half, replace all. She reads it after the holidays.
  stadtwerke-auental   | 1 | call    | outbound | -7 13:45  | 0         | Tram depot: lifting platforms            | completed | When does the committee meet?          | On the last Tuesday of the month. Frau Süß needs the load certificate before that.
  stadtwerke-auental   | 3 | meeting | outbound | -25 10:30 | -20 done  | Tram depot: lifting platforms            | completed | Works council visits the depot         | Sandra Pohl asked for railings on both sides, and for a second emergency stop.
  stadtwerke-auental   | 2 | message | inbound  | -33 06:55 |           | Forklift driver training                 | completed | One driver is ill                      | Nine instead of ten on Thursday.
  hansegrund           | 1 | call    | outbound | -8 16:20  |           | Basement storage, 200 flats              | completed | The building is sold                   | Decided last week, he says. The new owner has plans of their own.
  donauflor            | 1 | call    | inbound  | -3 07:45  | 9         | Trolley train, glasshouse 4              | completed | Width of the gate                      | Leopold widens the gate of glasshouse 4 in any case. He will call when the builder has been there.
  donauflor            | 2 | email   | outbound | -16 14:10 |           | Trolley train, glasshouse 4              | pending   | Brochure of the trolley train          | Waiting for the new brochure from marketing; it goes to Jelena as soon as it is there.
  alpenwerk            | 1 | call    | outbound | -2 17:05  | -1        | Spare-part carousel, Arosa               | completed | Reminder about the offer               | Ursina was on the road and will look at it tonight. Call again tomorrow.
  alpenwerk            | 3 | meeting | outbound | -28 08:00 |           | Spare-part carousel, Arosa               | completed | Measuring in Arosa                     | The lift carries 1.2 t, the carousel has to go up in parts. Gian-Andri helps with the crane.
  alpenwerk            | 4 | email   | inbound  | -11 11:11 |           | Maintenance contract                     | completed | Facture de maintenance                 | Florence Maître demande une facture en francs suisses, payable à 45 jours.
  vallotton-horlogerie | 2 | email   | inbound  | -1 09:30  | 3         | Secure carousel for movements            | completed | Questions sur l’assurance              | Élodie needs the certificate of the lock for the insurer, in French.
  vallotton-horlogerie | 1 | meeting | outbound | 12 14:00  |           | Secure carousel for movements            | scheduled | Visit of the manufacture in La Chaux   | Passport needed at the gate.
  bergsegen            | 1 | call    | outbound | -6 10:50  | 5         | Wheel-turning robot, cellar 2            | completed | The cooperative votes in two weeks     | Barbara is for it, two of the seven are not. She asks for the figures of cellar 1: breakage before and after.
  bergsegen            | 2 | meeting | outbound | -55 09:30 | -50 done  | Wheel-turning robot, cellar 1            | completed | First night with the robot             | 1,140 wheels turned, none dropped. Sepp stayed until midnight to watch.
  harrowgateferries    | 2 | call    | inbound  | 0 09:10   |           | Terminal tractors, Dover                 | completed | Ramp angle at low tide                 | Rhys says 9 degrees at spring tide. The heavier tractor it is, then: 251,000.
  harrowgateferries    | 1 | email   | outbound | -4 18:00  | 0         | Terminal tractors, Dover                 | completed | Revised offer, heavier tractors        | Sent to Imogen with the brake certificates. She promised an answer by today.
  harrowgateferries    | 3 | meeting | outbound | -35 13:00 |           | Stern-ramp tractors (3)                  | completed | Handover in Dover                      | All three driven up the ramp, fully loaded. Signed on the quay.
  harrowgateferries    | 4 | email   | outbound | -9 08:15  | -3        | Stern-ramp tractors (3)                  | completed | Second reminder of invoice 2381        | Priscilla wants a copy with the purchase order on it. Ask whether it arrived.
  penhallowtregear     | 1 | call    | outbound | -10 15:30 | 8         | Mobile archive, second floor             | completed | Load of the floor                      | The surveyor comes next week. Loveday is optimistic, Jago is not.
  penhallowtregear     | 3 | email   | inbound  | -60 10:20 |           | Mobile archive, first floor              | completed | Keys                                   | Winifred found all twelve. One can be ordered after all.
  northmoordairy       | 2 | call    | outbound | -13 07:30 | -5        | Cold-store doors and curtains            | completed | Doors before the audit?                | Gurpreet would like them in before the audit, the chair wants two more offers. He tries to hurry it.
  northmoordairy       | 4 | message | inbound  | -15 04:40 |           |                                          | completed | Stacker stops in the cold              | Bogdan wrote in the night shift: error 31 below minus 20. Passed on to service, solved by eight.
  osmarine             | 2 | call    | inbound  | -5 11:00  | 4         | Boat hoist overhaul                      | completed | Hoist free in the second week          | Diarmuid can do without it from the 9th to the 13th. Confirm the fitter.
  lumieredunord        | 1 | email   | inbound  | -8 12:00  | -7        | Parcel sorter before the season          | completed | Budget débloqué ?                      | Clémence writes that the freeze may end this week. Call her before her holidays.
  lumieredunord        | 4 | call    | outbound | -21 10:10 | -15 done  | Parcel sorter before the season          | completed | Plans for the mezzanine                | Loïc sends the statics. 350 kg per square metre is enough for the sorter.
  beausejour-ateliers  | 2 | meeting | outbound | -17 15:00 | 11        | Rail-guided order picker                 | completed | Le sol de l’atelier                    | Yacine wants to grind the floor himself. We measure it again afterwards.
  molinosantelia       | 3 | email   | inbound  | -2 08:05  | 1         | Explosion-proof forklifts (3)            | completed | Certificato zona 22                    | Amara needs the certificate of the batteries too, not only of the trucks.
  penalara             | 2 | call    | outbound | -19 12:30 |           | Barrel stacker, lease of five years      | completed | Lease or purchase                      | Íñigo would buy, the administration would lease. Both figures are in the offer now.
  fjordlys             | 1 | meeting | outbound | -7 10:00  | 2         | Corrosion-proof stackers (4)             | completed | Salt spray test                        | Sigrid saw the photographs of the test after 1,000 hours and was content. Contract goes to Ingeborg.
  fjordlys             | 3 | email   | outbound | -1 14:20  | 6         | Corrosion-proof stackers (4)             | completed | Contract, second draft                 | Liability as they had it in the first contract.
  soderhamntra         | 2 | call    | outbound | -27 09:15 | 16        | Side loaders (2)                         | completed | Timber season                          | Märta decides after the spring flood. No pressure before that.
  aegean-metaforiki    | 2 | email   | inbound  | -12 08:00 | -6        | Container handler, used                  | completed | Φωτογραφίες                            | Asks for photographs of the engine and the hours on the counter.
  callowayfreight      | 1 | call    | outbound | -1 16:00  | 0         | Night hub conveyor, phase 1              | completed | Cap on liability                       | DeShawn takes a cap at the value of the contract, his lawyers want twice that. He talks to them tonight.
  callowayfreight      | 3 | meeting | outbound | -10 22:30 | -8 done   | Night hub conveyor, phase 1              | completed | A night at the hub                     | 14,200 parcels between ten and two. The jam is at the third chute, not at the scanners.
  callowayfreight      | 2 | email   | outbound | -6 09:45  | -2 done   | Night hub conveyor, phase 1              | completed | Schedule of works                      | Nothing may stand still on a Thursday, she says. Works on weekends then.
  callowayfreight      | 1 | meeting | outbound | 9 15:00   |           | Night hub conveyor, phase 1              | scheduled | Contract, with the lawyers             | By video.
  brightharborhealth   | 2 | call    | inbound  | -3 13:20  | 0         | Pharmacy shelving and scanners           | completed | Two more scanners                      | Patrick needs 26 instead of 24, at the same price if it can be done.
  brightharborhealth   | 1 | email   | outbound | -24 11:40 | 18        | Autonomous carts, pilot                  | completed | What a pilot could look like           | One floor, two carts, eight weeks. Dr. Venkataraman takes it to the safety board.
  tallgrassoutfitters  | 2 | call    | outbound | -4 10:30  | -1        | Pick-by-light, 60 stations               | completed | Sixty stations or forty-eight          | Cody counts the orders of the last Saturday and tells us.
  mapleridgeschools    | 2 | email   | inbound  | -26 17:10 |           | Central store: shelving                  | completed | Site visit                             | Harjit offers the week after the exams.
  bluemesabrewing      | 2 | call    | outbound | -15 14:50 | 7         | Keg handling line                        | completed | Line speed                             | Zach would like 400 kegs an hour. The offer says 320; find out what the difference costs.
  costabrava-import    | 2 | note    | outbound | -22 18:15 |           | Cross-dock extension                     | completed | Import duty                            | The new rate applies from next month. It makes the steel 11 % dearer; better to say so before they find out.
  aoba-seisakusho      | 3 | email   | inbound  | -2 05:30  | 2         | 自動倉庫 第2期                             | completed | 第2期の納期について                          | Emi asks on behalf of Sato-san whether the second phase can be running before the fiscal year ends.
  aoba-seisakusho      | 1 | call    | outbound | -16 08:00 | -9 done   | 自動倉庫 第2期                             | cancelled | Call with Sato-san                     | He was at a factory in Nagoya. Moved to next week.
  kitakaze-foods       | 2 | email   | outbound | -11 07:00 | -4        | 冷凍倉庫用フォークリフト                     | completed | Battery at minus 30                    | Sent the measurements of the Hokkaidō test. Ask whether they answer the quality department’s questions.
  alnakheel-trading    | 3 | meeting | outbound | -29 12:00 | 13        | High-bay racking, Jebel Ali              | completed | Visit to the free zone                 | Rajesh showed the plot. 14 m are allowed, 12 are planned; one more level would fit.
  yunzhou-tech         | 3 | call    | inbound  | -9 06:45  | 1         | Automatic storage, two floors            | completed | The local maker’s offer                | Grace says ours is dearer and smaller. She asks for two references in Shenzhen.
  `,
)
