// The routes as a table for people: from the same data that the OpenAPI document is made of.
import { OPEN_ROUTES, ROUTES, SIGNED_ROUTES } from '../../access/roles.ts';
import type { Described } from './described.ts';
import { API } from './routes.ts';

export function routesTable(): string {
  const described: Readonly<Record<string, Described>> = API;
  const routes = [...Object.keys(ROUTES), ...SIGNED_ROUTES, ...OPEN_ROUTES].sort((a, b) =>
    pathOf(a) < pathOf(b) ? -1 : Number(pathOf(a) > pathOf(b)),
  );
  return [
    '| route | |',
    '| --- | --- |',
    ...routes.map((route) => `| \`${route}\` | ${described[route]?.summary ?? ''} |`),
  ].join('\n');
}

const pathOf = (route: string): string => route.split(' ')[1] ?? '';
