// Parses ASP.NET route templates: `jobs/{id}`, `{id:int}`, `{id?}`, `{*rest}`.

import { StartError } from '../start-error.ts';

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly constraint: RegExp | undefined;
      readonly optional: boolean;
    }
  | { readonly kind: 'rest'; readonly name: string };

const CONSTRAINTS: Readonly<Record<string, RegExp>> = {
  int: /^-?\d{1,10}$/,
  long: /^-?\d{1,19}$/,
  bool: /^(true|false)$/i,
  guid: /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i,
  alpha: /^[a-z]+$/i,
};

export interface RouteTemplate {
  /**
   * Returns the parameters' values, or undefined when the path does not match. `path` holds decoded
   * segments.
   */
  match(path: readonly string[]): Record<string, string> | undefined;
}

export function parseRouteTemplate(template: string, owner: string): RouteTemplate {
  const segments = template
    .split('/')
    .filter(Boolean)
    .map((text) => parseSegment(text, owner));
  return { match: (path) => matchSegments(segments, path) };
}

function parseSegment(text: string, owner: string): Segment {
  if (!text.includes('{') && !text.includes('}')) return { kind: 'literal', text: text.toLowerCase() };
  const [, rest, name, type, optional] =
    /^\{(?:\*{1,2}([\w-]+)|([\w-]+)(?::(\w+))?(\?)?)\}$/.exec(text) ?? [];
  if (rest !== undefined) return { kind: 'rest', name: rest };
  const constraint = type === undefined ? undefined : CONSTRAINTS[type.toLowerCase()];
  if (name === undefined || (type !== undefined && !constraint))
    throw new StartError(`Function "${owner}": the route segment "${text}" is not known to this host.`);
  return { kind: 'parameter', name, constraint, optional: optional !== undefined };
}

function matchSegments(
  segments: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const values: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = path[index];
    if (segment.kind === 'rest') {
      values[segment.name] = path.slice(index).join('/');
      return values;
    }
    if (part === undefined) {
      if (segment.kind === 'parameter' && segment.optional) continue;
      return undefined;
    }
    // No segment matches an empty one, such as the one in `//`.
    if (part === '') return undefined;
    if (segment.kind === 'literal') {
      if (part.toLowerCase() !== segment.text) return undefined;
    } else {
      if (segment.constraint?.test(part) === false) return undefined;
      values[segment.name] = part;
    }
  }
  return path.length <= segments.length ? values : undefined;
}
