/** What the ten numbered categories hold in the demonstration catalogue. The marketplace knows the numbers only. */
export const CATEGORY_NAMES = [
  'Books',
  'Electronics',
  'Kitchen',
  'Furniture',
  'Garden & tools',
  'Clothing',
  'Sport & outdoors',
  'Toys & games',
  'Music',
  'Art & antiques',
] as const;
