// Which of many routes a path belongs to.

/**
 * A path with `{names}` in it; `{name+}` takes several parts. Azure does not care for the casing of
 * the fixed parts.
 */
export interface Route<Answering> {
  readonly method: string;
  readonly pattern: string;
  readonly answer: Answering;
}

export interface Match<Answering> {
  readonly answer: Answering;
  readonly parameters: Readonly<Record<string, string>>;
}

/** A name that is no valid encoding is taken as it is; then nothing is called so. */
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

/** Names come out decoded. A path that no pattern fits gives nothing; the first that fits is taken. */
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
