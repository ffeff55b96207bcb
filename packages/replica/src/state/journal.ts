import type { RowChange, RowOf } from './schema.ts';

/** A table that can take back a change: puts `before` where `change.row` is. */
export interface Undoable {
  undo(change: RowChange, before: RowOf | undefined): void;
}

/** The changes of the command that is being applied, and what is needed to take them back. */
export class Journal {
  private changes: RowChange[] = [];
  private before: (RowOf | undefined)[] = [];
  private tables: Undoable[] = [];
  private open = false;

  begin(): void {
    if (this.open) throw new Error('A command is being applied already');
    this.open = true;
  }

  /** Called by a table before it makes a change. */
  assertOpen(): void {
    if (!this.open) throw new Error('Rows are changed by commands only, between begin and commit');
  }

  record(table: Undoable, change: RowChange, before: RowOf | undefined): void {
    this.tables.push(table);
    this.changes.push(change);
    this.before.push(before);
  }

  commit(): RowChange[] {
    // The array becomes the caller's, also an empty one.
    const changes = this.changes.length === 0 ? [] : this.changes;
    this.end();
    return changes;
  }

  rollback(): void {
    for (let i = this.changes.length - 1; i >= 0; i--) {
      (this.tables[i] as Undoable).undo(this.changes[i] as RowChange, this.before[i]);
    }
    this.end();
  }

  private end(): void {
    if (!this.open) throw new Error('No command is being applied');
    this.open = false;
    if (this.changes.length === 0) return;
    this.changes = [];
    this.before = [];
    this.tables = [];
  }
}
