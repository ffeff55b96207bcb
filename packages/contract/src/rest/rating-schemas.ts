import { z } from 'zod';
import { amount, idField } from './number-fields.ts';

const ratingShape = {
  sellerId: idField,
  displayName: z.string(),
  thumbsUp: amount,
  thumbsDown: amount,
  itemsSold: amount.meta({ description: 'Units in finished purchases' }),
};

/** A seller's rating, as everybody sees it. */
export const sellerRatingAnswer = z.object(ratingShape).meta({ id: 'SellerRating' });

/** A seller's own rating, with what was sold for how much. */
export const ownRatingAnswer = z
  .object({
    ...ratingShape,
    sales: z.object({
      orders: amount,
      unitsSold: amount.meta({ description: 'Units in paid orders' }),
      revenue: z.array(z.object({ currency: z.string(), totalMinor: amount })),
    }),
  })
  .meta({ id: 'OwnRating' });

/** A buyer's word on an item from the purchase history: once for each item. */
export const feedbackRequest = z
  .strictObject({ itemId: idField, thumbsUp: z.boolean() })
  .meta({ id: 'FeedbackRequest' });
export const feedbackAnswer = z
  .object({ itemId: idField, sellerId: idField, thumbsUp: z.boolean() })
  .meta({ id: 'Feedback' });

export type SellerRating = z.infer<typeof sellerRatingAnswer>;
export type OwnRating = z.infer<typeof ownRatingAnswer>;
export type FeedbackRequest = z.infer<typeof feedbackRequest>;
export type Feedback = z.infer<typeof feedbackAnswer>;
