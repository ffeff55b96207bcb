export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** In cells; for tables that are redrawn, so that columns do not jump. */
  readonly minWidth?: number;
}

/** East Asian wide and emoji characters take two cells, combining marks none; good enough for names. */
function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) {
    if (/\p{Mn}|\p{Me}|\u200d|[\ufe00-\ufe0f]/u.test(character)) continue;
    cells +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return cells;
}

/**
 * Rows of plain text as aligned columns, two spaces apart, the titles first. `paintTitle` and `paintCell` may
 * add colours: they are applied after the width is known.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: {
    readonly title?: (text: string) => string;
    readonly cell?: (text: string, column: number, row: number) => string;
  } = {},
): string[] {
  const widths = columns.map(({ title, minWidth = 0 }, column) =>
    Math.max(minWidth, cellsOf(title), ...rows.map((row) => cellsOf(row[column] ?? ''))),
  );
  const line = (cells: readonly string[], colour: (text: string, column: number) => string): string =>
    columns
      .map(({ align }, column) => {
        const text = cells[column] ?? '';
        const space = ' '.repeat((widths[column] as number) - cellsOf(text));
        const last = column === columns.length - 1;
        return align === 'right' ? space + colour(text, column) : colour(text, column) + (last ? '' : space);
      })
      .join('  ')
      .trimEnd();
  const titles = columns.map(({ title }) => title);
  return [
    line(titles, (text) => paint.title?.(text) ?? text),
    ...rows.map((row, at) => line(row, (text, column) => paint.cell?.(text, column, at) ?? text)),
  ];
}
