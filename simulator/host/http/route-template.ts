// Parses ASP.NET route templates: `jobs/{id}`, `{id:int}`, `{id?}`, `{*rest}`.

import { StartError } from '../start-error.ts';
import { parseConstraints, type Constraint } from './route-constraints.ts';

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly constraints: readonly Constraint[];
      readonly optional: boolean;
    }
  | { readonly kind: 'rest'; readonly name: string };

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
  const [, rest, name, constraintText = '', optional] =
    /^\{(?:\*{1,2}([\w-]+)|([\w-]+)(:.+?)?(\?)?)\}$/.exec(text) ?? [];
  if (rest !== undefined) return { kind: 'rest', name: rest };
  const constraints = parseConstraints(constraintText);
  if (name === undefined || !constraints)
    throw new StartError(`Function "${owner}": the route segment "${text}" is not known to this host.`);
  return { kind: 'parameter', name, constraints, optional: optional !== undefined };
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
      if (!segment.constraints.every((accepts) => accepts(part))) return undefined;
      values[segment.name] = part;
    }
  }
  return path.length <= segments.length ? values : undefined;
}
