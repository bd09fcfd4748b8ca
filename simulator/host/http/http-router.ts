// Finds the function for a request as Azure does: the host tries the functions in the order of their
// names, and the first function that takes the path and the method gets the request.

import type { AppFunction } from '../app/functions.ts';
import { parseRouteTemplate } from './route-template.ts';

export interface RouteMatch {
  readonly function: AppFunction;
  readonly params: Readonly<Record<string, string>>;
}

/** Returns undefined when no function takes the request. A wrong method is no other case than that. */
export type Router = (method: string, path: readonly string[]) => RouteMatch | undefined;

export function createRouter(functions: readonly AppFunction[], prefix: string): Router {
  const routes = functions
    .toSorted((a, b) => compareNames(a.name, b.name))
    .map((owner) => {
      const { route, methods } = owner.trigger;
      const path = typeof route === 'string' && route !== '' ? route : owner.name;
      const list = Array.isArray(methods) && methods.length > 0 ? methods.map(String) : ['GET', 'POST'];
      return {
        function: owner,
        template: parseRouteTemplate(`${prefix}/${path}`, owner.name),
        methods: list.map((method) => method.toUpperCase()),
      };
    });
  return (method, path) => {
    for (const route of routes) {
      const params = route.methods.includes(method) ? route.template.match(path) : undefined;
      if (params) return { function: route.function, params };
    }
    return undefined;
  };
}

/** .NET compares names without case, character by character. */
function compareNames(a: string, b: string): number {
  const [first, second] = [a.toUpperCase(), b.toUpperCase()];
  return first < second ? -1 : first > second ? 1 : 0;
}
