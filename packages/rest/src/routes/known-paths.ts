/** Which methods a path knows, to tell a wrong method from a wrong path. */
export interface KnownPaths {
  add(method: string, path: string): void;
  methodsOf(path: string): readonly string[];
}

export function knownPaths(): KnownPaths {
  const patterns: { readonly method: string; readonly pattern: RegExp }[] = [];
  return {
    add: (method, path) => {
      patterns.push({ method, pattern: new RegExp(`^${path.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`) });
    },
    methodsOf: (path) => patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method),
  };
}
