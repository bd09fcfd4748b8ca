// Finds the function for a request.

import type { AppFunction } from '../app/functions.ts';
import { parseRouteTemplate, type RouteTemplate } from './route-template.ts';

export type RouteMatch =
  | {
      readonly kind: 'found';
      readonly function: AppFunction;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'wrongMethod'; readonly allowed: readonly string[] };

interface FunctionRoute {
  readonly function: AppFunction;
  readonly template: RouteTemplate;
  readonly methods: readonly string[];
}

/** Finds the most specific route that matches the path and allows the method. */
export type Router = (method: string, path: readonly string[]) => RouteMatch;

export function createRouter(functions: readonly AppFunction[], prefix: string): Router {
  const routes = functions
    .map((target) => toRoute(target, prefix))
    .sort((a, b) => Number(a.template.rank > b.template.rank) - Number(a.template.rank < b.template.rank));
  return (method, path) => {
    const allowed = new Set<string>();
    for (const route of routes) {
      const params = route.template.match(path);
      if (!params) continue;
      if (route.methods.includes(method)) return { kind: 'found', function: route.function, params };
      for (const other of route.methods) allowed.add(other);
    }
    return allowed.size > 0 ? { kind: 'wrongMethod', allowed: [...allowed] } : { kind: 'notFound' };
  };
}

function toRoute(owner: AppFunction, prefix: string): FunctionRoute {
  const { route, methods } = owner.trigger;
  const path = typeof route === 'string' ? route : owner.name;
  const list = Array.isArray(methods) && methods.length > 0 ? methods.map(String) : ['GET', 'POST'];
  return {
    function: owner,
    template: parseRouteTemplate(`${prefix}/${path}`, owner.name),
    methods: list.map((method) => method.toUpperCase()),
  };
}
