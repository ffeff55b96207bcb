/** A seller of the demonstration catalogue. */
export interface DemoSeller {
  readonly username: string;
  readonly displayName: string;
  readonly categories: readonly number[];
}

/** The password of every demonstration seller; anybody may log in as one and look around. */
export const DEMO_PASSWORD = 'open all night';

export const SELLERS: readonly DemoSeller[] = [
  { username: 'demo-harbour-books', displayName: 'Harbour Street Books', categories: [0, 8] },
  { username: 'demo-second-shelf', displayName: 'The Second Shelf', categories: [0, 9] },
  { username: 'demo-kilo-volt', displayName: 'Kilovolt Electronics', categories: [1] },
  { username: 'demo-good-as-new', displayName: 'Good as New', categories: [1, 8, 7] },
  { username: 'demo-copper-pot', displayName: 'The Copper Pot', categories: [2] },
  { username: 'demo-table-and-hearth', displayName: 'Table & Hearth', categories: [2, 3] },
  { username: 'demo-nordlund', displayName: 'Nordlund Joinery', categories: [3] },
  { username: 'demo-green-thumb', displayName: 'Green Thumb Garden Supply', categories: [4] },
  { username: 'demo-workbench', displayName: 'Workbench & Sons', categories: [4, 6] },
  { username: 'demo-wool-and-linen', displayName: 'Wool and Linen', categories: [5] },
  { username: 'demo-north-ridge', displayName: 'North Ridge Outfitters', categories: [5, 6] },
  { username: 'demo-tin-soldier', displayName: 'The Tin Soldier', categories: [7] },
  { username: 'demo-fermata', displayName: 'Fermata Music', categories: [8] },
  { username: 'demo-attic', displayName: "Grandmother's Attic", categories: [9, 3] },
];
