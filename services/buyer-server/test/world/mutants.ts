import { callOf } from '../../src/purchase/call-of.ts';
import type {
  PurchaseCall,
  PurchaseEvent,
  PurchasePhase,
  PurchaseState,
  PurchaseStep,
} from '../../src/purchase/purchase-state.ts';
import type { ExpectedLine } from '../../src/purchase/purchase-types.ts';
import { refusal } from '../../src/purchase/refusals.ts';
import { stepPurchase } from '../../src/purchase/step-purchase.ts';
import type { Shop } from './shop.ts';

/** A purchase flow with one deliberate fault. The simulation must see it, or it sees nothing. */
export interface Mutant {
  readonly name: string;
  /** What a run under this mutant has to fail with; any other error is a fault of the mutant. */
  readonly caughtAs: RegExp;
  step(shop: Shop, state: PurchaseState, event: PurchaseEvent): PurchaseStep;
}

/** Just charged, or confirmed by a faster server already. */
const CANCELS_WHAT_IS_PAID = /charged, and the order is cancelled|A paid order cannot be cancelled/;

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'charges before the order exists',
    caughtAs: /charged, and there is no order/,
    step: (_shop, state, event) => {
      if (state.phase.name === 'placing-order' && event.kind === 'verdict') return enter(state, state.phase);
      const next = stepPurchase(state, event);
      const { phase } = next.state;
      if (phase.name !== 'placing-order' || next.effects[0]?.kind !== 'call') return next;
      const amountMinor = totalOf(phase.checkout.lines);
      return calling(next.state, { call: 'charge', key: state.task.key, amountMinor, currency: 'EUR' });
    },
  },
  {
    name: 'takes the silence of payment for a no',
    caughtAs: CANCELS_WHAT_IS_PAID,
    step: (_shop, state, event) => {
      const { phase } = state;
      if (phase.name !== 'charging' || event.kind !== 'failed') return stepPurchase(state, event);
      return enter(state, { name: 'cancelling', order: phase.order, refusal: refusal('PaymentDeclined') });
    },
  },
  {
    name: 'cancels old orders without asking payment',
    caughtAs: CANCELS_WHAT_IS_PAID,
    step: (_shop, state, event) => {
      const { task } = state;
      if (event.kind !== 'started' || task.mode !== 'order-sweep' || task.order.state !== 'reserved') {
        return stepPurchase(state, event);
      }
      return enter(state, { name: 'cancelling', order: task.order, refusal: refusal('PaymentVoided') });
    },
  },
  {
    name: 'believes in its own void, whatever the ledger answers',
    caughtAs: CANCELS_WHAT_IS_PAID,
    step: (_shop, state, event) => {
      if (state.phase.name !== 'voiding' || event.kind !== 'verdict') return stepPurchase(state, event);
      return stepPurchase(state, { kind: 'verdict', verdict: { result: 'voided' } });
    },
  },
  {
    name: 'takes a void that was not answered for done',
    caughtAs: CANCELS_WHAT_IS_PAID,
    step: (_shop, state, event) => {
      if (state.phase.name !== 'voiding' || event.kind !== 'failed') return stepPurchase(state, event);
      return stepPurchase(state, { kind: 'verdict', verdict: { result: 'voided' } });
    },
  },
  {
    name: 'takes an old reserved order for paid',
    caughtAs: /paid, and payment says (undefined|voided|declined)|paid with another reference/,
    step: (_shop, state, event) => {
      const { task } = state;
      if (event.kind !== 'started' || task.mode !== 'order-sweep' || task.order.state !== 'reserved') {
        return stepPurchase(state, event);
      }
      return enter(state, { name: 'confirming', order: task.order, reference: 'assumed' });
    },
  },
  {
    name: 'reads the price again before it orders',
    caughtAs: /the buyer saw \d+ and paid|was refused: InvalidArgument/,
    step: (shop, state, event) => {
      const next = stepPurchase(state, event);
      return mapCalls(next, (call) =>
        call.call === 'place-order' ? { ...call, lines: atPricesOfNow(shop, call.lines) } : call,
      );
    },
  },
  {
    name: 'reads the price again before it charges',
    caughtAs: /charged is not what the order says/,
    step: (shop, state, event) => {
      const { phase } = state;
      const next = stepPurchase(state, event);
      return mapCalls(next, (call) => {
        const order = next.state.phase.name === 'charging' ? next.state.phase.order : undefined;
        if (call.call !== 'charge' || order === undefined || phase.name === 'charging') return call;
        return { ...call, amountMinor: totalOf(atPricesOfNow(shop, order.lines)) };
      });
    },
  },
  {
    name: 'tries the charge again under a new key',
    caughtAs: /charged, and there is no order/,
    step: (_shop, state, event) =>
      mapCalls(stepPurchase(state, event), (call) =>
        call.call === 'charge' && event.kind === 'retry'
          ? { ...call, key: `${call.key}.${state.attempts}` }
          : call,
      ),
  },
  {
    name: 'skips the history when it finds the order paid',
    caughtAs: /recorded, and not in the history/,
    step: (_shop, state, event) => {
      const { phase } = state;
      if (phase.name !== 'placing-order' || event.kind !== 'order' || event.order.state !== 'paid') {
        return stepPurchase(state, event);
      }
      const { state: next, effects } = enter(state, { name: 'marking-recorded', order: event.order });
      const result = { status: 'paid', order: event.order } as const;
      return { state: next, effects: [{ kind: 'answer', result }, ...effects] };
    },
  },
  {
    name: 'gives the lines back without a tombstone',
    caughtAs: /lines are back, and the order may come/,
    step: (_shop, state, event) => {
      const next = stepPurchase(state, event);
      const { phase } = next.state;
      if (state.phase.name !== 'placing-order' || phase.name !== 'aborting-order') return next;
      return enter(state, { name: 'aborting-checkout', refusal: phase.refusal });
    },
  },
  {
    name: 'takes a lost order for a refused one',
    caughtAs: /lines are back, and the order may come/,
    step: (_shop, state, event) => {
      if (state.phase.name !== 'placing-order' || event.kind !== 'failed') return stepPurchase(state, event);
      return enter(state, { name: 'aborting-checkout', refusal: event.failure });
    },
  },
  {
    name: 'ends an old checkout although its order is reserved',
    caughtAs: /lines are back, and the order may come/,
    step: (_shop, state, event) => {
      const { phase } = state;
      if (phase.name !== 'aborting-order' || event.kind !== 'order' || event.order.state !== 'reserved') {
        return stepPurchase(state, event);
      }
      return enter(state, { name: 'aborting-checkout', refusal: phase.refusal });
    },
  },
  {
    name: 'answers with its own refusal, whatever the order keeps',
    caughtAs: /refused as .* first, then|told .* is kept/,
    step: (_shop, state, event) => {
      const next = stepPurchase(state, event);
      const { phase } = state;
      if (phase.name !== 'aborting-order' && phase.name !== 'cancelling') return next;
      if (next.state.phase.name !== 'aborting-checkout') return next;
      return enter(state, { name: 'aborting-checkout', refusal: phase.refusal });
    },
  },
  {
    name: 'keeps the code of a refusal alone',
    caughtAs: /a refusal for the lines at fault does not name them/,
    step: (_shop, state, event) =>
      mapCalls(stepPurchase(state, event), (call) =>
        call.call === 'abort-order' ? { ...call, reasonDetails: '' } : call,
      ),
  },
  {
    name: 'says "paid" before the order is',
    caughtAs: /"paid" for an order that is reserved/,
    step: (_shop, state, event) => {
      const { phase } = state;
      const charged = event.kind === 'verdict' && event.verdict.result === 'charged';
      if (phase.name !== 'charging' || !charged) return stepPurchase(state, event);
      const finished: PurchaseState = { ...state, phase: { name: 'finished' } };
      return {
        state: finished,
        effects: [{ kind: 'answer', result: { status: 'paid', order: phase.order } }],
      };
    },
  },
  {
    name: 'says "refused" while payment may still charge',
    caughtAs:
      /refused as PaymentVoided, and charged|told "paid" and PaymentVoided|PaymentVoided.* first, then/,
    step: (_shop, state, event) => {
      if (state.phase.name !== 'charging' || event.kind !== 'deadline') return stepPurchase(state, event);
      const finished: PurchaseState = { ...state, phase: { name: 'finished' } };
      const result = { status: 'refused', refusal: refusal('PaymentVoided') } as const;
      return { state: finished, effects: [{ kind: 'answer', result }] };
    },
  },
];

function enter(state: PurchaseState, phase: PurchasePhase): PurchaseStep {
  const next = { task: state.task, phase, attempts: 0 };
  const call = callOf(next);
  return call === undefined ? { state: next, effects: [] } : calling(next, call);
}

function calling(state: PurchaseState, call: PurchaseCall): PurchaseStep {
  return { state, effects: [{ kind: 'call', call }] };
}

function mapCalls(
  { state, effects }: PurchaseStep,
  change: (call: PurchaseCall) => PurchaseCall,
): PurchaseStep {
  return {
    state,
    effects: effects.map((effect) =>
      effect.kind === 'call' ? { kind: 'call', call: change(effect.call) } : effect,
    ),
  };
}

function atPricesOfNow(shop: Shop, lines: readonly ExpectedLine[]): ExpectedLine[] {
  return lines.map((line) => {
    const item = shop.databases.productsState.items.get(line.itemId);
    return { ...line, unitPriceMinor: item?.price_minor ?? line.unitPriceMinor };
  });
}

function totalOf(lines: readonly ExpectedLine[]): number {
  return lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0);
}
