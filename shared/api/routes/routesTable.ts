// The routes as a table for people: from the same data that the OpenAPI document is made of.
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../../access/roles.ts';
import type { RouteDescription } from './routeDescription.ts';
import { ALL_ROUTES } from './allRoutes.ts';

export function routesTable(): string {
  const described: Readonly<Record<string, RouteDescription>> = ALL_ROUTES;
  const routes = [...Object.keys(ROUTE_ROLES), ...SIGNED_ROUTES, ...OPEN_ROUTES].sort((a, b) =>
    pathOf(a) < pathOf(b) ? -1 : Number(pathOf(a) > pathOf(b)),
  );
  return [
    '| route | |',
    '| --- | --- |',
    ...routes.map((route) => `| \`${route}\` | ${described[route]?.summary ?? ''} |`),
  ].join('\n');
}

const pathOf = (route: string): string => route.split(' ')[1] ?? '';
