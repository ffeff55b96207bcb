/** A product in several variants: each becomes an item named "variant noun". */
export interface Product {
  readonly noun: string;
  readonly variants: readonly string[];
  /** What buyers would search for; each up to 8 characters. */
  readonly keywords: readonly string[];
  /** New, from … to, in the main unit of the currency. */
  readonly price: readonly [number, number];
  /** Probability that a variant is sold used. */
  readonly usedShare: number;
}

const product = (
  noun: string,
  variants: readonly string[],
  keywords: readonly string[],
  price: readonly [number, number],
  usedShare = 0.15,
): Product => ({ noun, variants, keywords, price, usedShare });

const BOOKS = [
  product(
    '',
    [
      'The Lighthouse at Skerry Point',
      'A Winter in Trieste',
      'Salt and Cedar',
      "The Clockmaker's Niece",
      'Nine Letters Home',
      'The Quiet Tenant',
      'Where the River Turns',
    ],
    ['book', 'novel', 'fiction'],
    [9, 22],
    0.4,
  ),
  product(
    '',
    [
      'Death on the Night Ferry',
      'The Ashgrove Murders',
      'Inspector Vale Takes a Walk',
      'A Body of Evidence',
      'The Third Passenger',
    ],
    ['book', 'crime', 'mystery'],
    [8, 17],
    0.45,
  ),
  product(
    '',
    ['Bread: A Baker Explains', 'One Pot, Forty Suppers', 'The Vegetable Year', 'Preserves and Pickles'],
    ['book', 'cooking', 'recipes'],
    [16, 34],
    0.2,
  ),
  product(
    '',
    [
      'A Short History of the Sea',
      'Maps That Made the World',
      'The Silk Roads by Rail',
      'Cities Before Clocks',
    ],
    ['book', 'history'],
    [14, 38],
    0.3,
  ),
  product(
    '',
    ['The Patient Astronomer', 'How Bridges Stand', 'Mathematics for the Curious', 'The Secret Life of Moss'],
    ['book', 'science'],
    [15, 36],
    0.25,
  ),
  product(
    '',
    [
      'Consensus in Practice',
      'The Art of the Small Program',
      'Databases from the Ground Up',
      'Systems That Stay Open',
    ],
    ['book', 'computer', 'software'],
    [29, 58],
    0.2,
  ),
  product(
    '',
    ['Otto and the Paper Boat', 'The Bear Who Missed Spring', 'Ten Sleepy Owls', 'Mina Builds a Kite'],
    ['book', 'children', 'picture'],
    [8, 16],
    0.3,
  ),
];

const ELECTRONICS = [
  product(
    'headphones',
    ['Closed-back', 'Open-back', 'Wireless', 'Folding travel'],
    ['audio', 'sound'],
    [49, 240],
    0.2,
  ),
  product(
    'speaker',
    ['Bookshelf', 'Portable', 'Kitchen', 'Waterproof'],
    ['audio', 'sound', 'music'],
    [39, 290],
    0.2,
  ),
  product(
    'keyboard',
    ['Mechanical', 'Compact', 'Low-profile', 'Split ergonomic'],
    ['computer', 'typing', 'usb'],
    [45, 190],
    0.2,
  ),
  product(
    'camera',
    ['35 mm rangefinder', 'Compact digital', 'Instant', 'Medium format'],
    ['photo', 'lens'],
    [120, 780],
    0.5,
  ),
  product(
    'USB-C cable',
    ['Braided 1 m', 'Braided 2 m', 'Flat 50 cm', 'Right-angled 1 m'],
    ['usb', 'cable', 'charger'],
    [6, 18],
    0,
  ),
  product(
    'radio',
    ['Short-wave', 'Bakelite table', 'Wind-up', 'DAB clock'],
    ['audio', 'retro'],
    [29, 150],
    0.35,
  ),
  product(
    'desk lamp',
    ['LED', 'Swing-arm', 'Clip-on', 'Dimmable brass'],
    ['lamp', 'light', 'office'],
    [22, 110],
    0.15,
  ),
  product(
    'power bank',
    ['10,000 mAh', '20,000 mAh', 'Solar', 'Slim'],
    ['battery', 'charger', 'usb'],
    [19, 65],
    0,
  ),
];

const KITCHEN = [
  product(
    'skillet',
    ['Cast iron 20 cm', 'Cast iron 26 cm', 'Carbon steel 28 cm', 'Copper 24 cm'],
    ['pan', 'cooking'],
    [28, 140],
    0.15,
  ),
  product('kettle', ['Stovetop', 'Gooseneck', 'Electric glass', 'Enamel'], ['tea', 'coffee'], [24, 95], 0.15),
  product('coffee grinder', ['Hand', 'Burr', 'Wall-mounted', 'Travel'], ['coffee', 'mill'], [25, 160], 0.25),
  product(
    "chef's knife",
    ['Forged 20 cm', 'Carbon steel 18 cm', 'Santoku', 'Damascus'],
    ['knife', 'cooking'],
    [39, 180],
    0.1,
  ),
  product(
    'mixing bowl',
    ['Stoneware', 'Steel', 'Nesting glass', 'Copper'],
    ['bowl', 'baking'],
    [14, 70],
    0.1,
  ),
  product('teapot', ['Cast iron', 'Blue porcelain', 'Brown betty', 'Glass'], ['tea', 'pot'], [19, 85], 0.3),
  product(
    'cutting board',
    ['Maple', 'Olive wood', 'End-grain walnut', 'Beech'],
    ['board', 'wood', 'cooking'],
    [18, 95],
    0.05,
  ),
  product(
    'mug',
    ['Speckled', 'Tall white', 'Enamel camping', 'Hand-thrown'],
    ['cup', 'tea', 'coffee'],
    [8, 26],
    0.05,
  ),
];

const FURNITURE = [
  product('bookcase', ['Oak', 'Walnut', 'Narrow pine', 'Barrister'], ['shelf', 'books'], [140, 620], 0.3),
  product('writing desk', ['Oak', 'Folding', 'Roll-top', 'Standing'], ['desk', 'office'], [180, 790], 0.3),
  product(
    'dining table',
    ['Round oak', 'Extending beech', 'Trestle', 'Farmhouse'],
    ['table', 'dining'],
    [260, 1200],
    0.3,
  ),
  product('chair', ['Windsor', 'Bentwood', 'Ladder-back', 'Leather reading'], ['seat'], [65, 480], 0.4),
  product('stool', ['Three-legged', 'Bar', 'Piano', 'Step'], ['seat', 'wood'], [35, 140], 0.25),
  product('armchair', ['Velvet', 'Wing-back', 'Rattan', 'Linen'], ['seat', 'living'], [190, 850], 0.35),
  product('coat stand', ['Bentwood', 'Iron', 'Ash', 'Wall-mounted'], ['hall', 'coat'], [39, 160], 0.3),
  product(
    'bedside table',
    ['Cherry', 'White', 'Floating oak', 'Painted'],
    ['bed', 'table', 'drawer'],
    [55, 210],
    0.2,
  ),
];

const GARDEN = [
  product(
    'secateurs',
    ['Bypass', 'Anvil', 'Left-handed', 'Florist'],
    ['garden', 'pruning', 'roses'],
    [16, 62],
    0.05,
  ),
  product(
    'spade',
    ['Digging', 'Border', 'Transplanting', "Children's"],
    ['garden', 'digging'],
    [18, 70],
    0.15,
  ),
  product(
    'watering can',
    ['Zinc 9 l', 'Copper 1 l', 'Long-reach', 'Green enamel'],
    ['garden', 'water', 'plants'],
    [14, 60],
    0.1,
  ),
  product('hand plane', ['Block', 'Smoothing', 'Jack', 'Rebate'], ['tool', 'wood'], [39, 190], 0.45),
  product(
    'chisel set',
    ['Bevel-edge', 'Mortise', "Carver's", 'Paring'],
    ['tool', 'wood', 'carving'],
    [45, 160],
    0.3,
  ),
  product('screwdriver', ['Ratchet', 'Precision', 'Insulated', 'Stubby'], ['tool', 'screws'], [8, 34], 0.05),
  product('hammer', ['Claw', 'Ball-peen', 'Rubber', 'Cross-pein'], ['tool', 'nails'], [12, 46], 0.2),
  product(
    'seeds',
    ['Heirloom tomato', 'Wildflower', 'Rainbow chard', 'Sweet pea'],
    ['garden', 'plants', 'seed'],
    [2, 6],
    0,
  ),
];

const CLOTHING = [
  product(
    'jumper',
    ['Fisherman', 'Merino', 'Fair Isle', 'Cable-knit'],
    ['wool', 'knit', 'warm'],
    [55, 160],
    0.15,
  ),
  product('shirt', ['Oxford', 'Linen', 'Flannel', 'Chambray'], ['cotton', 'shirts'], [35, 95], 0.1),
  product('raincoat', ['Yellow', 'Waxed', 'Packable', 'Long'], ['rain', 'coat', 'outdoor'], [69, 230], 0.15),
  product('scarf', ['Lambswool', 'Silk', 'Striped', 'Cashmere'], ['wool', 'winter'], [22, 110], 0.1),
  product('boots', ['Chelsea', 'Walking', 'Wellington', 'Chukka'], ['shoes', 'leather'], [59, 240], 0.2),
  product('socks', ['Hiking', 'Merino', 'Ribbed', 'Striped'], ['wool', 'sock'], [7, 22], 0),
  product('cap', ['Flat', 'Corduroy', 'Wool watch', 'Sailing'], ['hat', 'head'], [15, 48], 0.1),
  product('satchel', ['Leather', 'Canvas', 'Waxed cotton', 'School'], ['bag', 'leather'], [49, 210], 0.25),
];

const SPORT = [
  product(
    'tent',
    ['Two-person', 'Four-season', 'Ultralight', 'Family'],
    ['camping', 'outdoor'],
    [110, 520],
    0.2,
  ),
  product(
    'sleeping bag',
    ['Down', 'Summer', 'Three-season', "Children's"],
    ['camping', 'sleep'],
    [45, 290],
    0.1,
  ),
  product(
    'rucksack',
    ['Day', '45 litre', 'Roll-top', 'Alpine'],
    ['bag', 'hiking', 'outdoor'],
    [49, 210],
    0.2,
  ),
  product('bicycle', ['Touring', 'Folding', 'City', 'Gravel'], ['bike', 'cycling'], [320, 1650], 0.4),
  product('bicycle lamp', ['Front', 'Rear', 'Dynamo', 'Helmet'], ['bike', 'light', 'lamp'], [15, 75], 0.05),
  product(
    'flask',
    ['Steel 0.5 l', 'Steel 1 l', 'Wide-mouth', 'Hip'],
    ['bottle', 'drink', 'tea'],
    [14, 42],
    0.05,
  ),
  product('climbing rope', ['60 m single', '40 m gym', 'Half', 'Static'], ['rope', 'climbing'], [65, 190], 0),
  product(
    'tennis racket',
    ['Graphite', 'Junior', 'Wooden', 'Tournament'],
    ['tennis', 'racquet'],
    [29, 180],
    0.35,
  ),
];

const TOYS = [
  product(
    'blocks',
    ['Beech building', 'Alphabet', 'Magnetic', 'Castle'],
    ['toy', 'wood', 'building'],
    [18, 70],
    0.2,
  ),
  product(
    'chess set',
    ['Travel', 'Tournament', 'Carved', 'Magnetic'],
    ['chess', 'game', 'board'],
    [19, 140],
    0.25,
  ),
  product(
    'jigsaw',
    ['500-piece harbour', '1000-piece map', '2000-piece sky', 'Wooden animals'],
    ['puzzle', 'game'],
    [12, 42],
    0.3,
  ),
  product(
    'train set',
    ['Wooden', 'Wind-up tin', 'N gauge starter', 'Battery'],
    ['toy', 'railway'],
    [35, 220],
    0.3,
  ),
  product('teddy bear', ['Mohair', 'Brown', 'Pocket', 'Jointed'], ['toy', 'bear', 'soft'], [15, 95], 0.2),
  product('kite', ['Diamond', 'Box', 'Stunt', 'Dragon'], ['toy', 'wind', 'outdoor'], [12, 68], 0.05),
  product('card game', ['Trick-taking', 'Co-operative', 'Memory', 'Party'], ['game', 'cards'], [8, 26], 0.15),
  product(
    'board game',
    ['Railway', 'Harbour trading', 'Deduction', 'Farm'],
    ['game', 'family'],
    [22, 65],
    0.25,
  ),
];

const MUSIC = [
  product(
    'guitar',
    ['Classical', 'Steel-string', 'Travel', 'Twelve-string'],
    ['strings', 'acoustic'],
    [120, 720],
    0.4,
  ),
  product('ukulele', ['Soprano', 'Concert', 'Tenor', 'Baritone'], ['strings', 'small'], [39, 190], 0.15),
  product('recorder', ['Descant', 'Treble', 'Pearwood', 'School'], ['flute', 'wind'], [9, 120], 0.2),
  product('melodica', ['25-key', '32-key', '37-key', 'Bass'], ['keys', 'wind'], [29, 130], 0.2),
  product('drum', ['Frame', 'Djembe', 'Snare', 'Tongue'], ['rhythm', 'beat'], [45, 290], 0.3),
  product(
    'violin',
    ['Student 4/4', 'Student 3/4', 'Workshop', 'Electric'],
    ['strings', 'bow'],
    [140, 980],
    0.4,
  ),
  product(
    'record',
    ['Night Trains', 'Songs for Rain', 'Late Sonatas', 'Harbour Lights'],
    ['vinyl', 'lp', 'album'],
    [12, 36],
    0.5,
  ),
  product('metronome', ['Wind-up', 'Digital', 'Pyramid', 'Clip-on'], ['tempo', 'practice'], [12, 75], 0.2),
];

const ART = [
  product(
    'print',
    ['Linocut heron', 'Botanical fern', 'City map', 'Woodblock wave'],
    ['art', 'wall', 'paper'],
    [18, 120],
    0.1,
  ),
  product(
    'vase',
    ['Art deco', 'Celadon', 'Blown glass', 'Terracotta'],
    ['flowers', 'ceramic'],
    [22, 190],
    0.4,
  ),
  product('mirror', ['Sunburst', 'Gilt', 'Round brass', 'Bevelled'], ['wall', 'glass'], [39, 320], 0.45),
  product('clock', ['Carriage', 'Station', 'Cuckoo', 'Mantel'], ['time', 'antique'], [49, 420], 0.55),
  product('lamp', ['Brass banker', 'Stained-glass', 'Oil', 'Paper'], ['light', 'antique'], [35, 340], 0.5),
  product('paint set', ['Watercolour', 'Gouache', 'Oil', 'Acrylic'], ['art', 'paint', 'colour'], [16, 85], 0),
  product(
    'sketchbook',
    ['A5 hardback', 'A4 spiral', 'Toned', 'Watercolour'],
    ['art', 'paper', 'drawing'],
    [7, 28],
    0,
  ),
  product(
    'postcards',
    ['Seaside', 'Railway poster', 'Botanical', 'Night sky'],
    ['paper', 'vintage'],
    [5, 24],
    0.4,
  ),
];

/** By category, 0–9. */
export const PRODUCTS: readonly (readonly Product[])[] = [
  BOOKS,
  ELECTRONICS,
  KITCHEN,
  FURNITURE,
  GARDEN,
  CLOTHING,
  SPORT,
  TOYS,
  MUSIC,
  ART,
];
