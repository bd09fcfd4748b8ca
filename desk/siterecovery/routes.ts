// Which handler answers which path below a vault.

import type { Answer } from '../wire/exchange.ts';

/** A path with `{names}` in it. Azure does not care for the casing of its fixed parts. */
export interface Route<Context> {
  readonly method: string;
  readonly pattern: string;
  readonly answer: (context: Context, names: Readonly<Record<string, string>>) => Answer | undefined;
}

type Match<Context> = (method: string, path: string) => { route: Route<Context>; names: Record<string, string> } | undefined;

/** A name that is no valid encoding is taken as it is; then nothing is called so. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Names come out decoded. A path that no pattern fits gives nothing. */
export function matcher<Context>(routes: readonly Route<Context>[]): Match<Context> {
  const compiled = routes.map((route) => ({
    route,
    expression: new RegExp(`^${route.pattern.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`, 'i'),
  }));
  return (method, path) => {
    for (const { route, expression } of compiled) {
      const found = route.method === method ? expression.exec(path) : null;
      if (found) {
        const names = Object.entries(found.groups ?? {}).map(([key, value]) => [key, decoded(value)]);
        return { route, names: Object.fromEntries(names) as Record<string, string> };
      }
    }
    return undefined;
  };
}
