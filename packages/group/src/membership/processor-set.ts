import type { MemberId, Processor } from '../model/processor.ts';

/**
 * Processors, each member with its newest life only. The failed ones are such a set too: there, an incarnation stands for
 * itself and all earlier ones. Sets only grow by `merge`, and there are finitely many of them, so agreeing ends.
 */
export class ProcessorSet {
  private readonly incarnations = new Map<MemberId, number>();

  /** True if that was news. */
  add({ id, incarnation }: Processor): boolean {
    if (this.has({ id, incarnation })) return false;
    this.incarnations.set(id, incarnation);
    return true;
  }

  /** True if any was news. */
  merge(processors: readonly Processor[]): boolean {
    return processors.map((processor) => this.add(processor)).includes(true);
  }

  /** This life or a later one. */
  has({ id, incarnation }: Processor): boolean {
    return (this.incarnations.get(id) ?? -1) >= incarnation;
  }

  incarnationOf(id: MemberId): number | undefined {
    return this.incarnations.get(id);
  }

  containsAll(processors: readonly Processor[]): boolean {
    return processors.every((processor) => this.has(processor));
  }

  equals(processors: readonly Processor[]): boolean {
    return (
      processors.length === this.incarnations.size &&
      processors.every(({ id, incarnation }) => this.incarnations.get(id) === incarnation)
    );
  }

  replaceBy(processors: readonly Processor[]): void {
    this.incarnations.clear();
    this.merge(processors);
  }

  /** In ascending order of ids. */
  list(): Processor[] {
    return [...this.incarnations]
      .map(([id, incarnation]) => ({ id, incarnation }))
      .sort((a, b) => a.id - b.id);
  }
}
