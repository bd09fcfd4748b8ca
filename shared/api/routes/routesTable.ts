// Builds the table of routes for people, from the same data as the OpenAPI document.
import { OPEN_ROUTES, ROUTE_ROLES, SIGNED_ROUTES } from '../../access/roles.ts';
import type { RouteDescription } from './routeDescription.ts';
import { ALL_ROUTES } from './allRoutes.ts';

/** The routes as a Markdown table. */
export function routesTable(): string {
  const described: Readonly<Record<string, RouteDescription>> = ALL_ROUTES;
  const routes = [...Object.keys(ROUTE_ROLES), ...SIGNED_ROUTES, ...OPEN_ROUTES].sort((first, second) =>
    pathOf(first) < pathOf(second) ? -1 : Number(pathOf(first) > pathOf(second)),
  );
  return [
    '| route | |',
    '| --- | --- |',
    ...routes.map((route) => `| \`${route}\` | ${described[route]?.summary ?? ''} |`),
  ].join('\n');
}

const pathOf = (route: string): string => route.split(' ')[1] ?? '';
