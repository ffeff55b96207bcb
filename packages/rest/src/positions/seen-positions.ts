import { formatPositions, type Positions } from '@everopen/contract/rest';
import type { DatabaseName, KnownPositions } from './known-positions.ts';

/** An answer of a database with the position that it reflects. */
export interface Positioned<Response> {
  readonly response: Response;
  readonly position: string | undefined;
}

/** The positions of one request: what its client had seen before, and what it sees with the answer. */
export class SeenPositions {
  private readonly before: Positions;
  private readonly known: KnownPositions;
  private customers: string | undefined;
  private products: string | undefined;

  constructor(before: Positions, known: KnownPositions) {
    this.before = before;
    this.known = known;
  }

  /** The response of a call, its position taken note of. */
  async of<Response>(database: DatabaseName, call: Promise<Positioned<Response>>): Promise<Response> {
    const { response, position } = await call;
    if (position !== undefined) {
      this.known.note(database, position);
      this[database] = position;
    }
    return response;
  }

  /** The answer reflects all that this server has seen: for work that was done in several calls. */
  seeNewest(): void {
    this.customers = this.known.newest('customers') ?? this.customers;
    this.products = this.known.newest('products') ?? this.products;
  }

  readAt(database: DatabaseName): string | undefined {
    return this.known.readAt(database, this.before[database]);
  }

  /** For the answer's header: what was read now, and what was brought where nothing was read. */
  header(): string {
    const customers = this.customers ?? this.before.customers;
    const products = this.products ?? this.before.products;
    return formatPositions({
      ...(customers === undefined ? {} : { customers }),
      ...(products === undefined ? {} : { products }),
    });
  }
}
