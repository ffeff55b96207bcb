import { LIMITS } from '@everopen/contract';
import type {
  AbortOrderRequest,
  CancelOrderRequest,
  ConfirmOrderRequest,
  CountFeedbackRequest,
  OrderKeyRequest,
  OrderLine,
  PlaceOrderRequest,
} from '@everopen/contract/products';
import { formatUuid, parseUuid, uuidV7UnixMs } from '@everopen/core';
import { invalid } from './invalid.ts';
import { checkCurrency, checkPrice } from './listing.ts';
import { checkId, checkInteger } from './numbers.ts';
import { checkText } from './text.ts';

const PAYMENT_REFERENCE_MAX_CHARS = 64;
const CANCEL_REASON_MAX_CHARS = 64;

/** An order without what the database fills in itself: sellers and names. */
export function checkPlaceOrder(request: PlaceOrderRequest): PlaceOrderRequest {
  const { lines } = request;
  if (lines.length < 1 || lines.length > LIMITS.cartLines) {
    throw invalid('lines', `must be 1 to ${LIMITS.cartLines}`, { min: 1, max: LIMITS.cartLines });
  }
  const seen = new Set<number>();
  return {
    orderKey: checkOrderKey(request.orderKey),
    buyerId: checkId(request.buyerId, 'buyer_id'),
    lines: lines.map((line, i) => {
      const checked = checkLine(line, `lines[${i}]`);
      if (seen.has(checked.itemId)) throw invalid(`lines[${i}].item_id`, 'is in an earlier line already');
      seen.add(checked.itemId);
      return checked;
    }),
  };
}

export function checkConfirmOrder(request: ConfirmOrderRequest): ConfirmOrderRequest {
  return {
    orderKey: checkOrderKey(request.orderKey),
    paymentReference: checkText(request.paymentReference, 'payment_reference', PAYMENT_REFERENCE_MAX_CHARS),
  };
}

export function checkCancelOrder(request: CancelOrderRequest): CancelOrderRequest {
  return {
    orderKey: checkOrderKey(request.orderKey),
    reason: checkText(request.reason, 'reason', CANCEL_REASON_MAX_CHARS),
    reasonDetails: checkReasonDetails(request.reasonDetails),
  };
}

/** A reason may be missing: logs from before there was one hold such commands. */
export function checkAbortOrder(request: AbortOrderRequest): AbortOrderRequest {
  const { reason } = request;
  const reasonDetails = checkReasonDetails(request.reasonDetails);
  if (reason === '' && reasonDetails !== '') throw invalid('reason_details', 'must come with a reason');
  return {
    orderKey: checkOrderKey(request.orderKey),
    reason: reason === '' ? '' : checkText(reason, 'reason', CANCEL_REASON_MAX_CHARS),
    reasonDetails,
  };
}

export function checkOrderKeyRequest(request: OrderKeyRequest): OrderKeyRequest {
  return { orderKey: checkOrderKey(request.orderKey) };
}

export function checkCountFeedback(request: CountFeedbackRequest): CountFeedbackRequest {
  return {
    feedbackNumber: checkId(request.feedbackNumber, 'feedback_number'),
    itemId: checkId(request.itemId, 'item_id'),
    thumbsUp: request.thumbsUp,
  };
}

/**
 * Details are the purchase flow's: here they are any object in JSON's outer form. Printable ASCII, since JSON
 * can escape all else; so a character is a byte, and no version of Unicode or of a parser decides anything.
 */
function checkReasonDetails(details: string): string {
  const max = LIMITS.refusalDetailsMaxBytes;
  if (details.length > max) throw invalid('reason_details', `must be at most ${max} bytes`, { max });
  if (details !== '' && !/^\{[\x20-\x7e]*\}$/.test(details)) {
    throw invalid('reason_details', 'must be a JSON object in printable ASCII');
  }
  return details;
}

/** A version 7 UUID in its canonical text: lower case. */
function checkOrderKey(text: string): string {
  try {
    const bytes = parseUuid(text);
    uuidV7UnixMs(bytes);
    return formatUuid(bytes);
  } catch {
    throw invalid('order_key', 'must be a version 7 UUID (RFC 9562)');
  }
}

function checkLine(line: OrderLine, field: string): OrderLine {
  return {
    itemId: checkId(line.itemId, `${field}.item_id`),
    quantity: checkInteger(line.quantity, `${field}.quantity`, 1, LIMITS.unitsPerCartLine),
    unitPriceMinor: checkPrice(line.unitPriceMinor, `${field}.unit_price_minor`),
    currency: checkCurrency(line.currency, `${field}.currency`),
    sellerId: 0,
    name: '',
  };
}
