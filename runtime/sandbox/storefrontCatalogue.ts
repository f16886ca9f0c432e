/** What the made-up store sells, and where. Nothing here is real. */

export interface Market {
  country: string;
  countryCode: string;
  currency: string;
  /** Digits after the point. */
  digits: number;
  /** Whether prices contain the taxes. */
  inclusive: boolean;
  /** Millionths: 190000 is 19 %. */
  taxes: { title: string; ppm: number }[];
  taxesShipping: boolean;
  tips: boolean;
  methods: { title: string; code: string }[];
  places: { city: string; province: string | null; provinceCode: string | null; zip: string }[];
  streets: string[];
}

const standard = [
  { title: "Standard", code: "STD" },
  { title: "Express", code: "EXP" },
];

export const markets: readonly Market[] = [
  {
    country: "United States",
    countryCode: "US",
    currency: "USD",
    digits: 2,
    inclusive: false,
    taxes: [
      { title: "Nevada State Tax", ppm: 68_500 },
      { title: "Washoe County Tax", ppm: 14_400 },
    ],
    taxesShipping: false,
    tips: true,
    methods: standard,
    places: [
      { city: "Reno", province: "Nevada", provinceCode: "NV", zip: "89501" },
      { city: "Sparks", province: "Nevada", provinceCode: "NV", zip: "89431" },
    ],
    streets: ["Juniper Lane", "Granite Road", "Mill Street"],
  },
  {
    country: "United States",
    countryCode: "US",
    currency: "USD",
    digits: 2,
    inclusive: false,
    taxes: [],
    taxesShipping: false,
    tips: true,
    methods: standard,
    places: [{ city: "Bend", province: "Oregon", provinceCode: "OR", zip: "97701" }],
    streets: ["Cascade Avenue", "Riverside Drive"],
  },
  {
    country: "Canada",
    countryCode: "CA",
    currency: "CAD",
    digits: 2,
    inclusive: false,
    taxes: [{ title: "GST", ppm: 50_000 }],
    taxesShipping: true,
    tips: true,
    methods: standard,
    places: [{ city: "Canmore", province: "Alberta", provinceCode: "AB", zip: "T1W 2B2" }],
    streets: ["Bow Valley Trail", "Main Street"],
  },
  {
    country: "Germany",
    countryCode: "DE",
    currency: "EUR",
    digits: 2,
    inclusive: true,
    taxes: [{ title: "VAT", ppm: 190_000 }],
    taxesShipping: true,
    tips: false,
    methods: [{ title: "DHL Paket", code: "DHL" }],
    places: [
      { city: "Hamburg", province: null, provinceCode: null, zip: "22767" },
      { city: "Garmisch-Partenkirchen", province: null, provinceCode: null, zip: "82467" },
    ],
    streets: ["Fischmarkt", "Zugspitzstraße"],
  },
  {
    country: "United Kingdom",
    countryCode: "GB",
    currency: "GBP",
    digits: 2,
    inclusive: true,
    taxes: [{ title: "GB VAT", ppm: 200_000 }],
    taxesShipping: true,
    tips: false,
    methods: [{ title: "Royal Mail Tracked 48", code: "RM48" }],
    places: [{ city: "Keswick", province: "England", provinceCode: "ENG", zip: "CA12 5DB" }],
    streets: ["Station Street", "Lake Road"],
  },
  {
    country: "Japan",
    countryCode: "JP",
    currency: "JPY",
    digits: 0,
    inclusive: true,
    taxes: [{ title: "CT", ppm: 100_000 }],
    taxesShipping: true,
    tips: false,
    methods: [{ title: "ヤマト運輸", code: "YAMATO" }],
    places: [{ city: "松本市", province: "Nagano", provinceCode: "JP-20", zip: "390-0811" }],
    streets: ["中央", "深志"],
  },
];

export const products = [
  { number: 101, sku: "NW-TENT-2P-GRN", title: "Ridge tent, two persons", grams: 2100 },
  { number: 102, sku: "NW-PACK-45", title: "Trail pack 45 l", grams: 1350 },
  { number: 103, sku: "NW-BOOT-42", title: "Alpine boots, 42", grams: 1500 },
  { number: 104, sku: "NW-SOCK-M", title: "Merino socks", grams: 90 },
  { number: 105, sku: "NW-MUG-TI-450", title: "Titanium mug 450 ml", grams: 70 },
  { number: 106, sku: "NW-LAMP-400", title: "Head lamp 400 lm", grams: 85 },
  { number: 107, sku: "NW-BAG-DOWN-M5", title: "Down sleeping bag, -5 °C", grams: 920 },
  { number: 108, sku: "NW-STOVE-GAS", title: "Gas stove “Föhn”", grams: 110 },
] as const;

export const firstNames = ["Dana", "Jonas", "Mira", "Avery", "Søren", "María José", "Yuki", "Oluwaseun"] as const;
export const lastNames = ["Whitfield", "Petersen", "Okafor", "Tremblay", "O'Brien", "田中", "Müller-Lüdenscheidt"] as const;
export const buyers = ["Petersen Bergsport GmbH", "Summit & Sons", 'Café "Gipfel"'] as const;
