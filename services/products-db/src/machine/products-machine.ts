import type { ApplyContext, StateMachine } from '@everopen/replica';
import { decodeCommand } from '../validation/encode-command.ts';
import { countFeedback } from './count-feedback.ts';
import { addUnits, changePrice, listItem, removeUnits } from './listings.ts';
import { abortOrder, cancelOrder, confirmOrder, markOrderRecorded } from './order-steps.ts';
import { placeOrder } from './place-order.ts';
import { createProductsState, type ProductsState } from './products-state.ts';

/**
 * The products database as a deterministic function: a `ProductsCommand` in, the encoded answer and the
 * changed rows out. It trusts nobody, the edge neither: every field is checked again.
 */
export class ProductsMachine implements StateMachine {
  readonly name = 'products';
  readonly state: ProductsState = createProductsState();
  readonly tables = this.state.tables;

  apply(payload: Uint8Array, context: ApplyContext): Uint8Array {
    const { state } = this;
    const command = decodeCommand(payload);
    switch (command.$case) {
      case 'listItem':
        return listItem(state, command.value, context);
      case 'changePrice':
        return changePrice(state, command.value);
      case 'addUnits':
        return addUnits(state, command.value);
      case 'removeUnits':
        return removeUnits(state, command.value);
      case 'placeOrder':
        return placeOrder(state, command.value, context);
      case 'confirmOrder':
        return confirmOrder(state, command.value);
      case 'cancelOrder':
        return cancelOrder(state, command.value, context);
      case 'abortOrder':
        return abortOrder(state, command.value, context);
      case 'markOrderRecorded':
        return markOrderRecorded(state, command.value, context);
      case 'countFeedback':
        return countFeedback(state, command.value);
    }
  }
}
