/** As much of an OpenAPI document as is touched here. */
export interface OpenApiDocument {
  readonly paths?: object;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

const REFERENCE = /"#\/components\/schemas\/([A-Za-z0-9]+)"/g;

/**
 * The document with the schemas that its paths lead to. The generator lists every named schema of the
 * process twice, as read and as written (`…Input`); a schema of which one form is used gets the plain name.
 */
export function withoutUnusedSchemas(document: OpenApiDocument): OpenApiDocument {
  const all = document.components?.schemas ?? {};
  const used = new Set<string>();
  const follow = (part: object): void => {
    for (const [, name] of JSON.stringify(part).matchAll(REFERENCE)) {
      if (name === undefined || used.has(name)) continue;
      used.add(name);
      follow(all[name] ?? {});
    }
  };
  follow(document.paths ?? {});
  const plainName = (name: string): string => {
    const plain = name.replace(/Input$/, '');
    return used.has(plain) ? name : plain;
  };
  const schemas = Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => used.has(name))
      .map(([name, schema]) => [plainName(name), schema]),
  );
  const pruned = { ...document, components: { ...document.components, schemas } };
  return JSON.parse(
    JSON.stringify(pruned).replaceAll(
      REFERENCE,
      (_all, name: string) => `"#/components/schemas/${plainName(name)}"`,
    ),
  ) as OpenApiDocument;
}
