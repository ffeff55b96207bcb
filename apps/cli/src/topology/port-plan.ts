/** Where each kind of component listens: `basePort + offset + index`. */
export const PORT_PLAN = {
  /** `basePort` itself belongs to the gateway. */
  sellerServer: { offset: 1, count: 10 },
  buyerServer: { offset: 11, count: 10 },
  customersDb: { offset: 100, count: 20 },
  productsDb: { offset: 120, count: 20 },
  payment: { offset: 140, count: 1 },
  /** A replica listens for the others of its database so far above the port that it is called at. */
  peerOffset: 150,
  /** Ports from `basePort` on that belong to a marketplace; the upper half is for replicas among themselves. */
  span: 300,
} as const;
