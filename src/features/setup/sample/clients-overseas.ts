import type { SampleClient } from './clients.ts'

export const clientsOverseas: readonly SampleClient[] = [
  {
    name: 'Calloway Freight Systems, Inc.',
    currencyCode: 'USD',
    domain: 'callowayfreight.example',
    line: '+1 901 555 01',
    address: '4400 Airways Boulevard\nMemphis, TN 38118\nUnited States',
    owner: 'member',
    tags: ['logistics', 'key account'],
    description: 'Night hub: everything happens between 11 p.m. and 4 a.m. Wants one supplier for the whole floor.',
    people: `
      DeShawn | Calloway | President | | primary
      Mary Beth | Kowalski-Jones | VP Ground Operations | Operations
      Luis | Ybarra | Maintenance Lead | Operations | technical
      Tiffany | Xiong | Accounts Payable | Finance | billing`,
  },
  {
    name: 'Bright Harbor Health',
    currencyCode: 'USD',
    domain: 'brightharborhealth.example',
    line: '+1 617 555 01',
    address: '200 Long Wharf\nBoston, MA 02110\nUnited States',
    owner: 'member',
    tags: ['healthcare'],
    people: `
      Dr. Anjali | Venkataraman | Chief Medical Officer | Board | primary | anjali.venkataraman
      Patrick | O’Malley | Supply Chain Director | Supply Chain
      Guadalupe | Peña | Pharmacy Store | Pharmacy | technical
      Chad | Worthington III | Contracts | Legal | | chad.worthington`,
  },
  {
    name: 'Tallgrass Outfitters',
    currencyCode: 'USD',
    domain: 'tallgrassoutfitters.example',
    line: '+1 918 555 01',
    address: '77 Prairie Road\nTulsa, OK 74103\nUnited States',
    owner: 'manager',
    tags: ['retail', 'e-commerce'],
    people: `
      Wilma | Redcorn | Owner | | primary
      Cody | Standingbear | Fulfilment | Warehouse | technical
      Brenda | Lee | Bookkeeping | Office | billing`,
  },
  {
    name: 'Maple Ridge School District No. 42',
    currencyCode: 'USD',
    domain: 'mapleridgeschools.example',
    line: '+1 604 555 01',
    address: '22225 Brown Avenue\nMaple Ridge, BC V2X 8N6\nCanada',
    owner: '',
    tags: ['education', 'public tender'],
    description: 'One central store for 28 schools. The budget is decided in April.',
    people: `
      Geneviève | Tremblay | Secretary-Treasurer | Board | primary
      Harjit | Sandhu | Facilities | Operations | technical
      Rosalind | Chu | Purchasing | Finance | billing`,
  },
  {
    name: 'Blue Mesa Brewing Co.',
    currencyCode: 'USD',
    domain: 'bluemesabrewing.example',
    line: '+1 970 555 01',
    address: '1 Kettle Street\nGunnison, CO 81230\nUnited States',
    owner: 'admin',
    tags: ['food', 'seasonal'],
    people: `
      Autumn | Begay | Head Brewer | Production | primary
      Zach | Lindqvist | Distribution | Logistics | technical
      Noor | Al-Haddad | Finance | Finance | billing`,
  },
  {
    name: 'Costa Brava Importações Ltda.',
    currencyCode: 'USD',
    domain: 'costabrava-import.example',
    line: '+55 11 5555 01',
    address: 'Rua da Mooca 1480\n03104-002 São Paulo\nBrazil',
    owner: 'manager',
    tags: ['wholesale'],
    people: `
      João Guilherme | Gonçalves de Araújo | Diretor comercial | Comercial | primary
      Conceição | Magalhães | Armazém | Logística | technical
      Takeshi | Yamanaka | Financeiro | Financeiro | billing`,
  },
  {
    name: '株式会社 青葉製作所',
    currencyCode: 'JPY',
    domain: 'aoba-seisakusho.example',
    line: '+81 22 555 01',
    address: '宮城県仙台市青葉区一番町3-7-1\n980-0811\nJapan',
    owner: 'admin',
    tags: ['manufacturing', 'key account'],
    description:
      'Aoba Seisakusho: bearings. Delivery is to the quarter of an hour, and quotes are read to the last line.',
    people: `
      健太 | 佐藤 | 購買部長 | 購買部 | primary | kenta.sato
      美咲 | 高橋 | 生産管理 | 生産部 | technical | misaki.takahashi
      Emi | Watanabe-Clarke | International Purchasing | 購買部
      翔 | 小林 | 経理課長 | 経理部 | billing | sho.kobayashi`,
  },
  {
    name: 'Kitakaze Foods K.K.',
    currencyCode: 'JPY',
    domain: 'kitakaze-foods.example',
    line: '+81 11 555 02',
    address: '2-11 Kita 7-jo Nishi\nSapporo 060-0807\nJapan',
    owner: 'manager',
    tags: ['food', 'cold store'],
    people: `
      Haruto | Kitagawa | Plant Director | Plant | primary
      さくら | 中村 | 品質管理 | Quality | technical | sakura.nakamura
      Ren | Itō | Accounting | Finance | billing`,
  },
  {
    name: 'شركة النخيل للتجارة',
    currencyCode: 'USD',
    domain: 'alnakheel-trading.example',
    line: '+971 4 555 01',
    address: 'شارع الشيخ زايد، برج النخيل\nDubai\nUnited Arab Emirates',
    owner: 'admin',
    tags: ['wholesale'],
    description: 'Al Nakheel Trading. Letters in Arabic, drawings and quotes in English.',
    people: `
      فاطمة | المنصوري | المديرة العامة | الإدارة | primary | f.almansoori
      يوسف | عبد الرحمن | مدير المستودع | المستودعات | technical | y.abdulrahman
      Rajesh | Krishnamurthy | Procurement | Procurement | billing`,
  },
  {
    name: '深圳市云舟科技有限公司',
    currencyCode: 'USD',
    domain: 'yunzhou-tech.example',
    line: '+86 755 5550 1',
    address: '深圳市南山区科苑路 88 号\n518057\nChina',
    owner: 'member',
    tags: ['electronics'],
    description: 'Yunzhou Technology: circuit boards, assembled. Two floors of automatic storage in planning.',
    people: `
      伟 | 王 | 总经理 | 管理层 | primary | wei.wang
      小芳 | 欧阳 | 仓储经理 | 仓储部 | technical | xiaofang.ouyang
      Grace | Liu | Overseas Purchasing | 采购部`,
  },
  {
    name: 'Wattle & Stone Builders Pty Ltd',
    currencyCode: 'USD',
    domain: 'wattleandstone.example',
    line: '+61 3 5550 01',
    address: '12 Quarry Road\nBallarat VIC 3350\nAustralia',
    owner: 'manager',
    tags: ['construction'],
    status: 'inactive',
    people: `
      Bronwyn | Wattle | Director | | primary
      지훈 | 김 | Yard Supervisor | Yard | technical | jihoon.kim
      आरती | शर्मा | Accounts | Office | billing | aarti.sharma`,
  },
]
