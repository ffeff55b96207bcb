import type { SearchTermRow } from '../schema/search.ts';
import { namedQuery, type NamedQuery } from '../queries/named-query.ts';

/**
 * The terms from `:first` on that are below `:end`, at most `:max` of them: each step is one look into the
 * index, however many items have the term.
 */
export const TERMS_IN_RANGE: NamedQuery = namedQuery({
  name: 'search_terms_in_range',
  sql: `
    WITH RECURSIVE found (term, number) AS (
      SELECT (SELECT MIN(t.term) FROM search_terms AS t WHERE t.term >= :first AND t.term < :end), 1
      UNION ALL
      SELECT (SELECT MIN(t.term) FROM search_terms AS t WHERE t.term > found.term AND t.term < :end), number + 1
      FROM found WHERE found.term IS NOT NULL AND number < :max
    )
    SELECT term FROM found WHERE term IS NOT NULL ORDER BY term`,
  reference: (rows, { first, end, max }) => {
    const terms = new Set(rows<SearchTermRow>('search_terms').map((row) => row.term));
    return [...terms]
      .filter((term) => compareUtf8(term, first as string) >= 0 && compareUtf8(term, end as string) < 0)
      .toSorted(compareUtf8)
      .slice(0, max as number)
      .map((term) => ({ term }));
  },
});

/** Stores order texts by their UTF-8 bytes, which is not how JavaScript compares strings. */
function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
