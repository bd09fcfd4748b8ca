// Finds the route of a request by its method and path.

/**
 * A route with `{name}` for one path segment and `{name+}` for several segments. Azure ignores the
 * case of the fixed segments, so routes do too.
 */
export interface Route<Answering> {
  readonly method: string;
  readonly pattern: string;
  readonly answer: Answering;
}

/** The handler of the matching route and the parameters from the path. */
export interface Match<Answering> {
  readonly answer: Answering;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Decodes a path segment. Returns invalid encodings unchanged; no resource has such a name. */
export function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const toRegExp = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll('.', '\\.')
      .replaceAll(/\{(\w+)\+\}/g, '(?<$1>.+)')
      .replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`,
    'i',
  );

/**
 * Returns a function that finds the first matching route, or undefined. The function decodes the
 * parameters.
 */
export function createMatcher<Answering>(
  routes: readonly Route<Answering>[],
): (method: string, path: string) => Match<Answering> | undefined {
  const compiled = routes.map((route) => ({ route, expression: toRegExp(route.pattern) }));
  return (method, path) => {
    for (const { route, expression } of compiled) {
      const found = route.method === method ? expression.exec(path) : null;
      if (found)
        return {
          answer: route.answer,
          parameters: Object.fromEntries(
            Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeSafely(value)]),
          ),
        };
    }
    return undefined;
  };
}
